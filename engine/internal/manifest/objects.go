package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"slipway/engine/internal/failure"
)

// Object is a Kubernetes object, with the file that it was made from.
type Object struct {
	JSON []byte
	Kind string
	Name string
	File string
	Line int
	// Through is the file that may change it on its way to the cluster.
	Through string
}

type head struct {
	APIVersion json.RawMessage `json:"apiVersion"`
	Kind       json.RawMessage `json:"kind"`
	Metadata   json.RawMessage `json:"metadata"`
	Items      json.RawMessage `json:"items"`
}

type metadata struct {
	Name         any            `json:"name"`
	GenerateName any            `json:"generateName"`
	Namespace    any            `json:"namespace"`
	Annotations  map[string]any `json:"annotations"`
}

// maxDepth of lists in lists, which only an attack needs.
const maxDepth = 20

// Objects returns the objects of a document, lists flattened, each checked for what every object needs.
func Objects(document Document, file string) ([]Object, *failure.Failure) {
	if document.JSON == nil {
		return nil, nil
	}
	return flatten(document.JSON, file, document.Line, maxDepth)
}

func flatten(value []byte, file string, line, depth int) ([]Object, *failure.Failure) {
	invalid := func(what string) *failure.Failure { return failure.New(failure.Invalid, file, what).At(line) }
	if trimmed := bytes.TrimSpace(value); len(trimmed) == 0 || trimmed[0] != '{' {
		return nil, invalid("the document is not a Kubernetes object but a plain value or list")
	}
	var h head
	if err := json.Unmarshal(value, &h); err != nil {
		return nil, invalid("the document is not valid JSON")
	}
	kind := text(h.Kind)
	if items, ok := listOf(h, kind); ok {
		if depth == 0 {
			return nil, failure.New(failure.Limit, file, "lists are nested too deep").At(line)
		}
		return flattenItems(items, h, kind, file, line, depth)
	}
	object, f := check(value, h, kind, file, line)
	if f != nil {
		return nil, f
	}
	return []Object{object}, nil
}

// listOf tells whether this is a list of objects: its kind ends so, and it has items, perhaps none. Lists have no name:
// what has one is an object of a kind that ends so, with a field `items` of its own.
func listOf(h head, kind string) ([]json.RawMessage, bool) {
	var m metadata
	if !strings.HasSuffix(kind, "List") || h.Items == nil {
		return nil, false
	}
	if json.Unmarshal(h.Metadata, &m) == nil && m.Name != nil && kind != "List" {
		return nil, false
	}
	var items []json.RawMessage
	if err := json.Unmarshal(h.Items, &items); err != nil {
		return nil, false
	}
	return items, true
}

func flattenItems(items []json.RawMessage, h head, kind, file string, line, depth int) ([]Object, *failure.Failure) {
	var objects []Object
	for _, item := range items {
		if bytes.Equal(bytes.TrimSpace(item), []byte("null")) {
			continue
		}
		found, f := flatten(withListType(item, h, kind), file, line, depth-1)
		if f != nil {
			return nil, f
		}
		objects = append(objects, found...)
	}
	return objects, nil
}

// withListType gives an item of a typed list (ConfigMapList) what the list says of it.
func withListType(item json.RawMessage, h head, kind string) json.RawMessage {
	if kind == "List" {
		return item
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(item, &fields) != nil || fields == nil {
		return item
	}
	if _, ok := fields["apiVersion"]; !ok && h.APIVersion != nil {
		fields["apiVersion"] = h.APIVersion
	}
	if _, ok := fields["kind"]; !ok {
		fields["kind"], _ = json.Marshal(strings.TrimSuffix(kind, "List"))
	}
	typed, err := json.Marshal(fields)
	if err != nil {
		return item
	}
	return typed
}

func check(value []byte, h head, kind, file string, line int) (Object, *failure.Failure) {
	var m metadata
	isMapping := len(h.Metadata) > 0 && h.Metadata[0] == '{' && json.Unmarshal(h.Metadata, &m) == nil
	name, _ := m.Name.(string)
	invalid := func(subject, what string) *failure.Failure {
		if subject == "" {
			subject = "the document"
		}
		return failure.New(failure.Invalid, file, subject+" "+what).At(line)
	}
	apiVersion := text(h.APIVersion)
	switch {
	case apiVersion == "":
		return Object{}, invalid(name, "has no apiVersion")
	case kind == "":
		return Object{}, invalid(name, "has no kind")
	case !isMapping:
		return Object{}, invalid(kind, "has no metadata.name")
	case strings.HasPrefix(apiVersion, "kustomize.config.k8s.io/"):
		return Object{}, invalid(kind, "belongs to Kustomize and is no object of a cluster").
			WithHint("Make this folder an app of its own, or set renderer: kustomize in slipway.yaml.")
	}
	if f := checkName(name, kind, m, invalid); f != nil {
		return Object{}, f
	}
	if number := inexact(value); number != "" {
		return Object{}, failure.New(failure.Invalid, file,
			fmt.Sprintf("%s: the number %s cannot be kept exactly; quote it if it is a text", kind, number)).At(line)
	}
	return Object{JSON: value, Kind: kind, Name: name, File: file, Line: line}, nil
}

func checkName(name, kind string, m metadata, invalid func(string, string) *failure.Failure) *failure.Failure {
	if name != "" {
		return nil
	}
	if m.Name != nil && m.Name != "" {
		return invalid(kind, fmt.Sprintf("has a metadata.name that is not a text; write it in quotes"))
	}
	_, isGenerated := m.GenerateName.(string)
	if isGenerated && isHook(m.Annotations) {
		return nil
	}
	f := invalid(kind, "has no metadata.name")
	if isGenerated {
		f = f.WithHint("generateName makes a new object on every deploy; give it a fixed name, or make it a hook.")
	}
	return f
}

// isHook tells whether the object is created anew each time by intent: as a hook of Helm or of Argo CD.
func isHook(annotations map[string]any) bool {
	for _, key := range []string{"helm.sh/hook", "argocd.argoproj.io/hook"} {
		if _, ok := annotations[key]; ok {
			return true
		}
	}
	return false
}

func text(value json.RawMessage) string {
	var found string
	if json.Unmarshal(value, &found) != nil {
		return ""
	}
	return found
}
