// Package plain renders folders of manifests as they are.
package plain

import (
	"path"
	"slices"
	"strings"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/manifest"
	"slipway/engine/internal/repository"
)

// suffixes of manifests, in any case.
var suffixes = []string{".yaml", ".yml", ".json"}

// ownFile is Slipway's, and may lie in the folder of an app at the root.
const ownFile = "slipway.yaml"

// isManifest: a link is listed whatever its name is, because it may lead to a folder.
func isManifest(name string) bool {
	lower := strings.ToLower(name)
	return slices.ContainsFunc(suffixes, func(suffix string) bool { return strings.HasSuffix(lower, suffix) })
}

// Render returns the objects of every manifest below a folder, as `kubectl apply -R -f` finds them: .yaml, .yml and .json;
// names with a leading dot are left out.
func Render(files *repository.Repository, folder string) ([]manifest.Object, *failure.Failure) {
	var names []string
	files.WalkOnly(folder, suffixes, func(name string, entry repository.Entry) bool {
		if strings.HasPrefix(entry.Name, ".") || path.Clean(name) == ownFile {
			return false
		}
		if entry.Type == repository.File && isManifest(entry.Name) {
			names = append(names, name)
		}
		return true
	})
	files.ReadAll(names)
	var objects []manifest.Object
	for _, name := range names {
		text, ok := files.Read(name)
		if f := files.Failure(); f != nil {
			return nil, f
		}
		if !ok {
			continue
		}
		documents, _, f := manifest.Decode(text, name, manifest.Written)
		if f != nil {
			return nil, f
		}
		for _, document := range documents {
			found, f := manifest.Objects(document, name)
			if f != nil {
				return nil, f
			}
			objects = append(objects, found...)
		}
	}
	return objects, files.Failure()
}
