package jsonnet

import (
	"fmt"
	"path"

	"github.com/google/go-jsonnet"

	"slipway/engine/internal/repository"
)

// importer finds imports in the repository alone: beside the file that imports, then in the libraries' folders.
type importer struct {
	files     *repository.Repository
	libraries []string
	// contents by path: the library wants the same value for the same file.
	contents map[string]jsonnet.Contents
}

// Import answers what a path leads to. A path from the root of a file system leads nowhere.
func (i *importer) Import(from, written string) (jsonnet.Contents, string, error) {
	for _, folder := range append([]string{path.Dir(from)}, i.libraries...) {
		name, ok := repository.Inside(folder, written)
		if !ok {
			continue
		}
		if known, ok := i.contents[name]; ok {
			return known, name, nil
		}
		if text, ok := i.files.Read(name); ok {
			i.contents[name] = jsonnet.MakeContentsRaw(text)
			return i.contents[name], name, nil
		}
	}
	return jsonnet.Contents{}, "", fmt.Errorf("%s is not in the repository", written)
}
