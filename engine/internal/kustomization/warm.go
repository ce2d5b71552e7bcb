package kustomization

import (
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// Warm parses what Kustomize needs for its first build, such as Kubernetes's OpenAPI schema: 60 ms that no render has to
// wait for.
func Warm() {
	system := filesys.MakeFsInMemory()
	_ = system.WriteFile("/warm/kustomization.yaml", []byte("resources: [a.yaml]\npatches: [{patch: \"{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: 1}}\"}]\n"))
	_ = system.WriteFile("/warm/a.yaml", []byte("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n"))
	_, _ = krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(system, "/warm")
}
