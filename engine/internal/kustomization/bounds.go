package kustomization

import (
	"bytes"

	yamlv3 "go.yaml.in/yaml/v3"

	"slipway/engine/internal/failure"
)

// maxValues is more than any manifest has: aliases of aliases can stand for billions.
const maxValues = 1_000_000

// maxNesting is deeper than people write; Kustomize walks values recursively.
const maxNesting = 200

// refuseBombs refuses a file whose aliases stand for too much, before Kustomize expands them.
func refuseBombs(name string, text []byte) *failure.Failure {
	if !bytes.Contains(text, []byte("&")) || !bytes.Contains(text, []byte("*")) {
		return nil
	}
	decoder := yamlv3.NewDecoder(bytes.NewReader(text))
	for {
		var document yamlv3.Node
		if decoder.Decode(&document) != nil {
			return nil
		}
		sizes := map[*yamlv3.Node]int{}
		if size(&document, sizes, 0) > maxValues {
			return failure.New(failure.Limit, name, "the aliases of the document stand for too many values").
				At(document.Line)
		}
	}
}

// size counts the values that a node stands for, each node once. A circle, or too deep a nesting, counts as too much.
func size(node *yamlv3.Node, sizes map[*yamlv3.Node]int, depth int) int {
	if depth > maxNesting {
		return maxValues + 1
	}
	if known, ok := sizes[node]; ok {
		return known
	}
	sizes[node] = maxValues + 1
	total := 1
	if node.Kind == yamlv3.AliasNode && node.Alias != nil {
		total += size(node.Alias, sizes, depth+1)
	}
	for _, inner := range node.Content {
		total += size(inner, sizes, depth+1)
		if total > maxValues {
			break
		}
	}
	sizes[node] = total
	return total
}
