// Package jsonnet renders the Jsonnet programs of a folder.
package jsonnet

import (
	"encoding/json"
	"io"
	"path"

	"github.com/google/go-jsonnet"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/manifest"
	"slipway/engine/internal/repository"
)

// maxStack is how deep functions may call one another; the usual limit of Jsonnet.
const maxStack = 500

// Request is a folder of programs and what they are told.
type Request struct {
	Folder string
	// TopLevel are the arguments of programs that are functions; External is what std.extVar answers.
	TopLevel map[string]any
	External map[string]any
	// Libraries are folders of the repository where imports are looked for, after that of the importing file.
	Libraries []string
}

// Render returns the objects of every `*.jsonnet` in the folder itself, in the order of the files' names. A program answers
// an object, or lists and fields of them, however deep; `.libsonnet` is for imports.
func Render(files *repository.Repository, request Request) ([]manifest.Object, *failure.Failure) {
	vm, f := machine(files, request)
	if f != nil {
		return nil, f
	}
	var objects []manifest.Object
	for _, entry := range files.ListOnly(request.Folder, []string{".jsonnet"}) {
		if entry.Type != repository.File || path.Ext(entry.Name) != ".jsonnet" {
			continue
		}
		name := path.Join(request.Folder, entry.Name)
		value, f := evaluate(vm, files, name)
		if f != nil {
			return nil, f
		}
		found, f := objectsIn(value, name)
		if f != nil {
			return nil, f
		}
		objects = append(objects, found...)
	}
	return objects, files.Failure()
}

// machine has no functions of its own beside those of Jsonnet, which reach nothing.
func machine(files *repository.Repository, request Request) (*jsonnet.VM, *failure.Failure) {
	vm := jsonnet.MakeVM()
	vm.MaxStack = maxStack
	vm.SetTraceOut(io.Discard)
	vm.Importer(&importer{files: files, libraries: request.Libraries, contents: map[string]jsonnet.Contents{}})
	give := func(values map[string]any, code func(name, text string)) *failure.Failure {
		for name, value := range values {
			text, err := json.Marshal(value)
			if err != nil {
				return failure.New(failure.Failed, request.Folder, "the argument "+name+" cannot be written as JSON")
			}
			code(name, string(text))
		}
		return nil
	}
	if f := give(request.TopLevel, vm.TLACode); f != nil {
		return nil, f
	}
	return vm, give(request.External, vm.ExtCode)
}

func evaluate(vm *jsonnet.VM, files *repository.Repository, name string) ([]byte, *failure.Failure) {
	text, ok := files.Read(name)
	if !ok {
		if f := files.Failure(); f != nil {
			return nil, f
		}
		return nil, failure.New(failure.Failed, name, "it leads to no file")
	}
	if f := manifest.CheckText(text, name); f != nil {
		return nil, f
	}
	if f := tooDeep(text, name); f != nil {
		return nil, f
	}
	node, err := jsonnet.SnippetToAST(name, string(text))
	value := ""
	if err == nil {
		value, err = vm.Evaluate(node)
	}
	if f := files.Failure(); f != nil {
		return nil, f
	}
	if err != nil {
		return nil, explain(err, name)
	}
	return []byte(value), nil
}
