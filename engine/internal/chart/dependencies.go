package chart

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	chart "helm.sh/helm/v4/pkg/chart/v2"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/repository"
)

// resolve adds dependencies that are folders of the repository (`file://`), in every chart of the tree. One that is
// neither in `charts/` nor there is a failure that says what to do.
func (g *gathering) resolve(of *source, depth int) *failure.Failure {
	if of.packed {
		return nil
	}
	for _, dependency := range of.meta.Dependencies {
		if dependency == nil || of.isVendored(dependency) {
			continue
		}
		folder, ok := folderOf(dependency, of.folder)
		if !ok || g.files.Look(folder) != repository.Folder {
			return of.missing(dependency)
		}
		under, f := g.collect(folder, strings.ReplaceAll(folder, "/", "-"), nil, depth+1)
		if f != nil {
			return f
		}
		of.under = append(of.under, under)
	}
	for _, under := range of.under {
		if f := g.resolve(under, depth+1); f != nil {
			return f
		}
	}
	return g.files.Failure()
}

// isVendored looks for the chart as Helm does, by its own name.
func (s *source) isVendored(dependency *chart.Dependency) bool {
	return slices.ContainsFunc(s.under, func(under *source) bool { return under.meta.Name == dependency.Name })
}

func folderOf(dependency *chart.Dependency, folder string) (string, bool) {
	written, ok := strings.CutPrefix(dependency.Repository, "file://")
	if !ok {
		return "", false
	}
	return repository.Inside(folder, written)
}

var credentials = regexp.MustCompile(`//[^/@\s]+@`)

func (s *source) missing(dependency *chart.Dependency) *failure.Failure {
	file := path.Join(s.folder, "Chart.yaml")
	text, _ := s.text("Chart.yaml")
	line := LineOf(string(text), dependency.Name)
	isLocal := strings.HasPrefix(dependency.Repository, "file://")
	if isLocal || dependency.Repository == "" {
		where := "in charts/"
		if isLocal {
			where = fmt.Sprintf("at %s, which is no folder of the repository", dependency.Repository)
		}
		return failure.New(failure.Failed, file,
			fmt.Sprintf("the dependency %s of the chart %s is not %s", dependency.Name, s.folder, where)).
			At(line).WithHint("Add the chart, or correct the dependency.")
	}
	from := credentials.ReplaceAllString(dependency.Repository, "//")
	return failure.New(failure.Remote, file,
		fmt.Sprintf("the dependency %s of the chart %s comes from %s and is not in charts/", dependency.Name, s.folder, from)).
		At(line).WithHint(fmt.Sprintf("Run `helm dependency build %s` and commit %s/charts.", s.folder, s.folder))
}

// LineOf is the first line that holds the words as whole ones; 0 where none does.
func LineOf(text, words string) int {
	pattern, err := regexp.Compile(`(?:^|[^\w./-])` + regexp.QuoteMeta(words) + `(?:[^\w/-]|$)`)
	if err != nil {
		return 0
	}
	at := pattern.FindStringIndex(text)
	if at == nil {
		return 0
	}
	start := strings.Index(text[at[0]:], words)
	return 1 + strings.Count(text[:at[0]+start], "\n")
}
