package jsonnet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/manifest"
)

// maxNesting of brackets in a program, and of fields in what it answers.
const maxNesting = 200

// objectsIn flattens lists and fields, as Tanka does: what has a kind and an apiVersion is an object, null is left out.
func objectsIn(value []byte, file string) ([]manifest.Object, *failure.Failure) {
	return flatten(value, file, "$", maxNesting)
}

func flatten(value []byte, file, at string, depth int) ([]manifest.Object, *failure.Failure) {
	value = bytes.TrimSpace(value)
	wrong := func() *failure.Failure {
		return failure.New(failure.Invalid, file, at+" is not a Kubernetes object but a plain value")
	}
	switch {
	case depth == 0:
		return nil, failure.New(failure.Limit, file, "what the program answers is nested too deep")
	case bytes.Equal(value, []byte("null")):
		return nil, nil
	case len(value) > 0 && value[0] == '[':
		var items []json.RawMessage
		if json.Unmarshal(value, &items) != nil {
			return nil, wrong()
		}
		return flattenAll(len(items), func(i int) ([]byte, string) { return items[i], fmt.Sprintf("%s[%d]", at, i) }, file, depth)
	case len(value) > 0 && value[0] == '{':
		var fields map[string]json.RawMessage
		if json.Unmarshal(value, &fields) != nil {
			return nil, wrong()
		}
		if fields["kind"] != nil && fields["apiVersion"] != nil {
			return manifest.Objects(manifest.Document{JSON: value}, file)
		}
		names := make([]string, 0, len(fields))
		for name := range fields {
			names = append(names, name)
		}
		slices.Sort(names)
		return flattenAll(len(names), func(i int) ([]byte, string) { return fields[names[i]], at + "." + names[i] }, file, depth)
	}
	return nil, wrong()
}

func flattenAll(
	count int, item func(int) ([]byte, string), file string, depth int,
) ([]manifest.Object, *failure.Failure) {
	var objects []manifest.Object
	for i := range count {
		value, at := item(i)
		found, f := flatten(value, file, at, depth-1)
		if f != nil {
			return nil, f
		}
		objects = append(objects, found...)
	}
	return objects, nil
}

// tooDeep refuses a program whose brackets nest deeper than a parser that calls itself should follow. Brackets in texts and
// comments count too, which no program for people reaches.
func tooDeep(text []byte, file string) *failure.Failure {
	depth, line := 0, 1
	for _, c := range text {
		switch c {
		case '\n':
			line++
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(0, depth-1)
		}
		if depth > 10*maxNesting {
			return failure.New(failure.Limit, file, "its brackets nest too deep").At(line)
		}
	}
	return nil
}
