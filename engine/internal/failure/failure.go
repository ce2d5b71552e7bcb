// Package failure has the value that says why a render ends without objects.
package failure

// Codes, as in src/model/error-code.ts of Slipway.
const (
	Failed  = "RENDER_FAILED"
	Remote  = "RENDER_REMOTE"
	Limit   = "RENDER_LIMIT"
	Invalid = "OBJECT_INVALID"
)

// Ref names the object that a failure is about.
type Ref struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
}

// Failure is one plain sentence for a person, at the place where the author can act. It never holds a value of the
// files, which may be secret, nor a path of a machine.
type Failure struct {
	Code    string `json:"code"`
	Summary string `json:"summary"`
	// File is relative to the root of the repository; Line is 1-based, 0 where it is not known.
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Hint   string `json:"hint,omitempty"`
	Object *Ref   `json:"object,omitempty"`
}

func (f *Failure) Error() string { return f.Summary }

// New returns a failure at a file.
func New(code, file, summary string) *Failure {
	return &Failure{Code: code, Summary: summary, File: file}
}

// At returns the failure with a line.
func (f *Failure) At(line int) *Failure {
	f.Line = line
	return f
}

// WithHint returns the failure with the next step for a person.
func (f *Failure) WithHint(hint string) *Failure {
	f.Hint = hint
	return f
}
