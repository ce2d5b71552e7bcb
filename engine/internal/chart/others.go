package chart

import (
	"path"

	"slipway/engine/internal/repository"
)

// readOthers reads what only `.Files` can reach.
func (s *source) readOthers(files *repository.Repository) {
	if s.packed {
		return
	}
	known := map[string]bool{"templates": true, "crds": true, "charts": true}
	for _, name := range own {
		known[name] = true
	}
	var names []string
	for _, entry := range files.List(s.folder) {
		name := path.Join(s.folder, entry.Name)
		switch {
		case known[entry.Name] || s.ignores(name, entry):
		case entry.Type == repository.Folder:
			names = append(names, s.below(files, name)...)
		case entry.Type == repository.File:
			names = append(names, name)
		}
	}
	files.ReadAll(names)
	for _, name := range names {
		s.add(files, name)
	}
	for _, under := range s.under {
		under.readOthers(files)
	}
}
