package kustomization

import (
	"fmt"
	"strings"
	"testing"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/repository"
	"slipway/engine/internal/testhost"
)

func noCluster() (*repository.Cluster, *failure.Failure) { return &repository.Cluster{}, nil }

func overlay(objects int) testhost.Files {
	files := testhost.Files{
		"app/kustomization.yaml": "resources: [base]\nnamespace: loans\nnamePrefix: p-\nimages: [{name: web, newTag: v2}]\n",
	}
	var names []string
	for i := range objects {
		name := fmt.Sprintf("o%d.yaml", i)
		names = append(names, name)
		files["app/base/"+name] = fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata: {name: o%d}
spec:
  selector: {matchLabels: {app: o}}
  template:
    metadata: {labels: {app: o}}
    spec: {containers: [{name: web, image: "web:v1"}]}
`, i)
	}
	files["app/base/kustomization.yaml"] = "resources: [" + strings.Join(names, ", ") + "]\n"
	return files
}

func TestKeysInAnyCase(t *testing.T) {
	files := testhost.Files{
		"app/kustomization.yaml": "Resources: [a.yaml]\nnameprefix: p-\n",
		"app/a.yaml":             "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
	}
	made, f := Render(testhost.New(files), "app", noCluster)
	if f != nil {
		t.Fatal(f)
	}
	if len(made.Objects) != 1 || made.Objects[0].Name != "p-a" || made.Objects[0].File != "app/a.yaml" {
		t.Errorf("rendered %+v", made.Objects)
	}
}

func TestErrorsAreOneSentence(t *testing.T) {
	job := "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: x-}\n"
	for name, files := range map[string]testhost.Files{
		"generateName":    {"app/kustomization.yaml": "resources: [job.yaml]\n", "app/job.yaml": job},
		"unknown field":   {"app/kustomization.yaml": "resorces: [job.yaml]\n"},
		"no such patched": {"app/kustomization.yaml": "resources: []\npatches: [{patch: '{apiVersion: v1, kind: A, metadata: {name: a}}'}]\n"},
	} {
		_, f := Render(testhost.New(files), "app", noCluster)
		if f == nil {
			t.Fatalf("%s: no failure", name)
		}
		if strings.ContainsAny(f.Summary, "\n&") || strings.Contains(f.Summary, "/repository") || f.File == "" {
			t.Errorf("%s: %q at %s:%d", name, f.Summary, f.File, f.Line)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	files := overlay(50)
	Warm()
	for b.Loop() {
		if _, f := Render(testhost.New(files), "app", noCluster); f != nil {
			b.Fatal(f)
		}
	}
}
