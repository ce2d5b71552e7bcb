// Package testhost is a commit in memory, for tests of the renderers.
package testhost

import (
	"path"
	"sort"
	"strings"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/repository"
)

// Files are texts by path.
type Files map[string]string

// New returns the files as a render sees them.
func New(files Files) *repository.Repository { return repository.New(files) }

// Look tells what is at a path.
func (f Files) Look(name string) (repository.Type, *failure.Failure) {
	if _, ok := f[name]; ok {
		return repository.File, nil
	}
	for file := range f {
		if name == "." || strings.HasPrefix(file, name+"/") {
			return repository.Folder, nil
		}
	}
	return repository.Missing, nil
}

// List returns the names in a folder.
func (f Files) List(name string, suffixes []string) ([]repository.Entry, *failure.Failure) {
	found := map[string]repository.Type{}
	for file := range f {
		below, ok := strings.CutPrefix(file, name+"/")
		if name == "." {
			below, ok = file, true
		}
		if !ok {
			continue
		}
		first, _, isFolder := strings.Cut(below, "/")
		if isFolder {
			found[first] = repository.Folder
		} else if len(suffixes) == 0 || hasSuffix(first, suffixes) {
			found[first] = repository.File
		}
	}
	entries := make([]repository.Entry, 0, len(found))
	for entry, kind := range found {
		entries = append(entries, repository.Entry{Name: entry, Type: kind})
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name < entries[j].Name })
	return entries, nil
}

// Read returns the bytes of files.
func (f Files) Read(names []string) ([][]byte, *failure.Failure) {
	found := make([][]byte, len(names))
	for i, name := range names {
		if text, ok := f[path.Clean(name)]; ok {
			found[i] = []byte(text)
		}
	}
	return found, nil
}

func hasSuffix(name string, suffixes []string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(strings.ToLower(name), suffix) {
			return true
		}
	}
	return false
}
