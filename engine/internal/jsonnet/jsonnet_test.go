package jsonnet

import (
	"fmt"
	"strings"
	"testing"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/testhost"
)

const lib = `{ cm(name, v):: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: name }, data: { v: v } } }`

func TestObjectsOfPrograms(t *testing.T) {
	objects, f := Render(testhost.New(testhost.Files{
		"app/a.jsonnet":       `local k = import "k.libsonnet"; local u = import "sub/u.libsonnet"; [k.cm("a", u), null, { z: k.cm("z", 1), b: [k.cm("b", std.extVar("region"))] }]`,
		"app/b.jsonnet":       `local k = import "k.libsonnet"; function(name) { apiVersion: "v1", kind: "List", items: [k.cm(name, importstr "t.txt")] }`,
		"app/t.txt":           "text",
		"app/x.libsonnet":     "error 'not a program of its own'",
		"app/in/c.jsonnet":    "error 'not in the folder itself'",
		"app/sub/u.libsonnet": `import "../../app/v.libsonnet"`,
		"app/v.libsonnet":     `"beside"`,
		"lib/k.libsonnet":     lib,
	}), Request{
		Folder: "app", TopLevel: map[string]any{"name": "told"}, External: map[string]any{"region": "eu"}, Libraries: []string{"lib"},
	})
	if f != nil {
		t.Fatalf("%s at %s:%d", f.Summary, f.File, f.Line)
	}
	var got []string
	for _, object := range objects {
		got = append(got, object.Name+" "+object.File)
	}
	if strings.Join(got, ", ") != "a app/a.jsonnet, b app/a.jsonnet, z app/a.jsonnet, told app/b.jsonnet" {
		t.Errorf("%q", got)
	}
	for i, want := range []string{`"beside"`, `"eu"`, `1`, `"text"`} {
		if !strings.Contains(strings.ReplaceAll(string(objects[i].JSON), " ", ""), `"v":`+want) {
			t.Errorf("%s", objects[i].JSON)
		}
	}
}

func TestErrorsNameFileAndLine(t *testing.T) {
	for program, c := range map[string]struct {
		code, words, file string
		line              int
	}{
		"{\n  a: }":                                    {failure.Failed, "Unexpected", "app/a.jsonnet", 2},
		"{\n  a: error 'say it' }":                     {failure.Failed, "say it", "app/a.jsonnet", 2},
		"\n(import 'k.libsonnet').bad":                 {failure.Failed, "in the library", "app/k.libsonnet", 2},
		"{\n  a: 'x' }":                                {failure.Invalid, "$.a is not a Kubernetes object", "app/a.jsonnet", 0},
		"{ apiVersion: 'v1', kind: 'A' }":              {failure.Invalid, "has no metadata.name", "app/a.jsonnet", 0},
		"\n\nimport '/etc/passwd'":                     {failure.Failed, "not in the repository", "app/a.jsonnet", 3},
		"import '../../../etc/passwd'":                 {failure.Failed, "not in the repository", "app/a.jsonnet", 1},
		"importbin '/proc/self/environ'":               {failure.Failed, "not in the repository", "app/a.jsonnet", 1},
		"import 'https://127.0.0.1:1/x'":               {failure.Failed, "not in the repository", "app/a.jsonnet", 1},
		"std.native('exec')('id')":                     {failure.Failed, "expected function", "app/a.jsonnet", 1},
		"std.extVar('HOME')":                           {failure.Failed, "HOME", "app/a.jsonnet", 1},
		"\nlocal f(x) = f(x + 1) + 1; f(0)":            {failure.Failed, "max stack frames exceeded", "app/a.jsonnet", 2},
		"local a = import 'a.jsonnet'; a":              {failure.Failed, "", "app/a.jsonnet", 1},
		strings.Repeat("[", 1_000_000):                 {failure.Limit, "nest too deep", "app/a.jsonnet", 1},
		"error '" + strings.Repeat("x", 100_000) + "'": {failure.Failed, "xxx", "app/a.jsonnet", 1},
		"\n'\xff'": {failure.Invalid, "not valid UTF-8", "app/a.jsonnet", 2},
		"local f(n) = if n == 0 then [] else [f(n - 1)]; f(250)": {failure.Limit, "nested too deep", "app/a.jsonnet", 0},
	} {
		_, f := Render(testhost.New(testhost.Files{
			"app/a.jsonnet": program, "app/k.libsonnet": "{\n  bad: error 'in the library' }",
		}), Request{Folder: "app"})
		said := fmt.Sprintf("%.60q", program)
		if f == nil {
			t.Errorf("%s: no failure", said)
			continue
		}
		if f.Code != c.code || !strings.Contains(f.Summary, c.words) || f.File != c.file || f.Line != c.line || len(f.Summary) > 2*maxWords {
			t.Errorf("%s: %s %.200q at %s:%d", said, f.Code, f.Summary, f.File, f.Line)
		}
	}
}
