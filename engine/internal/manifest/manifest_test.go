package manifest

import (
	"strings"
	"testing"
)

func objectsOf(t *testing.T, text string) ([]Object, string) {
	t.Helper()
	documents, _, f := Decode([]byte(text), "x.yaml", Written)
	if f != nil {
		return nil, f.Summary
	}
	var objects []Object
	for _, document := range documents {
		found, f := Objects(document, "x.yaml")
		if f != nil {
			return nil, f.Summary
		}
		objects = append(objects, found...)
	}
	return objects, ""
}

const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"

func TestIntegersAreKeptExactlyOrRefused(t *testing.T) {
	for text, refused := range map[string]bool{
		"x: 9007199254740991":              false,
		"x: 9007199254740993":              true,
		"x: -9007199254740993":             true,
		"x: 18446744073709551615":          true,
		"x: \"9007199254740993\"":          false,
		"x: \"a \\\" 9007199254740993\"":   false,
		"x: 1e300":                         false,
		"x: 1.5":                           false,
		"x: [1, {y: 1685906000388294100}]": true,
	} {
		_, summary := objectsOf(t, configMap+text+"\n")
		if (summary != "") != refused {
			t.Errorf("%s: %q", text, summary)
		}
		if refused && !strings.Contains(summary, "cannot be kept exactly") {
			t.Errorf("%s: %q", text, summary)
		}
	}
}

func TestListsHaveNoName(t *testing.T) {
	for text, names := range map[string]string{
		"apiVersion: v1\nkind: List\nitems: null\n":                                                            "",
		"apiVersion: v1\nkind: ConfigMapList\nitems:\n":                                                        "",
		"apiVersion: v1\nkind: ConfigMapList\nitems: [{metadata: {name: a}}, null]\n":                          "a",
		"apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: office}\nitems: [{cidr: 10.0.0.0/8}]\n": "office",
	} {
		objects, summary := objectsOf(t, text)
		var found []string
		for _, object := range objects {
			found = append(found, object.Name)
		}
		if summary != "" || strings.Join(found, " ") != names {
			t.Errorf("%q: %q %q", text, found, summary)
		}
	}
}

func TestTextsAreUTF8OrUTF16(t *testing.T) {
	utf16 := "\xFF\xFE"
	for _, c := range configMap {
		utf16 += string([]byte{byte(c), 0})
	}
	if objects, summary := objectsOf(t, utf16); len(objects) != 1 {
		t.Errorf("UTF-16: %q", summary)
	}
	if objects, summary := objectsOf(t, "\xEF\xBB\xBF"+strings.ReplaceAll(configMap, "\n", "\r\n")); len(objects) != 1 {
		t.Errorf("a byte order mark and CRLF: %q", summary)
	}
	_, _, f := Decode([]byte(configMap+"data: {x: \xE9}\n"), "x.yaml", Written)
	if f == nil || f.Line != 4 {
		t.Errorf("Latin-1: %+v", f)
	}
}

func TestKeysThatStandTwice(t *testing.T) {
	text := []byte(configMap + "data:\n  a: b\n  a: c\n")
	if _, _, f := Decode(text, "x.yaml", Written); f == nil || f.Line != 6 {
		t.Errorf("written: %+v", f)
	}
	documents, warnings, f := Decode(text, "x.yaml", Generated)
	if f != nil || len(warnings) != 1 || !strings.Contains(string(documents[0].JSON), `"a":"c"`) {
		t.Errorf("generated: %v %v", warnings, f)
	}
}
