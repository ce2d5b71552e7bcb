package chart

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/repository"
	"slipway/engine/internal/testhost"
)

func chartFile(name, more string) string {
	return fmt.Sprintf("apiVersion: v2\nname: %s\nversion: 1.0.0\n%s", name, more)
}

func configMap(name, data string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\ndata:\n  v: %s\n", name, data)
}

// web is a chart in `web` with these files beside its Chart.yaml.
func web(more testhost.Files) testhost.Files {
	files := testhost.Files{"web/Chart.yaml": chartFile("web", "")}
	maps.Copy(files, more)
	return files
}

func request(more ...func(*Request)) Request {
	made := Request{
		Folder: "web", ReleaseName: "web", Namespace: "loans", Revision: 1, IncludeCRDs: true,
		Cluster: func() (*repository.Cluster, *failure.Failure) {
			return &repository.Cluster{Version: "v1.37.2", APIVersions: []string{"v1", "apps/v1"}}, nil
		},
	}
	for _, change := range more {
		change(&made)
	}
	return made
}

func rendered(t *testing.T, files testhost.Files, more ...func(*Request)) *Result {
	t.Helper()
	result, f := Render(testhost.New(files), request(more...))
	if f != nil {
		t.Fatalf("failed: %s (%s:%d)", f.Summary, f.File, f.Line)
	}
	return result
}

func refused(t *testing.T, files testhost.Files, more ...func(*Request)) *failure.Failure {
	t.Helper()
	result, f := Render(testhost.New(files), request(more...))
	if f == nil {
		t.Fatalf("rendered %d objects", len(result.Objects))
	}
	if strings.ContainsAny(f.Summary, "\n") || strings.Contains(f.Summary, "interface {}") {
		t.Errorf("not a sentence for people: %q", f.Summary)
	}
	return f
}

func withValues(names ...string) func(*Request) {
	return func(r *Request) { r.ValuesFiles = names }
}

func wants(t *testing.T, f *failure.Failure, code, words, file string, line int) {
	t.Helper()
	if f.Code != code || !strings.Contains(f.Summary, words) || f.File != file || f.Line != line {
		t.Errorf("%s %q at %s:%d, not %s %q at %s:%d", f.Code, f.Summary, f.File, f.Line, code, words, file, line)
	}
}

func TestObjectsComeWithFileAndLineCRDsFirst(t *testing.T) {
	result := rendered(t, web(testhost.Files{
		"web/templates/a,b.yaml":  "# a comment\n" + configMap("{{ .Release.Name }}-x", "{{ .Values.v }}"),
		"web/templates/hook.yaml": "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, annotations: {helm.sh/hook: pre-upgrade}}\n",
		"web/templates/test.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: test, annotations: {helm.sh/hook: test}}\n",
		"web/templates/NOTES.txt": "hello",
		"web/crds/x.yaml":         "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x.example.com}\n",
		"web/values.yaml":         "v: 1\n",
		"env.yaml":                "v: 2\n",
	}), withValues("env.yaml"))
	var got []string
	for _, object := range result.Objects {
		got = append(got, fmt.Sprintf("%s %s %s:%d", object.Kind, object.Name, object.File, object.Line))
	}
	want := []string{
		"CustomResourceDefinition x.example.com web/crds/x.yaml:1",
		"ConfigMap web-x web/templates/a,b.yaml:2",
		"Job migrate web/templates/hook.yaml:1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if !strings.Contains(string(result.Objects[1].JSON), `"v":2`) {
		t.Errorf("values: %s", result.Objects[1].JSON)
	}
}

func TestNumbersOfInlineValuesAreThoseOfAFile(t *testing.T) {
	files := web(testhost.Files{"web/templates/a.yaml": configMap("a", `"{{ .Values.num }}"`), "env.yaml": "num: 10000000\n"})
	inline := rendered(t, files, func(r *Request) { r.InlineValues = map[string]any{"num": 10000000.0} })
	file := rendered(t, files, withValues("env.yaml"))
	if string(inline.Objects[0].JSON) != string(file.Objects[0].JSON) {
		t.Errorf("%s and %s", inline.Objects[0].JSON, file.Objects[0].JSON)
	}
}

func TestOnlyWhatATemplateCanSeeIsRead(t *testing.T) {
	read := func(template string) []string {
		host := &recording{Files: web(testhost.Files{
			"web/templates/a.yaml": configMap("a", template), "web/README.md": "x", "web/values-other.yaml": "x: 1\n",
		})}
		if _, f := Render(repository.New(host), request()); f != nil {
			t.Fatal(f)
		}
		return host.read
	}
	if got := read("1"); slices.Contains(got, "web/README.md") || slices.Contains(got, "web/values-other.yaml") {
		t.Errorf("read %q", got)
	}
	if got := read(`{{ .Files.Get "README.md" }}`); !slices.Contains(got, "web/README.md") {
		t.Errorf("read %q", got)
	}
}

type recording struct {
	testhost.Files
	read []string
}

func (r *recording) Read(names []string) ([][]byte, *failure.Failure) {
	r.read = append(r.read, names...)
	return r.Files.Read(names)
}

func TestTheClusterIsAskedOnlyWhereItMatters(t *testing.T) {
	for name, c := range map[string]struct {
		files testhost.Files
		asked bool
	}{
		"no":       {testhost.Files{"web/templates/a.yaml": configMap("a", "1")}, false},
		"template": {testhost.Files{"web/templates/a.yaml": configMap("a", "{{ .Capabilities.KubeVersion }}")}, true},
		"chart":    {testhost.Files{"web/Chart.yaml": chartFile("web", "kubeVersion: '>=1.20'\n")}, true},
		"values": {testhost.Files{
			"web/values.yaml":      "v: '{{ .Capabilities.KubeVersion }}'\n",
			"web/templates/a.yaml": configMap("a", "{{ tpl .Values.v . }}"),
		}, true},
		"a file that tpl renders": {testhost.Files{
			"web/v.txt":            "{{ .Capabilities.KubeVersion }}",
			"web/templates/a.yaml": configMap("a", `{{ tpl (.Files.Get "v.txt") . }}`),
		}, true},
	} {
		asked := false
		rendered(t, web(c.files), func(r *Request) {
			inner := r.Cluster
			r.Cluster = func() (*repository.Cluster, *failure.Failure) { asked = true; return inner() }
		})
		if asked != c.asked {
			t.Errorf("%s: asked %v", name, asked)
		}
	}
}

func TestRulesOfTheChartHoldForItsChartsToo(t *testing.T) {
	result := rendered(t, web(testhost.Files{
		"web/.helmignore":                      "charts/db/templates/ignored.yaml\n",
		"web/charts/db/Chart.yaml":             chartFile("db", ""),
		"web/charts/db/.helmignore":            "templates/kept.yaml\n",
		"web/charts/db/templates/kept.yaml":    configMap("kept", "1"),
		"web/charts/db/templates/ignored.yaml": configMap("ignored", "1"),
	}))
	if len(result.Objects) != 1 || result.Objects[0].Name != "kept" {
		t.Errorf("%+v", result.Objects)
	}
}

func TestDependencies(t *testing.T) {
	result := rendered(t, web(testhost.Files{
		"web/Chart.yaml": chartFile("web", "dependencies:\n"+
			"- {name: db, version: 1.0.0, alias: one, repository: 'file://../db'}\n"+
			"- {name: db, version: 1.0.0, alias: two, repository: 'file://../db', condition: two.enabled}\n"+
			"- {name: lib, version: 1.0.0}\n"),
		"web/values.yaml":                 "two: {enabled: false}\n",
		"web/charts/lib/Chart.yaml":       chartFile("lib", "type: library\n"),
		"web/charts/lib/templates/_x.tpl": `{{ define "x" }}42{{ end }}`,
		"db/Chart.yaml":                   chartFile("db", ""),
		"db/templates/a.yaml":             configMap("{{ .Chart.Name }}", `{{ include "x" . }}`),
	}))
	if len(result.Objects) != 1 || result.Objects[0].Name != "one" || result.Objects[0].File != "db/templates/a.yaml" {
		t.Errorf("%+v", result.Objects)
	}
}

func TestMissingDependencies(t *testing.T) {
	for from, c := range map[string]struct{ code, words string }{
		"https://user:hunter2@example.com/x": {failure.Remote, "comes from https://example.com/x"},
		"oci://example.com/x":                {failure.Remote, "is not in charts/"},
		"file://../../../etc":                {failure.Failed, "no folder of the repository"},
		"":                                   {failure.Failed, "is not in charts/"},
	} {
		files := web(testhost.Files{
			"web/Chart.yaml": chartFile("web", "dependencies:\n- name: db\n  version: 1.0.0\n  repository: '"+from+"'\n"),
			// Another chart whose name begins alike is not it.
			"web/charts/db-operator/Chart.yaml": chartFile("db-operator", ""),
		})
		wants(t, refused(t, files), c.code, c.words, "web/Chart.yaml", 5)
	}
}
