package chart

import (
	"path"
	"strings"
)

// places tells where in the repository a file is that Helm names.
type places map[string]*source

func placesOf(from *source, name string) places {
	found := places{}
	found.note(from, name)
	return found
}

func (p places) note(from *source, name string) {
	p[name] = from
	aliases := map[string][]string{}
	for _, dependency := range from.meta.Dependencies {
		if dependency != nil && dependency.Alias != "" {
			aliases[dependency.Name] = append(aliases[dependency.Name], dependency.Alias)
		}
	}
	for _, under := range from.under {
		own := under.meta.Name
		for _, alias := range append([]string{own}, aliases[own]...) {
			p.note(under, path.Join(name, "charts", alias))
		}
	}
}

// find returns the innermost chart that holds the file, and the file's name in it.
func (p places) find(source string) (*source, string) {
	for prefix := source; prefix != "." && prefix != "/"; prefix = path.Dir(prefix) {
		if from, ok := p[prefix]; ok {
			return from, strings.TrimPrefix(strings.TrimPrefix(source, prefix), "/")
		}
	}
	return nil, source
}

func (p places) file(source string) string {
	from, name := p.find(source)
	if from == nil {
		return source
	}
	return place(from, name)
}

// text of a file that somebody can open; a packed one has none.
func (p places) text(source string) string {
	from, name := p.find(source)
	if from == nil || from.packed {
		return ""
	}
	text, _ := from.text(name)
	return string(text)
}

// place is the file in the repository: of a packed chart its archive.
func place(from *source, name string) string {
	if from.packed {
		return from.folder
	}
	return path.Join(from.folder, name)
}
