package chart

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/testhost"
)

func packed(t *testing.T, entries ...tar.Header) string {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	archive := tar.NewWriter(zipped)
	for _, entry := range entries {
		text := entry.Uname
		entry.Uname, entry.Mode = "", 0o644
		if entry.Typeflag == 0 || entry.Typeflag == tar.TypeReg {
			entry.Size = int64(len(text))
		}
		if err := archive.WriteHeader(&entry); err != nil {
			t.Fatal(err)
		}
		if entry.Size > 0 {
			if _, err := archive.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// file is an entry whose text packed takes from Uname.
func file(name, text string) tar.Header { return tar.Header{Name: name, Uname: text} }

func TestAPackedChartIsRenderedAndLookedInto(t *testing.T) {
	inner := packed(t, file("sub/Chart.yaml", chartFile("sub", "")),
		file("sub/templates/s.yaml", configMap("sub", "{{ .Capabilities.KubeVersion }}")))
	result := rendered(t, web(testhost.Files{"web/charts/db-1.0.0.tgz": packed(t,
		file("db/Chart.yaml", chartFile("db", "")),
		file("db/templates/a.yaml", "\n\n"+configMap("db", "{{ now }}")),
		file("db/charts/sub-1.0.0.tgz", inner),
	)}))
	if len(result.Objects) != 2 || len(result.Warnings) != 1 {
		t.Fatalf("%+v %q", result.Objects, result.Warnings)
	}
	for _, object := range result.Objects {
		if object.File != "web/charts/db-1.0.0.tgz" || object.Line != 0 {
			t.Errorf("%s at %s:%d", object.Name, object.File, object.Line)
		}
		if object.Name == "sub" && !strings.Contains(string(object.JSON), "v1.37.2") {
			t.Errorf("%s", object.JSON)
		}
	}
}

func TestPackedChartsThatAreAttacks(t *testing.T) {
	db := file("db/Chart.yaml", chartFile("db", ""))
	zeros := strings.Repeat("\x00", maxUnpacked/2)
	bomb := packed(t, db, file("db/x", zeros))
	many := make([]tar.Header, 140_000)
	for i := range many {
		many[i] = file(fmt.Sprintf("db/%d", i), "")
	}
	deep := packed(t, db)
	for range maxDepth + 1 {
		deep = packed(t, db, file("db/charts/db.tgz", deep))
	}
	for name, c := range map[string]struct{ archive, code string }{
		"leaves its folder":    {packed(t, db, file("db/../../../x", "x")), failure.Failed},
		"absolute":             {packed(t, db, file("db//etc/passwd", "x")), failure.Failed},
		"symbolic link":        {packed(t, db, tar.Header{Name: "db/values.yaml", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}), failure.Failed},
		"hard link":            {packed(t, db, tar.Header{Name: "db/values.yaml", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"}), failure.Failed},
		"no archive":           {"hello", failure.Failed},
		"bomb":                 {packed(t, db, file("db/x", zeros), file("db/y", zeros+zeros)), failure.Limit},
		"bombs in it":          {packed(t, db, file("db/charts/a.tgz", bomb), file("db/charts/b.tgz", bomb)), failure.Limit},
		"nothing but headers":  {packed(t, many...), failure.Limit},
		"archives in archives": {deep, failure.Limit},
	} {
		f := refused(t, web(testhost.Files{"web/charts/db-1.0.0.tgz": c.archive}))
		if f.Code != c.code || f.File != "web/charts/db-1.0.0.tgz" {
			t.Errorf("%s: %s %q at %s", name, f.Code, f.Summary, f.File)
		}
	}
}

func TestASchemaInAPackedChartReachesNothing(t *testing.T) {
	inner := packed(t, file("sub/Chart.yaml", chartFile("sub", "")),
		file("sub/values.schema.json", `{"$ref": "file:///etc/passwd"}`), file("sub/values.yaml", "a: 1\n"))
	f := refused(t, web(testhost.Files{"web/charts/db-1.0.0.tgz": packed(t,
		file("db/Chart.yaml", chartFile("db", "")), file("db/charts/sub-1.0.0.tgz", inner))}))
	if f.Code != failure.Remote || f.File != "web/charts/db-1.0.0.tgz" {
		t.Errorf("%s %q at %s", f.Code, f.Summary, f.File)
	}
}

func TestChartsThatMultiply(t *testing.T) {
	cycle := "dependencies:\n- {name: b, version: 1.0.0, repository: 'file://../web'}\n- {name: c, version: 1.0.0, repository: 'file://../web'}\n"
	f := refused(t, testhost.Files{"web/Chart.yaml": chartFile("web", cycle)})
	if f.Code != failure.Limit {
		t.Errorf("%s %q", f.Code, f.Summary)
	}
	files := web(nil)
	for i := range maxCharts {
		files[fmt.Sprintf("web/charts/c%d/Chart.yaml", i)] = chartFile(fmt.Sprintf("c%d", i), "")
	}
	if f := refused(t, files); f.Code != failure.Limit || !strings.Contains(f.Summary, "too many") {
		t.Errorf("%s %q", f.Code, f.Summary)
	}
	files = web(nil)
	folder := "web"
	twice := "dependencies:\n- {name: x, version: 1.0.0, alias: y}\n- {name: x, version: 1.0.0, alias: z}\n"
	for range 15 {
		files[folder+"/Chart.yaml"] = chartFile("x", twice)
		folder += "/charts/x"
	}
	files[folder+"/Chart.yaml"] = chartFile("x", "")
	if f := refused(t, files); f.Code != failure.Limit {
		t.Errorf("%s %q", f.Code, f.Summary)
	}
}

func TestTemplatesThatAreAttacks(t *testing.T) {
	result := rendered(t, web(testhost.Files{"web/templates/a.yaml": configMap("a", "1") + strings.Repeat("# {{now}}\n", 30_000)}))
	if len(result.Warnings) != maxWarnings+1 {
		t.Errorf("%d warnings", len(result.Warnings))
	}
	f := refused(t, web(testhost.Files{"web/templates/a.yaml": strings.Repeat("{{", 1_000_000)}))
	if f.File != "web/templates/a.yaml" || len(f.Summary) > 2*maxWords {
		t.Errorf("%q at %s", f.Summary, f.File)
	}
	f = refused(t, web(testhost.Files{"web/templates/a.yaml": `{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}`}))
	if len(f.Summary) > 2*maxWords {
		t.Errorf("%d bytes: %q", len(f.Summary), f.Summary)
	}
	f = refused(t, web(testhost.Files{"web/templates/a.yaml": `{{ range until 100000 }}0123456789{{ end }}`}),
		func(r *Request) { r.OutputBytes = 100_000 })
	wants(t, f, failure.Limit, "more than 100000 bytes", "web", 0)
}

func TestOddReleaseNamesAreRefused(t *testing.T) {
	for _, name := range []string{"", "--post-renderer=sh", "A", "a/b", strings.Repeat("a", 54)} {
		f := refused(t, web(nil), func(r *Request) { r.ReleaseName = name })
		wants(t, f, failure.Failed, "release name", "web", 0)
	}
}
