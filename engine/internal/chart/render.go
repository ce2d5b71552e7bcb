// Package chart renders Helm charts as `helm template` does, in process.
package chart

import (
	"fmt"
	"path"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/manifest"
	"slipway/engine/internal/repository"
)

// Request is a release of a chart.
type Request struct {
	Folder      string
	ReleaseName string
	Namespace   string
	IsUpgrade   bool
	Revision    int
	// ValuesFiles in the repository, later ones first in rank.
	ValuesFiles []string
	// InlineValues over the files; with InlineFirst under them.
	InlineValues map[string]any
	InlineFirst  bool
	IncludeCRDs  bool
	SkipHooks    bool
	// KubeVersion and APIVersions in place of and beside those of the cluster.
	KubeVersion string
	APIVersions []string
	// OutputBytes that the templates may write; 0: as many as they like.
	OutputBytes int
	// Cluster is asked only if the output may depend on it.
	Cluster func() (*repository.Cluster, *failure.Failure)
}

// Result is what a release consists of.
type Result struct {
	Objects  []manifest.Object
	Warnings []string
}

// Render renders a chart with all its dependencies. Hooks are objects with their annotations; tests are not among them.
func Render(files *repository.Repository, request Request) (*Result, *failure.Failure) {
	from, f := gather(files, request.Folder)
	if f != nil {
		return nil, f
	}
	if err := chartutil.ValidateReleaseName(request.ReleaseName); err != nil {
		return nil, failure.New(failure.Failed, request.Folder, "the release name is not valid: use letters, digits and dashes, 53 at most")
	}
	var seen scan
	seen.scanAll(from)
	values, f := valuesOf(files, request, &seen)
	if f != nil {
		return nil, f
	}
	if seen.readsFiles {
		from.readOthers(files)
		seen.scanOthers(from)
	}
	if f := files.Failure(); f != nil {
		return nil, f
	}
	capabilities, f := capabilitiesOf(request, seen.seesCluster)
	if f != nil {
		return nil, f
	}
	r := &release{files: files, request: request, from: from, places: placesOf(from, from.meta.Name)}
	if f := r.execute(values, capabilities); f != nil {
		return nil, f
	}
	return &Result{Objects: r.objects, Warnings: append(seen.all(), r.warnings...)}, nil
}

func capabilitiesOf(request Request, seesCluster bool) (*common.Capabilities, *failure.Failure) {
	capabilities := common.DefaultCapabilities.Copy()
	if seesCluster {
		cluster, f := request.Cluster()
		if f != nil {
			return nil, f
		}
		if version, err := common.ParseKubeVersion(cluster.Version); err == nil {
			capabilities.KubeVersion = *version
		}
		capabilities.APIVersions = append(common.VersionSet{}, cluster.APIVersions...)
	}
	if request.KubeVersion != "" {
		version, err := common.ParseKubeVersion(request.KubeVersion)
		if err != nil {
			return nil, failure.New(failure.Failed, request.Folder, "kubeVersion is no version")
		}
		capabilities.KubeVersion = *version
	}
	capabilities.APIVersions = append(capabilities.APIVersions, request.APIVersions...)
	return capabilities, nil
}

// execute fills in the templates, as Helm does for an installation or an upgrade.
func (r *release) execute(values map[string]any, capabilities *common.Capabilities) *failure.Failure {
	made, f := r.from.load()
	if f != nil {
		return f
	}
	chartFile := path.Join(r.request.Folder, "Chart.yaml")
	if made.Metadata.Type == "library" {
		return failure.New(failure.Failed, chartFile, "a library chart cannot be deployed by itself")
	}
	if err := chartutil.ProcessDependencies(made, values); err != nil {
		return r.explain(err)
	}
	options := common.ReleaseOptions{
		Name: r.request.ReleaseName, Namespace: r.request.Namespace, Revision: r.request.Revision,
		IsInstall: !r.request.IsUpgrade, IsUpgrade: r.request.IsUpgrade,
	}
	rendering, err := util.ToRenderValuesWithSchemaValidation(made, values, options, capabilities, true)
	if err != nil {
		return r.explain(err)
	}
	if all, ok := rendering["Values"].(common.Values); ok {
		if f := r.validate(made, all.AsMap(), nil); f != nil {
			return f
		}
	}
	need, has := made.Metadata.KubeVersion, capabilities.KubeVersion
	if need != "" && !chartutil.IsCompatibleRange(need, has.String()) {
		return failure.New(failure.Failed, chartFile,
			fmt.Sprintf("the chart requires Kubernetes %s, and the cluster has %s", need, has.Version))
	}
	rendered, err := engine.Engine{}.Render(made, rendering)
	if err != nil {
		return r.explain(err)
	}
	return r.take(made, rendered)
}

// take makes objects of what the templates wrote. What Helm prints for people is no part of it.
func (r *release) take(made *chart.Chart, rendered map[string]string) *failure.Failure {
	written := 0
	for name, text := range rendered {
		written += len(text)
		if strings.HasSuffix(name, "NOTES.txt") {
			delete(rendered, name)
		}
	}
	if limit := r.request.OutputBytes; limit > 0 && written > limit {
		return failure.New(failure.Limit, r.request.Folder, fmt.Sprintf("the render wrote more than %d bytes", limit))
	}
	return r.takeObjects(made, rendered)
}
