package chart

import (
	"bytes"
	"encoding/json"
	"fmt"

	"helm.sh/helm/v4/pkg/chart/v2/loader"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/manifest"
	"slipway/engine/internal/repository"
)

// valuesOf merges the values of a release: files in their order, and the inline values over or under them.
func valuesOf(files *repository.Repository, request Request, seen *scan) (map[string]any, *failure.Failure) {
	files.ReadAll(request.ValuesFiles)
	inline, f := inlineOf(request, seen)
	if f != nil {
		return nil, f
	}
	values := map[string]any{}
	if request.InlineFirst {
		values = inline
	}
	for _, name := range request.ValuesFiles {
		text, ok := files.Read(name)
		if !ok {
			if f := files.Failure(); f != nil {
				return nil, f
			}
			return nil, failure.New(failure.Failed, name, fmt.Sprintf("the values file %s does not exist", name)).
				WithHint("Add the file, or correct helm.values in slipway.yaml.")
		}
		_, warnings, f := manifest.Decode(text, name, manifest.Generated)
		if f != nil {
			f.Code = failure.Failed
			f.Summary = fmt.Sprintf("%s is %s", name, f.Summary)
			return nil, f
		}
		seen.warnings = append(seen.warnings, warnings...)
		loaded, err := loader.LoadValues(bytes.NewReader(text))
		if err != nil {
			return nil, failure.New(failure.Failed, name, fmt.Sprintf("%s holds no values: it is no mapping", name))
		}
		seen.look(string(text), name)
		values = loader.MergeMaps(values, loaded)
	}
	if !request.InlineFirst {
		values = loader.MergeMaps(values, inline)
	}
	return values, nil
}

// inlineOf reads the inline values as if they stood in a file, so that their numbers are what those of a file are.
func inlineOf(request Request, seen *scan) (map[string]any, *failure.Failure) {
	text, err := json.Marshal(request.InlineValues)
	if err == nil {
		seen.lookInline(string(text))
		var values map[string]any
		if values, err = loader.LoadValues(bytes.NewReader(text)); err == nil {
			return values, nil
		}
	}
	return nil, failure.New(failure.Failed, request.Folder, "the inline values cannot be read")
}
