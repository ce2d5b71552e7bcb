package chart

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	releasev1 "helm.sh/helm/v4/pkg/release/v1"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/locate"
	"slipway/engine/internal/manifest"
	"slipway/engine/internal/repository"
)

// release is one render: what it is made of, and what came of it.
type release struct {
	files    *repository.Repository
	request  Request
	from     *source
	places   places
	pieces   map[string][]locate.Piece
	objects  []manifest.Object
	warnings []string
}

// takeObjects takes the CRDs first, then the manifests in the order of Helm, then the hooks but for tests.
func (r *release) takeObjects(made *chart.Chart, rendered map[string]string) *failure.Failure {
	r.pieces = map[string][]locate.Piece{}
	if r.request.IncludeCRDs {
		for _, crd := range made.CRDObjects() {
			if f := r.add(string(crd.File.Data), crd.Filename); f != nil {
				return f
			}
		}
	}
	hooks, manifests, err := releaseutil.SortManifests(rendered, nil, releaseutil.InstallOrder)
	if err != nil {
		return r.explain(err)
	}
	for _, one := range manifests {
		if f := r.add(one.Content, one.Name); f != nil {
			return f
		}
	}
	sort.SliceStable(hooks, func(i, j int) bool { return hooks[i].Path < hooks[j].Path })
	for _, hook := range hooks {
		if r.request.SkipHooks || slices.Contains(hook.Events, releasev1.HookTest) {
			continue
		}
		if f := r.add(hook.Manifest, hook.Path); f != nil {
			return f
		}
	}
	return nil
}

// add takes the objects of one rendered manifest. `name` is as Helm has it: `web/charts/db/templates/x.yaml`.
func (r *release) add(text, name string) *failure.Failure {
	file := r.places.file(name)
	documents, warnings, f := manifest.Decode([]byte(text), file, manifest.Generated)
	if f != nil {
		// Lines of the output say nothing of the template.
		f.Line = 0
		f.Code = failure.Failed
		f.Summary = "YAML parse error: " + strings.TrimPrefix(f.Summary, "not valid YAML: ")
		return f
	}
	for _, warning := range warnings {
		if placed := r.placed(warning, file, name); !slices.Contains(r.warnings, placed) {
			r.warnings = append(r.warnings, placed)
		}
	}
	for _, document := range documents {
		objects, f := manifest.Objects(document, file)
		if f != nil {
			f.Line = 0
			return f
		}
		for _, object := range objects {
			object.Line = locate.Line(r.piecesOf(name), object.Kind, object.Name)
			r.objects = append(r.objects, object)
		}
	}
	return nil
}

// piecesOf a template; a packed one has no line that its reader could find.
func (r *release) piecesOf(name string) []locate.Piece {
	pieces, ok := r.pieces[name]
	if !ok {
		pieces = locate.Pieces(r.places.text(name))
		r.pieces[name] = pieces
	}
	return pieces
}

var keyTwice = regexp.MustCompile(`^:\d+ has the key (.*) twice; the last one counts$`)

// placed turns a warning about a line of the output into one about the line of the template that writes the key; without
// a line where another template does.
func (r *release) placed(warning, file, name string) string {
	found := keyTwice.FindStringSubmatch(strings.TrimPrefix(warning, file))
	if found == nil {
		return warning
	}
	writes := regexp.MustCompile(`(?m)^[ \t]*(?:- )?["']?` + regexp.QuoteMeta(found[1]) + `["']?[ \t]*:`)
	text := r.places.text(name)
	if all := writes.FindAllStringIndex(text, -1); len(all) > 0 {
		file = fmt.Sprintf("%s:%d", file, 1+strings.Count(text[:all[len(all)-1][0]], "\n"))
	}
	return fmt.Sprintf("%s has the key %s twice; the last one counts", file, found[1])
}
