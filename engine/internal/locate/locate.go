// Package locate finds the line of an object in the file that it came from, which Kustomize and Helm do not tell.
package locate

import (
	"regexp"
	"sort"
	"strings"
)

// Piece is a part of a file between two separators, as it is written: perhaps a template.
type Piece struct {
	text string
	kind string
	// line is 1-based, of its first field.
	line int
}

var (
	separator = regexp.MustCompile(`(?m)^---.*$`)
	field     = regexp.MustCompile(`(?m)^(apiVersion|kind):`)
	kind      = regexp.MustCompile(`(?m)^kind:\s*["']?([\w.-]+)["']?\s*$`)
	meta      = regexp.MustCompile(`(?m)^metadata:`)
	action    = regexp.MustCompile(`\{\{.*?\}\}`)
	name      = regexp.MustCompile(`(?:^|[^\w./-])name:\s*["']?([^"'\s,}]*)`)
)

// Pieces cuts a file.
func Pieces(text string) []Piece {
	var pieces []Piece
	line, at := 1, 0
	ends := append(separator.FindAllStringIndex(text, -1), []int{len(text), len(text)})
	for _, end := range ends {
		part := text[at:end[0]]
		start := 0
		if first := field.FindStringIndex(part); first != nil {
			start = first[0]
		}
		piece := Piece{text: part, line: line + strings.Count(part[:start], "\n")}
		if found := kind.FindStringSubmatch(part); found != nil {
			piece.kind = found[1]
		}
		pieces = append(pieces, piece)
		line += strings.Count(part, "\n")
		at = end[1]
	}
	return pieces
}

// Line returns the line of the piece of this kind whose name says most of the object's; 0 where two say as much.
func Line(pieces []Piece, kind, name string) int {
	var same []Piece
	for _, piece := range pieces {
		if piece.kind == kind {
			same = append(same, piece)
		}
	}
	if len(same) == 1 {
		return same[0].line
	}
	sort.SliceStable(same, func(i, j int) bool { return said(same[i], name) > said(same[j], name) })
	if len(same) == 0 {
		return 0
	}
	next := -1
	if len(same) > 1 {
		next = said(same[1], name)
	}
	if said(same[0], name) > next {
		return same[0].line
	}
	return 0
}

// said is the number of characters of the name that stand in the piece; -1: it is the name of another. Prefixes and
// templates may add some.
func said(piece Piece, full string) int {
	text := piece.text
	if at := meta.FindStringIndex(text); at != nil {
		text = text[at[0]:]
	}
	written := ""
	if found := name.FindStringSubmatch(action.ReplaceAllString(text, "\x00")); found != nil {
		written = found[1]
	}
	count := 0
	for _, part := range strings.Split(written, "\x00") {
		if !strings.Contains(full, part) {
			return -1
		}
		count += len(part)
	}
	return count
}
