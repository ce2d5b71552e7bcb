package chart

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"slipway/engine/internal/failure"
)

// maxWords is how long a sentence may be, in bytes; Helm repeats what templates wrote.
const maxWords = 1000

var (
	spaces  = regexp.MustCompile(`\s*\n\s*`)
	wrapped = regexp.MustCompile(`template: \S+ executing "[^"]*" at `)
	at      = regexp.MustCompile(`^:(\d+)`)
)

// explain makes one sentence of an error of Helm, at the author's file. Helm names a template as
// `chart/templates/x.yaml:12:4`, at the beginning or in brackets, and says what is wrong at the end.
func (r *release) explain(err error) *failure.Failure {
	text := plainWords(err.Error())
	file, line, first := r.request.Folder, 0, len(text)
	var pairs []string
	for _, name := range r.names() {
		found := strings.Index(text, name)
		if found < 0 {
			continue
		}
		from, inner := r.places.find(name)
		if !from.packed {
			pairs = append(pairs, name, place(from, inner))
		}
		if found >= first {
			continue
		}
		first, file, line = found, place(from, inner), 0
		if digits := at.FindStringSubmatch(text[found+len(name):]); digits != nil && !from.packed {
			line, _ = strconv.Atoi(digits[1])
		}
	}
	text = strings.NewReplacer(pairs...).Replace(text)
	return failure.New(failure.Failed, file, wrapped.ReplaceAllString(text, "")).At(line)
}

// names are the templates as Helm names them, longer ones first.
func (r *release) names() []string {
	var names []string
	for prefix, from := range r.places {
		for _, file := range from.files {
			if strings.Contains("/"+file.Name, "/templates/") {
				names = append(names, path.Join(prefix, file.Name))
			}
		}
	}
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	return names
}

// plainWords makes one sentence of a library's error, without Go's types, without addresses, and without the values that
// some functions repeat, which may be secret.
func plainWords(text string) string {
	text = oneLine(text)
	for _, rule := range rules {
		text = rule.pattern.ReplaceAllString(text, rule.words)
	}
	if len(text) > maxWords {
		text = strings.ToValidUTF8(text[:maxWords], "") + "…"
	}
	return text
}

var rules = []struct {
	pattern *regexp.Regexp
	words   string
}{
	{regexp.MustCompile(`error converting YAML to JSON: `), ""},
	{regexp.MustCompile(`(^|\s)yaml: `), "$1"},
	{regexp.MustCompile(`error unmarshaling JSON: while decoding JSON: `), ""},
	{regexp.MustCompile(`json: cannot unmarshal (\w+) into Go struct field \w+\.([\w.]+) of type \S+`),
		"$2 holds a value of the type $1, which may not stand there"},
	{regexp.MustCompile(`json: cannot unmarshal (\w+) into Go value of type \S+(?: interface \{\})?`), "a $1 stands where a mapping belongs"},
	{regexp.MustCompile("cannot unmarshal (\\S+) `[^`]*` into .*"), "a value of the type $1 may not stand there"},
	{regexp.MustCompile(`(strconv\.\w+: parsing) "(?:\\.|[^"\\])*"`), "$1 a value"},
	{regexp.MustCompile(` evaluating (?:interface \{\}|map\[string\]interface \{\}|\*?\w+\.\w+)\.`), " evaluating ."},
	{regexp.MustCompile(`map\[string\]interface \{\}`), "mapping"},
	{regexp.MustCompile(`\[\]interface \{\}`), "list"},
	{regexp.MustCompile(`interface \{\}`), "value"},
	{regexp.MustCompile(`\b0x[0-9a-f]{6,}\b`), "…"},
}

func oneLine(text string) string {
	return strings.TrimSpace(spaces.ReplaceAllString(text, " "))
}
