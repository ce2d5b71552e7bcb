package chart

import (
	"strings"
	"testing"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/testhost"
)

func TestErrorsOfTemplatesNameFileAndLine(t *testing.T) {
	for template, c := range map[string]struct {
		words string
		line  int
	}{
		"kind: {{ .Values.a.b }}\n":                         {"nil pointer", 1},
		"x: 1\nkind: {{ required \"say it\" .Values.k }}\n": {"say it", 2},
		"kind: {{ .Values.a\n":                              {"unclosed action", 2},
		"kind: a\n  x: b\n":                                 {"YAML parse error", 0},
		"kind: {{ template \"no\" }}\n":                     {"no", 1},
		"kind: {{ mustToDate \"2006\" \"x\" }}\n":           {"mustToDate", 1},
	} {
		f := refused(t, web(testhost.Files{"web/templates/a, b.yaml": template}))
		wants(t, f, failure.Failed, c.words, "web/templates/a, b.yaml", c.line)
	}
}

func TestErrorsOfChartFilesNameThem(t *testing.T) {
	f := refused(t, web(testhost.Files{"web/Chart.yaml": chartFile("web", "keywords: {a: b}\n")}))
	wants(t, f, failure.Failed, "keywords holds a value of the type object", "web/Chart.yaml", 0)
	f = refused(t, web(testhost.Files{"web/charts/db/Chart.yaml": chartFile("db", ""), "web/charts/db/values.yaml": "a: 1\nb: [\n"}))
	wants(t, f, failure.Failed, "cannot load values.yaml", "web/charts/db/values.yaml", 2)
	f = refused(t, web(testhost.Files{"env.yaml": "a: 1\nb: [\n"}), withValues("env.yaml"))
	wants(t, f, failure.Failed, "env.yaml is not valid YAML", "env.yaml", 2)
}

func TestClosedFunctionsAnswerNothing(t *testing.T) {
	t.Setenv("CANARY", "seen")
	for _, name := range []string{`env "CANARY"`, `expandenv "$CANARY"`} {
		f := refused(t, web(testhost.Files{"web/templates/a.yaml": configMap("a", "{{ "+name+" }}")}))
		wants(t, f, failure.Failed, "not defined", "web/templates/a.yaml", 6)
	}
	result := rendered(t, web(testhost.Files{
		"web/templates/a.yaml": configMap("a", `"{{ getHostByName "localhost" }}"`),
	}))
	if !strings.Contains(string(result.Objects[0].JSON), `"v":""`) {
		t.Errorf("%s", result.Objects[0].JSON)
	}
}

func TestValuesThatDoNotFitNameFileKeyAndLineButNoValue(t *testing.T) {
	schema := `{"properties": {"web": {"properties": {"replicas": {"type": "integer"}, "token": {"pattern": "^a"}}}}, "required": ["web"]}`
	files := web(testhost.Files{
		"web/values.schema.json": schema,
		"web/values.yaml":        "web:\n  replicas: 1\n",
		"env.yaml":               "x: 1\nweb:\n  replicas: many\n",
		"secret.yaml":            "web:\n  token: hunter2\n",
	})
	wants(t, refused(t, files, withValues("env.yaml")), failure.Failed, "web.replicas", "env.yaml", 3)
	f := refused(t, files, withValues("secret.yaml"))
	wants(t, f, failure.Failed, "web.token does not match the pattern", "secret.yaml", 2)
	if strings.Contains(f.Summary, "hunter2") {
		t.Errorf("the value is told: %s", f.Summary)
	}
	delete(files, "web/values.yaml")
	wants(t, refused(t, files), failure.Failed, "missing property 'web'", "web/values.yaml", 0)
}

func TestValuesOfASubchartAreCheckedToo(t *testing.T) {
	f := refused(t, web(testhost.Files{
		"web/charts/db/Chart.yaml":         chartFile("db", ""),
		"web/charts/db/values.schema.json": `{"properties": {"size": {"enum": ["s", "l"]}}}`,
		"env.yaml":                         "db:\n  size: xl\n",
	}), withValues("env.yaml"))
	wants(t, f, failure.Failed, "db.size", "env.yaml", 2)
}

func TestSchemasReachNothing(t *testing.T) {
	for _, reference := range []string{
		"file:///etc/passwd", "http://127.0.0.1:1/x", "https://example.com/x.json", "other", "../../x.json", "FILE:///etc/passwd",
	} {
		f := refused(t, web(testhost.Files{
			"web/values.schema.json": `{"properties": {"a": {"$ref": "` + reference + `"}}}`,
		}))
		if f.Code != failure.Remote && !strings.Contains(f.Summary, "not valid") {
			t.Errorf("%s: %s %q", reference, f.Code, f.Summary)
		}
		if f.File != "web/values.schema.json" {
			t.Errorf("%s: at %s", reference, f.File)
		}
	}
	rendered(t, web(testhost.Files{"web/values.schema.json": `{"$schema": "http://json-schema.org/draft-07/schema#",
		"definitions": {"x": {"type": "string"}}, "properties": {"a": {"$ref": "#/definitions/x"}}}`}))
	f := refused(t, web(testhost.Files{"web/values.schema.json": `{"$schema": "http://127.0.0.1:1/meta"}`}))
	wants(t, f, failure.Remote, "outside of itself", "web/values.schema.json", 0)
}

func TestKeysThatStandTwiceAreAWarning(t *testing.T) {
	result := rendered(t, web(testhost.Files{
		"web/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels:\n    app: one\n    app: two\n",
		"env.yaml":             "a: 1\na: 2\n",
	}), withValues("env.yaml"))
	want := []string{"env.yaml:2 has the key a twice; the last one counts", "web/templates/a.yaml:7 has the key app twice; the last one counts"}
	if strings.Join(result.Warnings, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q", result.Warnings)
	}
	if !strings.Contains(string(result.Objects[0].JSON), `"app":"two"`) {
		t.Errorf("%s", result.Objects[0].JSON)
	}
}

func TestWhatDiffersFromRenderToRenderIsNamed(t *testing.T) {
	result := rendered(t, web(testhost.Files{
		"web/templates/a.yaml": "{{/* now */}}\n" + configMap("a", `{{ randAlphaNum 8 }}{{ "now" }}`),
	}))
	want := "web/templates/a.yaml:7 uses randAlphaNum, which gives something else at each render"
	if len(result.Warnings) != 1 || result.Warnings[0] != want {
		t.Errorf("%q", result.Warnings)
	}
}
