package chart

import (
	"io/fs"
	"time"

	"slipway/engine/internal/repository"
)

// fileInfo is what .helmignore asks of a file.
type fileInfo struct{ entry repository.Entry }

func (i fileInfo) Name() string       { return i.entry.Name }
func (i fileInfo) Size() int64        { return 0 }
func (i fileInfo) ModTime() time.Time { return time.Time{} }
func (i fileInfo) IsDir() bool        { return i.entry.Type == repository.Folder }
func (i fileInfo) Sys() any           { return nil }

func (i fileInfo) Mode() fs.FileMode {
	if i.IsDir() {
		return fs.ModeDir
	}
	return 0
}
