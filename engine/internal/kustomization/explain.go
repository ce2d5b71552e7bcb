package kustomization

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"slipway/engine/internal/chart"
	"slipway/engine/internal/failure"
)

// wrappings are what one folder or one attempt adds in front of the reason, or behind it.
var wrappings = []struct {
	pattern *regexp.Regexp
	kept    string
}{
	{regexp.MustCompile(`^accumulating (?:resources|components): `), ""},
	{regexp.MustCompile(`^accumulateDirectory: "(.*)"$`), "$1"},
	{regexp.MustCompile(`^accumulation err='(.*)': must build at directory: '[^']*': file is not directory$`), "$1"},
	{regexp.MustCompile(`^accumulation err='accumulating resources from '[^']*': '[^']*' must resolve to a file': `), ""},
	{regexp.MustCompile(`^accumulating resources from '[^']*': `), ""},
	{regexp.MustCompile(`^recursed (?:accumulation of|merging from) path '[^']*': `), ""},
	{regexp.MustCompile(`^couldn't make target for path '[^']*': `), ""},
}

var (
	id        = regexp.MustCompile(`\b(\w+)\.(?:\w+|\[noVer\])\.(?:[\w.-]+|\[noGrp\])/([\w.-]+|\[noName\])\.(?:[\w-]+|\[noNs\])`)
	dump      = regexp.MustCompile(`(?:&?\w+\.)?\w*\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}`)
	malformed = regexp.MustCompile(`^MalformedYAMLError: yaml: (.*) in File: \S+$`)
	spaces    = regexp.MustCompile(`\s*\n\s*`)
	inFolder  = regexp.MustCompile(`(?:path|target for path) '([^']+)'`)
	fromFile  = regexp.MustCompile(`(?:from|File:) '?([^'\s]+\.(?:ya?ml|json))`)
	unknown   = regexp.MustCompile(`unknown field "([^"]+)"`)
	lineIn    = regexp.MustCompile(`\bline (\d+)`)
	plugin    = regexp.MustCompile(`unable to load external plugin '?([\w.-]+)`)
)

// explain makes one sentence of an error of Kustomize, at the author's file. It wraps an error once for every folder it
// came through, and adds that a file is no folder where it tried that too.
func (b *build) explain(err error) *failure.Failure {
	text := strings.ReplaceAll(err.Error(), root+"/", "")
	text = strings.TrimSpace(spaces.ReplaceAllString(text, " "))
	file, line := b.place(text)
	if found := plugin.FindStringSubmatch(text); found != nil {
		return failure.New(failure.Failed, file, found[1]+" is a plugin that runs a program, which Slipway never does").
			At(line).WithHint("Commit its output in place of it, or use a builtin plugin.")
	}
	reason := innermost(text)
	if strings.Contains(reason, "missing metadata.name in object") {
		return failure.New(failure.Invalid, file, "an object has no metadata.name, and Kustomize takes no generateName").
			At(line).WithHint("Give it a fixed name; hook-delete-policy: before-hook-creation makes a hook run anew.")
	}
	return failure.New(failure.Failed, file, readable(reason)).At(line)
}

func innermost(text string) string {
	for before := ""; before != text; {
		before = text
		for _, wrapping := range wrappings {
			text = wrapping.pattern.ReplaceAllString(text, wrapping.kept)
		}
	}
	return text
}

// readable turns Kustomize's ids (`ConfigMap.v1.[noGrp]/name.[noNs]`) and Go's words into what people say.
func readable(reason string) string {
	reason = id.ReplaceAllString(reason, "$1 $2")
	reason = strings.ReplaceAll(reason, " [noName]", "")
	reason = strings.Replace(reason, ": json: ", ": ", 1)
	reason = malformed.ReplaceAllString(reason, "not valid YAML: $1")
	return strings.TrimSpace(dump.ReplaceAllString(reason, "{…}"))
}

// place is the file that is named, else the kustomization of the innermost folder that is.
func (b *build) place(text string) (string, int) {
	folder := b.folder
	for _, found := range inFolder.FindAllStringSubmatch(text, -1) {
		for _, candidate := range []string{found[1], path.Join(b.folder, found[1])} {
			if b.kustomizationIn(candidate) != "" {
				folder = candidate
			}
		}
	}
	file := b.kustomizationIn(folder)
	if file == "" {
		file = folder
	}
	if named := fromFile.FindAllStringSubmatch(text, -1); named != nil {
		candidate := path.Join(folder, named[len(named)-1][1])
		if _, ok := b.files.Known(candidate); ok {
			file = candidate
		}
	}
	if field := unknown.FindStringSubmatch(text); field != nil {
		known, _ := b.files.Known(file)
		return file, chart.LineOf(string(known), field[1])
	}
	line := 0
	if found := lineIn.FindStringSubmatch(text); found != nil {
		line, _ = strconv.Atoi(found[1])
	}
	return file, line
}

func (b *build) kustomizationIn(folder string) string {
	for name := range b.read {
		if path.Dir(name) == path.Clean(folder) && slices.Contains(names, path.Base(name)) {
			return name
		}
	}
	return ""
}
