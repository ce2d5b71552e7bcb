package chart

import (
	"errors"
	"fmt"
	"path"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"slipway/engine/internal/failure"
)

// explainMisfit says the first thing that is wrong with the values.
func (r *release) explainMisfit(err error, at []string) *failure.Failure {
	if err == nil {
		return nil
	}
	var wrong *jsonschema.ValidationError
	if !errors.As(err, &wrong) {
		return r.misfit(at, "cannot be checked")
	}
	for len(wrong.Causes) > 0 {
		wrong = wrong.Causes[0]
	}
	return r.misfit(append(at[:len(at):len(at)], wrong.InstanceLocation...), reason(wrong.ErrorKind))
}

// reason is the library's sentence, without the value, which may be secret.
func reason(of jsonschema.ErrorKind) string {
	switch of := of.(type) {
	case *kind.Pattern:
		return fmt.Sprintf("does not match the pattern %s", of.Want)
	case *kind.Format:
		return fmt.Sprintf("is no %s", of.Want)
	case *kind.ContentEncoding, *kind.ContentMediaType, *kind.ContentSchema:
		return "is not encoded as the schema wants it"
	case *kind.MultipleOf, *kind.Minimum, *kind.Maximum, *kind.ExclusiveMinimum, *kind.ExclusiveMaximum:
		return "is a number outside of what the schema allows"
	}
	return "is wrong: " + of.LocalizedString(message.NewPrinter(language.English))
}

// setBy is the last file that sets a value, and the line; where none does, the last file that could.
func (r *release) setBy(at []string) (string, int) {
	files := r.request.ValuesFiles
	for i := len(files) - 1; i >= 0; i-- {
		if text, ok := r.files.Read(files[i]); ok {
			if line := keyLine(text, at); line > 0 {
				return files[i], line
			}
		}
	}
	own := path.Join(r.request.Folder, "values.yaml")
	if text, ok := r.files.Read(own); ok {
		if line := keyLine(text, at); line > 0 {
			return own, line
		}
	}
	if len(files) > 0 {
		return files[len(files)-1], 0
	}
	return own, 0
}

// keyLine is the 1-based line of a key in a YAML text; 0 where the text does not set it.
func keyLine(text []byte, at []string) int {
	var root yaml.Node
	if len(at) == 0 || yaml.Unmarshal(text, &root) != nil || len(root.Content) == 0 {
		return 0
	}
	node, line := root.Content[0], 0
	for _, key := range at {
		next := (*yaml.Node)(nil)
		for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == key {
				next, line = node.Content[i+1], node.Content[i].Line
			}
		}
		if next == nil {
			// An item of a list: its own line is good enough.
			if node.Kind == yaml.SequenceNode {
				return line
			}
			return 0
		}
		node = next
	}
	return line
}
