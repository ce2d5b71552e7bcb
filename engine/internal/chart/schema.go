package chart

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	chart "helm.sh/helm/v4/pkg/chart/v2"

	"slipway/engine/internal/failure"
)

// where Helm puts a schema, which relative references are resolved against.
const schemaURL = "file:///values.schema.json"

// validate does what Helm does with the schemas of a chart and of what is below it, but for references: Helm would read
// the file or dial the address. `at` is where the values of the chart are in those of the release.
func (r *release) validate(made *chart.Chart, values map[string]any, at []string) *failure.Failure {
	if made.Schema != nil {
		if f := r.validateOne(made, values, at); f != nil {
			return f
		}
	}
	for _, under := range made.Dependencies() {
		name := under.Name()
		switch inner := values[name].(type) {
		case nil:
		case map[string]any:
			if f := r.validate(under, inner, append(at[:len(at):len(at)], name)); f != nil {
				return f
			}
		default:
			return r.misfit(append(at, name), "is no mapping, as the values of a chart must be")
		}
	}
	return nil
}

func (r *release) validateOne(made *chart.Chart, values map[string]any, at []string) (f *failure.Failure) {
	from, name := r.places.find(path.Join(made.ChartFullPath(), "values.schema.json"))
	file := r.request.Folder
	if from != nil {
		file = place(from, name)
	}
	defer func() {
		if recover() != nil {
			f = failure.New(failure.Failed, file, "the schema of the values cannot be used")
		}
	}()
	refused := &refusing{}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(refused)
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(made.Schema))
	if err == nil {
		err = compiler.AddResource(schemaURL, schema)
	}
	var validator *jsonschema.Schema
	if err == nil {
		validator, err = compiler.Compile(schemaURL)
	}
	if refused.address != "" {
		return failure.New(failure.Remote, file, "the schema refers to something outside of itself").
			At(LineOf(string(made.Schema), path.Base(refused.address))).
			WithHint("Copy what it refers to into the schema, under $defs.")
	}
	if err != nil {
		return failure.New(failure.Failed, file, "the schema of the values is not valid: "+plainWords(err.Error()))
	}
	return r.explainMisfit(validator.Validate(values), at)
}

// refusing is the loader of a schema's references: what is not in the schema is not there. Helm takes an unknown URN for
// a schema that allows everything.
type refusing struct{ address string }

func (l *refusing) Load(address string) (any, error) {
	if strings.HasPrefix(address, "urn:") {
		return true, nil
	}
	l.address = address
	return nil, errors.New("it is not in the schema")
}

// misfit is the failure of a value that the schema does not allow, at the file that sets it.
func (r *release) misfit(at []string, what string) *failure.Failure {
	file, line := r.setBy(at)
	key := strings.Join(at, ".")
	if key == "" {
		key = "the values"
	}
	return failure.New(failure.Failed, file,
		fmt.Sprintf("%s does not fit the chart's values.schema.json: %s %s", file, key, what)).At(line)
}
