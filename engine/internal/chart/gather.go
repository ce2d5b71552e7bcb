package chart

import (
	"fmt"
	"path"
	"strings"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/repository"
)

const (
	// maxDepth of charts in charts, and maxCharts of them altogether, which only an attack needs.
	maxDepth  = 20
	maxCharts = 500
)

// gathering is the reading of one release's charts, and what it may still read.
type gathering struct {
	files *repository.Repository
	// charts and unpacked bytes that are still allowed.
	charts   int
	unpacked int64
}

func gather(files *repository.Repository, folder string) (*source, *failure.Failure) {
	g := &gathering{files: files, charts: maxCharts, unpacked: maxUnpacked}
	from, f := g.collect(folder, "", nil, 0)
	if f != nil {
		return nil, f
	}
	if !from.has("Chart.yaml") {
		return nil, failure.New(failure.Failed, path.Join(folder, "Chart.yaml"),
			fmt.Sprintf("the chart %s has no Chart.yaml", folder))
	}
	if f := g.resolve(from, 0); f != nil {
		return nil, f
	}
	if from.instances() > maxCharts {
		return nil, failure.New(failure.Limit, folder, fmt.Sprintf("the chart stands for more than %d charts", maxCharts))
	}
	return from, nil
}

// collect reads what Helm reads of a chart in a folder. What no template can see is neither read nor looked for: it is no
// part of what decides the output. The rules of a chart in another's folder `charts` are those of the other.
func (g *gathering) collect(folder, key string, parent *source, depth int) (*source, *failure.Failure) {
	if f := g.count(folder, depth); f != nil {
		return nil, f
	}
	found := &source{folder: folder, key: key}
	names := make([]string, 0, len(own))
	for _, name := range own {
		names = append(names, path.Join(folder, name))
	}
	g.files.ReadAll(names)
	if f := found.takeRules(g.files, parent); f != nil {
		return nil, f
	}
	for _, name := range []string{"templates", "crds"} {
		names = append(names, found.below(g.files, path.Join(folder, name))...)
	}
	g.files.ReadAll(names)
	for _, name := range names {
		found.add(g.files, name)
	}
	found.readMetadata()
	if f := g.collectUnder(found, depth); f != nil {
		return nil, f
	}
	return found, g.files.Failure()
}

func (g *gathering) count(folder string, depth int) *failure.Failure {
	g.charts--
	if depth > maxDepth || g.charts < 0 {
		return failure.New(failure.Limit, folder, "charts are nested too deep, or are too many")
	}
	return nil
}

// collectUnder reads the folder `charts`: Helm loads every folder and archive in it whose name does not begin with `_` or
// a dot.
func (g *gathering) collectUnder(of *source, depth int) *failure.Failure {
	folder := path.Join(of.folder, "charts")
	for _, entry := range g.files.List(folder) {
		name := path.Join(folder, entry.Name)
		var under *source
		var f *failure.Failure
		switch {
		case strings.HasPrefix(entry.Name, "_"), strings.HasPrefix(entry.Name, "."), of.ignores(name, entry):
		case entry.Type == repository.Folder:
			under, f = g.collect(name, entry.Name, of, depth+1)
		case strings.HasSuffix(entry.Name, ".tgz"):
			under, f = g.unpack(name, entry.Name, depth+1)
		}
		if f != nil {
			return f
		}
		if under != nil {
			of.under = append(of.under, under)
		}
	}
	return g.files.Failure()
}
