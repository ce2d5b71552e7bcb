package chart

import (
	"path"
	"regexp"
	"strconv"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"

	"slipway/engine/internal/failure"
)

// load makes Helm's chart of the files, dependencies included.
func (s *source) load() (*chart.Chart, *failure.Failure) {
	made, err := loader.LoadFiles(s.files)
	if err != nil {
		return nil, s.cannotLoad(err)
	}
	for _, under := range s.under {
		loaded, f := under.load()
		if f != nil {
			return nil, f
		}
		made.AddDependency(loaded)
	}
	return made, nil
}

var (
	unloaded = regexp.MustCompile(`^cannot load ([\w.]+)`)
	line     = regexp.MustCompile(`\bline (\d+)`)
)

func (s *source) cannotLoad(err error) *failure.Failure {
	text := plainWords(err.Error())
	if s.packed {
		return failure.New(failure.Failed, s.folder, text)
	}
	file, at := "Chart.yaml", 0
	if found := unloaded.FindStringSubmatch(text); found != nil {
		file = found[1]
	}
	if found := line.FindStringSubmatch(text); found != nil {
		at, _ = strconv.Atoi(found[1])
	}
	return failure.New(failure.Failed, path.Join(s.folder, file), text).At(at)
}

// instances is how many charts Helm makes of this one: each alias of a dependency is a copy with all that is below it.
func (s *source) instances() int {
	total := 1
	for _, under := range s.under {
		copies := 0
		for _, dependency := range s.meta.Dependencies {
			if dependency != nil && dependency.Name == under.meta.Name {
				copies++
			}
		}
		total += max(1, copies) * under.instances()
		if total > maxCharts {
			return total
		}
	}
	return total
}
