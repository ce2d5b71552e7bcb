// Package kustomization renders as `kustomize build` does, in process.
package kustomization

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/locate"
	"slipway/engine/internal/manifest"
	"slipway/engine/internal/repository"
)

const (
	origin       = "config.kubernetes.io/origin"
	originOption = "originAnnotations"
)

// Result is what a kustomization consists of.
type Result struct {
	Objects  []manifest.Object
	Warnings []string
	// Replace tells that the build changed what later builds in this process would do.
	Replace bool
}

// build is one run of Kustomize.
type build struct {
	files    *repository.Repository
	system   *fileSystem
	folder   string
	cluster  func() (*repository.Cluster, *failure.Failure)
	charted  map[string]manifest.Object
	warnings []string
	// read are the kustomizations that were read, by their path.
	read map[string]*file
	// replace: a build with its own OpenAPI schema changes the global one.
	replace bool
	// keepsOrigin: the author wants the origin annotations on the cluster.
	keepsOrigin bool
	// changes: the root changes what its resources say.
	changes  bool
	rootFile string
}

// collecting are fields of a kustomization that change nothing of the objects but their namespace.
var collecting = []string{"apiversion", "kind", "metadata", "resources", "bases", "buildmetadata", "namespace"}

// Render builds a folder of the repository. Files outside of the folder of their kustomization may be used: the repository
// is all that there is.
func Render(
	files *repository.Repository, folder string, cluster func() (*repository.Cluster, *failure.Failure),
) (*Result, *failure.Failure) {
	b := &build{
		files: files, folder: path.Clean(folder), cluster: cluster,
		charted: map[string]manifest.Object{}, read: map[string]*file{},
	}
	b.system = &fileSystem{files: files, replaced: map[string][]byte{}}
	b.system.transform = b.transform
	if !slices.ContainsFunc(names, func(name string) bool {
		return files.Look(path.Join(b.folder, name)) == repository.File
	}) {
		if f := files.Failure(); f != nil {
			return nil, f
		}
		return nil, failure.New(failure.Failed, folder, fmt.Sprintf("the folder %s has no kustomization.yaml", folder))
	}
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone
	made, err := krusty.MakeKustomizer(options).Run(b.system, path.Join(root, b.folder))
	result := &Result{Replace: b.replace}
	if f := files.Failure(); f != nil {
		return result, f
	}
	if err != nil {
		return result, b.explain(err)
	}
	objects, f := b.objects(made)
	result.Objects, result.Warnings = objects, b.warnings
	return result, f
}

// transform is what Kustomize gets to read in place of a file: a kustomization with its charts inflated and, at the root,
// with the origins of objects switched on, which changes nothing but an annotation.
func (b *build) transform(name string, text []byte) []byte {
	if f := refuseBombs(name, text); f != nil {
		b.files.Fail(f)
		return text
	}
	if !slices.Contains(names, path.Base(name)) {
		return text
	}
	if f := manifest.CheckText(text, name); f != nil {
		b.files.Fail(f)
		return text
	}
	f := parse(name, text)
	if f == nil {
		return text
	}
	b.read[name] = f
	f.prefetch(b.files)
	if f.refuse(b.files); b.files.Failure() != nil {
		return text
	}
	if _, ok := f.fields["openapi"]; ok {
		b.replace = true
	}
	before := len(b.charted)
	b.inflate(f)
	isRoot := path.Dir(name) == b.folder
	if isRoot {
		b.root(f)
	}
	if isRoot || len(b.charted) > before {
		return f.encode()
	}
	return text
}

func (b *build) root(f *file) {
	b.rootFile = f.name
	for field := range f.fields {
		if !slices.Contains(collecting, field) {
			b.changes = true
		}
	}
	options := f.texts("buildmetadata")
	b.keepsOrigin = slices.Contains(options, originOption)
	if !b.keepsOrigin {
		f.set("buildMetadata", append(options, originOption))
	}
}

func (b *build) objects(made resmap.ResMap) ([]manifest.Object, *failure.Failure) {
	var objects []manifest.Object
	pieces := map[string][]locate.Piece{}
	for _, resource := range made.Resources() {
		annotations := resource.GetAnnotations()
		from, charted := b.from(annotations[origin])
		if !b.keepsOrigin && annotations[origin] != "" {
			delete(annotations, origin)
			if err := resource.SetAnnotations(annotations); err != nil {
				return nil, b.explain(err)
			}
		}
		value, err := resource.MarshalJSON()
		if err != nil {
			return nil, b.explain(err)
		}
		found, f := manifest.Objects(manifest.Document{JSON: value}, from)
		if f != nil {
			return nil, f
		}
		for _, object := range found {
			object.File, object.Line = from, charted.Line
			if charted.File == "" {
				object.Line = b.line(pieces, object)
			} else {
				object.File = charted.File
			}
			object.Through = b.through(object.File)
			objects = append(objects, object)
		}
	}
	return objects, nil
}

// from reads `path: ../base/deployment.yaml` or, of generated objects, `configuredIn: ../base/kustomization.yaml`.
func (b *build) from(annotation string) (string, manifest.Object) {
	for _, line := range strings.Split(annotation, "\n") {
		for _, key := range []string{"path: ", "configuredIn: "} {
			if written, ok := strings.CutPrefix(line, key); ok {
				name := path.Join(b.folder, written)
				return name, b.charted[name]
			}
		}
	}
	return b.folder, manifest.Object{}
}

func (b *build) line(known map[string][]locate.Piece, object manifest.Object) int {
	text, ok := b.files.Known(object.File)
	if !ok || slices.Contains(names, path.Base(object.File)) {
		return 0
	}
	pieces, ok := known[object.File]
	if !ok {
		pieces = locate.Pieces(string(text))
		known[object.File] = pieces
	}
	return locate.Line(pieces, object.Kind, object.Name)
}

// through names the root where it may change the object: a base has a kustomization of its own, and patches name no
// object.
func (b *build) through(name string) string {
	isBase := path.Dir(name) != b.folder
	if (b.changes || isBase) && b.rootFile != name {
		return b.rootFile
	}
	return ""
}
