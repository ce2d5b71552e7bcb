package jsonnet

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"

	"slipway/engine/internal/failure"
)

// maxWords is how long a sentence may be, in bytes: a program may make it as long as it likes.
const maxWords = 1000

var (
	spaces = regexp.MustCompile(`\s*\n\s*`)
	// before is the place at the beginning of an error of the parser: `a.jsonnet:1:2-3 `.
	before = regexp.MustCompile(`^\S+:(?:\d+:\d+(?:-\d+)?|\(\d+:\d+\)-\(\d+:\d+\)) `)
)

// explain makes one sentence of an error, at the innermost place of the repository.
func explain(err error, name string) *failure.Failure {
	var wrong jsonnet.RuntimeError
	if errors.As(err, &wrong) {
		f := failure.New(failure.Failed, name, sentence(wrong.Msg))
		// The innermost is the last; those of the library itself have no line or a name in angle brackets.
		for _, frame := range slices.Backward(wrong.StackTrace) {
			if loc := frame.Loc; loc.Begin.Line > 0 && loc.FileName != "" && !strings.HasPrefix(loc.FileName, "<") {
				f.File, f.Line = loc.FileName, loc.Begin.Line
				break
			}
		}
		return f
	}
	if strings.HasPrefix(err.Error(), "(CRASH)") {
		return failure.New(failure.Failed, name, "the program cannot be evaluated")
	}
	f := failure.New(failure.Failed, name, sentence(before.ReplaceAllString(err.Error(), "")))
	var static interface{ Loc() ast.LocationRange }
	if errors.As(err, &static) && static.Loc().FileName != "" {
		f.File, f.Line = static.Loc().FileName, static.Loc().Begin.Line
	}
	return f
}

func sentence(text string) string {
	text = strings.TrimSpace(spaces.ReplaceAllString(text, " "))
	if len(text) > maxWords {
		text = strings.ToValidUTF8(text[:maxWords], "") + "…"
	}
	return text
}
