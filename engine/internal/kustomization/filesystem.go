package kustomization

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"sigs.k8s.io/kustomize/kyaml/filesys"

	"slipway/engine/internal/repository"
)

// root is where the repository lies for Kustomize. What is above it leaves the repository.
const root = "/repository"

// fileSystem is the repository as Kustomize wants to see it: read only, with some files replaced for one build.
type fileSystem struct {
	files    *repository.Repository
	replaced map[string][]byte
	// transform sees every file that is read: it may replace it, or end the render.
	transform func(name string, text []byte) []byte
}

var _ filesys.FileSystem = (*fileSystem)(nil)

// inside is the path in the repository; false for one that leaves it, which ends the render.
func (s *fileSystem) inside(name string) (string, bool) {
	clean := path.Clean("/" + name)
	if !strings.HasPrefix(name, "/") {
		clean = path.Join(root, name)
	}
	if clean == root {
		return ".", true
	}
	if found, ok := strings.CutPrefix(clean, root+"/"); ok {
		return found, true
	}
	return "", false
}

func (s *fileSystem) look(name string) repository.Type {
	found, ok := s.inside(name)
	if !ok {
		return repository.Missing
	}
	if _, ok := s.replaced[found]; ok {
		return repository.File
	}
	return s.files.Look(found)
}

// IsDir tells whether a folder is there.
func (s *fileSystem) IsDir(name string) bool { return s.look(name) == repository.Folder }

// Exists tells whether anything is there.
func (s *fileSystem) Exists(name string) bool { return s.look(name) != repository.Missing }

// ReadFile reads a file, or what replaces it.
func (s *fileSystem) ReadFile(name string) ([]byte, error) {
	found, ok := s.inside(name)
	if !ok {
		return nil, notThere("open", name)
	}
	if text, ok := s.replaced[found]; ok {
		return text, nil
	}
	// Kustomize takes a folder for a base when it cannot be read as a file.
	if s.files.Look(found) != repository.File {
		return nil, notThere("open", name)
	}
	text, ok := s.files.Read(found)
	if !ok {
		return nil, notThere("open", name)
	}
	text = s.transform(found, text)
	if f := s.files.Failure(); f != nil {
		return nil, f
	}
	return text, nil
}

// ReadDir lists the names in a folder.
func (s *fileSystem) ReadDir(name string) ([]string, error) {
	found, ok := s.inside(name)
	if !ok || s.files.Look(found) != repository.Folder {
		return nil, notThere("open", name)
	}
	var names []string
	for _, entry := range s.files.List(found) {
		names = append(names, entry.Name)
	}
	sort.Strings(names)
	return names, nil
}

// CleanedAbs splits a path into the folder and the file in it.
func (s *fileSystem) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	found, ok := s.inside(name)
	if !ok {
		return "", "", fmt.Errorf("%s is outside of the repository", strings.TrimPrefix(path.Clean(name), "/"))
	}
	absolute := path.Join(root, found)
	switch s.look(absolute) {
	case repository.Folder:
		// The next that Kustomize looks for, in one round trip.
		s.files.ReadAll([]string{path.Join(found, names[0]), path.Join(found, names[1]), path.Join(found, names[2])})
		return filesys.ConfirmedDir(absolute), "", nil
	case repository.File:
		return filesys.ConfirmedDir(path.Dir(absolute)), path.Base(absolute), nil
	}
	return "", "", fmt.Errorf("%s does not exist", found)
}

// Glob returns the files that match in one folder.
func (s *fileSystem) Glob(pattern string) ([]string, error) {
	if !strings.ContainsAny(pattern, "*?[") {
		if s.Exists(pattern) {
			return []string{pattern}, nil
		}
		return nil, nil
	}
	folder := path.Dir(pattern)
	if strings.ContainsAny(folder, "*?[") {
		return nil, nil
	}
	names, err := s.ReadDir(folder)
	if err != nil {
		return nil, nil
	}
	var found []string
	for _, name := range names {
		if ok, err := path.Match(path.Base(pattern), name); err != nil {
			return nil, err
		} else if ok {
			found = append(found, path.Join(folder, name))
		}
	}
	return found, nil
}

// Walk visits a folder and all below it.
func (s *fileSystem) Walk(name string, visit filepath.WalkFunc) error {
	found, ok := s.inside(name)
	if !ok {
		return visit(name, nil, notThere("lstat", name))
	}
	if err := visit(name, info{path.Base(name), s.files.Look(found)}, nil); err != nil {
		return err
	}
	for _, entry := range s.files.List(found) {
		below := path.Join(name, entry.Name)
		if entry.Type == repository.Folder {
			if err := s.Walk(below, visit); err != nil {
				return err
			}
		} else if err := visit(below, info{entry.Name, entry.Type}, nil); err != nil {
			return err
		}
	}
	return nil
}

// Open reads a file as a stream.
func (s *fileSystem) Open(name string) (filesys.File, error) {
	text, err := s.ReadFile(name)
	if err != nil {
		return nil, err
	}
	memory := filesys.MakeFsInMemory()
	if err := memory.WriteFile("file", text); err != nil {
		return nil, err
	}
	return memory.Open("file")
}

// Create, and all below, are refused: a repository is read only.
func (s *fileSystem) Create(string) (filesys.File, error) { return nil, fs.ErrPermission }
func (s *fileSystem) Mkdir(string) error                  { return fs.ErrPermission }
func (s *fileSystem) MkdirAll(string) error               { return fs.ErrPermission }
func (s *fileSystem) RemoveAll(string) error              { return fs.ErrPermission }
func (s *fileSystem) WriteFile(string, []byte) error      { return fs.ErrPermission }

func notThere(op, name string) error {
	return &os.PathError{Op: op, Path: strings.TrimPrefix(name, root+"/"), Err: fs.ErrNotExist}
}

type info struct {
	name string
	kind repository.Type
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return 0 }
func (i info) Mode() fs.FileMode  { return 0 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.kind == repository.Folder }
func (i info) Sys() any           { return nil }
