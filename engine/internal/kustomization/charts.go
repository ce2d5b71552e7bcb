package kustomization

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"slipway/engine/internal/chart"
	"slipway/engine/internal/failure"
	"slipway/engine/internal/manifest"
	"slipway/engine/internal/repository"
)

// inflated is one entry of helmCharts, with the names of the older helmChartInflationGenerator.
type inflated struct {
	Name                  string         `json:"name"`
	Repo                  string         `json:"repo"`
	Version               string         `json:"version"`
	ReleaseName           string         `json:"releaseName"`
	NameTemplate          string         `json:"nameTemplate"`
	Namespace             string         `json:"namespace"`
	ChartHome             string         `json:"chartHome"`
	ConfigHome            string         `json:"configHome"`
	ValuesFile            string         `json:"valuesFile"`
	AdditionalValuesFiles []string       `json:"additionalValuesFiles"`
	ValuesInline          map[string]any `json:"valuesInline"`
	ValuesMerge           string         `json:"valuesMerge"`
	IncludeCRDs           bool           `json:"includeCRDs"`
	SkipHooks             bool           `json:"skipHooks"`
	APIVersions           []string       `json:"apiVersions"`
	KubeVersion           string         `json:"kubeVersion"`
	// The older names.
	ChartName    string `json:"chartName"`
	ChartRepoURL string `json:"chartRepoUrl"`
	ChartVersion string `json:"chartVersion"`
	HelmHome     string `json:"helmHome"`
	Values       string `json:"values"`
}

// inflate renders the charts of a kustomization, as Kustomize would let Helm do it, and puts their objects among its
// resources.
func (b *build) inflate(f *file) {
	var charts, older []inflated
	_ = json.Unmarshal(f.fields["helmcharts"], &charts)
	_ = json.Unmarshal(f.fields["helmchartinflationgenerator"], &older)
	for _, one := range older {
		one.Name, one.Repo, one.Version = one.ChartName, one.ChartRepoURL, one.ChartVersion
		one.ConfigHome, one.ValuesFile = one.HelmHome, one.Values
		charts = append(charts, one)
	}
	if len(charts) == 0 {
		return
	}
	var globals inflated
	_ = json.Unmarshal(f.fields["helmglobals"], &globals)
	resources := f.texts("resources")
	for number, one := range charts {
		if one.ChartHome == "" {
			one.ChartHome = globals.ChartHome
		}
		if one.ConfigHome == "" {
			one.ConfigHome = globals.ConfigHome
		}
		objects, fault := b.renderChart(f, one)
		if fault != nil {
			b.files.Fail(fault)
			return
		}
		for index, object := range objects {
			name := fmt.Sprintf(".slipway-chart-%d-%d.json", number, index)
			b.system.replaced[path.Join(f.folder, name)] = object.JSON
			b.charted[path.Join(f.folder, name)] = object
			resources = append(resources, name)
		}
	}
	f.set("resources", resources)
	f.drop("helmcharts")
	f.drop("helmchartinflationgenerator")
	f.drop("helmglobals")
}

func (b *build) renderChart(f *file, one inflated) ([]manifest.Object, *failure.Failure) {
	folder, fault := b.chartFolder(f, one)
	if fault != nil {
		return nil, fault
	}
	request := chart.Request{
		Folder: folder, ReleaseName: one.ReleaseName, Namespace: one.Namespace, Revision: 1,
		IncludeCRDs: one.IncludeCRDs, SkipHooks: one.SkipHooks,
		KubeVersion: one.KubeVersion, APIVersions: one.APIVersions, Cluster: b.cluster,
	}
	if request.ReleaseName == "" {
		request.ReleaseName = "release-name"
	}
	if request.Namespace == "" {
		request.Namespace = "default"
	}
	request.InlineValues = one.ValuesInline
	request.InlineFirst = one.ValuesMerge == "merge"
	if one.ValuesMerge != "replace" {
		for _, written := range append([]string{one.ValuesFile}, one.AdditionalValuesFiles...) {
			if written == "" {
				continue
			}
			name, ok := repository.Inside(f.folder, written)
			if !ok || b.files.Look(name) != repository.File {
				return nil, b.at(f, written, failure.Failed, fmt.Sprintf("%s in helmCharts does not exist", written))
			}
			request.ValuesFiles = append(request.ValuesFiles, name)
		}
	}
	result, fault := chart.Render(b.files, request)
	if fault != nil {
		return nil, fault
	}
	b.warnings = append(b.warnings, result.Warnings...)
	return result.Objects, nil
}

// chartFolder is where Kustomize looks for the chart before it would pull it.
func (b *build) chartFolder(f *file, one inflated) (string, *failure.Failure) {
	if one.ConfigHome != "" {
		return "", b.at(f, "configHome", failure.Failed, "configHome is a folder of the machine and cannot be used")
	}
	if strings.HasPrefix(one.ReleaseName, "-") {
		return "", b.at(f, "releaseName", failure.Failed, one.ReleaseName+" is not a release name")
	}
	home := one.ChartHome
	if home == "" {
		home = "charts"
	}
	written := path.Join(home, one.Name)
	if one.Repo != "" && one.Version != "" {
		written = path.Join(home, one.Name+"-"+one.Version, one.Name)
	}
	folder, ok := repository.Inside(f.folder, written)
	if !ok {
		return "", b.at(f, home, failure.Failed, fmt.Sprintf("the chart home %s is not in the repository", home))
	}
	if b.files.Look(folder) == repository.Folder {
		return folder, nil
	}
	message := fmt.Sprintf("the chart %s is not at %s", one.Name, folder)
	if one.Repo == "" {
		return "", b.at(f, one.Name, failure.Failed, message)
	}
	from := credentials.ReplaceAllString(one.Repo, "//")
	version := ""
	if one.Version != "" {
		version = " --version " + one.Version
	}
	pull := fmt.Sprintf("helm pull %s --repo %s%s --untar --untardir %s", one.Name, from, version, path.Dir(folder))
	return "", b.at(f, one.Name, failure.Remote, fmt.Sprintf("%s, and comes from %s", message, from)).
		WithHint(fmt.Sprintf("Run `%s` and commit %s.", pull, folder))
}

func (b *build) at(f *file, words, code, summary string) *failure.Failure {
	return failure.New(code, f.name, summary).At(chart.LineOf(f.text, words))
}
