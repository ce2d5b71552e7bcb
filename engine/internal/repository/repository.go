// Package repository is the only file system that a render has: the files of one commit, as the host hands them out.
package repository

import (
	"path"
	"strings"

	"slipway/engine/internal/failure"
)

// Type is what is at a path.
type Type int

// What can be at a path. Links are followed by the host.
const (
	Missing Type = iota
	File
	Folder
)

// Entry is one name in a folder.
type Entry struct {
	Name string
	Type Type
}

// Host answers what the commit holds; a failure ends the render.
type Host interface {
	Look(path string) (Type, *failure.Failure)
	// List with suffixes answers only folders and names that end with one of them.
	List(path string, suffixes []string) ([]Entry, *failure.Failure)
	Read(paths []string) ([][]byte, *failure.Failure)
}

// Repository remembers the answers of one render. After the first failure every method answers nothing: libraries may
// turn an error into something else, but not into a result.
type Repository struct {
	host  Host
	types map[string]Type
	lists map[string][]Entry
	files map[string][]byte
	first *failure.Failure
}

// New returns the files of one render.
func New(host Host) *Repository {
	return &Repository{
		host:  host,
		types: map[string]Type{},
		lists: map[string][]Entry{},
		files: map[string][]byte{},
	}
}

// Failure is the first one, or nil.
func (r *Repository) Failure() *failure.Failure { return r.first }

// Fail ends the render with this failure, unless it has another one already.
func (r *Repository) Fail(f *failure.Failure) {
	if r.first == nil {
		r.first = f
	}
}

// Look tells what is at a path.
func (r *Repository) Look(name string) Type {
	name = path.Clean(name)
	if known, ok := r.types[name]; ok {
		return known
	}
	if r.first != nil {
		return Missing
	}
	found, f := r.host.Look(name)
	if f != nil {
		r.Fail(f)
		return Missing
	}
	r.types[name] = found
	return found
}

// List returns the entries of a folder in Git's order; none where there is no such folder.
func (r *Repository) List(name string) []Entry { return r.ListOnly(name, nil) }

// ListOnly returns the folders, and the files whose names end with one of the suffixes: others are not even looked at,
// so they are no part of what decides the output.
func (r *Repository) ListOnly(name string, suffixes []string) []Entry {
	name = path.Clean(name)
	key := name + "\x00" + strings.Join(suffixes, "\x00")
	if known, ok := r.lists[key]; ok {
		return known
	}
	if r.first != nil {
		return nil
	}
	found, f := r.host.List(name, suffixes)
	if f != nil {
		r.Fail(f)
		return nil
	}
	r.lists[key] = found
	for _, entry := range found {
		r.types[path.Join(name, entry.Name)] = entry.Type
	}
	return found
}

// Read returns the bytes of a file, which must not be changed; false where there is none.
func (r *Repository) Read(name string) ([]byte, bool) {
	name = path.Clean(name)
	if known, ok := r.files[name]; ok {
		return known, known != nil
	}
	r.ReadAll([]string{name})
	found := r.files[name]
	return found, found != nil
}

// ReadAll reads files in one round trip, for later calls of Read.
func (r *Repository) ReadAll(names []string) {
	var wanted []string
	for _, name := range names {
		name = path.Clean(name)
		if _, ok := r.files[name]; !ok {
			wanted = append(wanted, name)
		}
	}
	if len(wanted) == 0 || r.first != nil {
		return
	}
	found, f := r.host.Read(wanted)
	if f != nil {
		r.Fail(f)
		return
	}
	for i, name := range wanted {
		r.files[name] = found[i]
		if found[i] != nil {
			r.types[name] = File
		}
	}
}

// Known returns the bytes of a file that was read already.
func (r *Repository) Known(name string) ([]byte, bool) {
	found := r.files[path.Clean(name)]
	return found, found != nil
}

// Walk calls each for every entry below a folder, a folder before what is in it, until each returns false for it.
func (r *Repository) Walk(folder string, each func(name string, entry Entry) bool) {
	r.WalkOnly(folder, nil, each)
}

// WalkOnly is the same for folders, and for files whose names end with one of the suffixes.
func (r *Repository) WalkOnly(folder string, suffixes []string, each func(name string, entry Entry) bool) {
	for _, entry := range r.ListOnly(folder, suffixes) {
		name := path.Join(folder, entry.Name)
		if each(name, entry) && entry.Type == Folder {
			r.WalkOnly(name, suffixes, each)
		}
	}
}

// Inside returns the path in the repository of one that is written relative to a folder; false where it leaves it.
func Inside(folder, written string) (string, bool) {
	if strings.HasPrefix(written, "/") {
		return "", false
	}
	joined := path.Join(folder, written)
	return joined, joined != ".." && !strings.HasPrefix(joined, "../")
}
