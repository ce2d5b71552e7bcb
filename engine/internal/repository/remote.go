package repository

import (
	"encoding/base64"
	"fmt"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/wire"
)

// Cluster is what a chart may see of the cluster.
type Cluster struct {
	Version     string   `json:"version"`
	APIVersions []string `json:"apiVersions"`
}

// Remote asks the host over the wire.
type Remote struct {
	Conn *wire.Conn
	// Broken is set when the host has gone: nothing can be answered any more.
	Broken error
}

type answer struct {
	Answer struct {
		Type    string `json:"type"`
		Entries []struct {
			Name string `json:"name"`
			Type string `json:"type"`
		} `json:"entries"`
		Files []struct {
			Text    *string `json:"text"`
			Base64  *string `json:"base64"`
			Missing bool    `json:"missing"`
		} `json:"files"`
		Cluster
		Failure *failure.Failure `json:"failure"`
	} `json:"answer"`
}

func (r *Remote) ask(question map[string]any) (*answer, *failure.Failure) {
	var got answer
	err := r.Conn.Write(map[string]any{"ask": question})
	if err == nil {
		err = r.Conn.Read(&got)
	}
	if err != nil {
		r.Broken = err
		return nil, failure.New(failure.Failed, "", "the host does not answer")
	}
	return &got, got.Answer.Failure
}

// Look asks what is at a path.
func (r *Remote) Look(name string) (Type, *failure.Failure) {
	got, f := r.ask(map[string]any{"look": name})
	if f != nil {
		return Missing, f
	}
	return typeOf(got.Answer.Type), nil
}

// List asks for the names in a folder.
func (r *Remote) List(name string, suffixes []string) ([]Entry, *failure.Failure) {
	got, f := r.ask(map[string]any{"list": name, "suffixes": suffixes})
	if f != nil {
		return nil, f
	}
	entries := make([]Entry, len(got.Answer.Entries))
	for i, entry := range got.Answer.Entries {
		entries[i] = Entry{Name: entry.Name, Type: typeOf(entry.Type)}
	}
	return entries, nil
}

// Read asks for the bytes of files; nil stands for one that is not there.
func (r *Remote) Read(names []string) ([][]byte, *failure.Failure) {
	got, f := r.ask(map[string]any{"read": names})
	if f != nil {
		return nil, f
	}
	if len(got.Answer.Files) != len(names) {
		r.Broken = fmt.Errorf("%d files for %d names", len(got.Answer.Files), len(names))
		return nil, failure.New(failure.Failed, "", "the host does not answer")
	}
	files := make([][]byte, len(names))
	for i, file := range got.Answer.Files {
		switch {
		case file.Missing:
		case file.Text != nil:
			files[i] = []byte(*file.Text)
		case file.Base64 != nil:
			bytes, err := base64.StdEncoding.DecodeString(*file.Base64)
			if err != nil {
				r.Broken = err
			}
			files[i] = append([]byte{}, bytes...)
		}
	}
	return files, nil
}

// Cluster asks what the cluster is.
func (r *Remote) Cluster() (*Cluster, *failure.Failure) {
	got, f := r.ask(map[string]any{"cluster": true})
	if f != nil {
		return nil, f
	}
	return &got.Answer.Cluster, nil
}

func typeOf(word string) Type {
	switch word {
	case "file":
		return File
	case "folder":
		return Folder
	default:
		return Missing
	}
}
