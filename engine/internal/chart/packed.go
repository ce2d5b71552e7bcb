package chart

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"helm.sh/helm/v4/pkg/chart/loader/archive"

	"slipway/engine/internal/failure"
)

// maxUnpacked is what all packed charts of a release may unpack to, in bytes.
const maxUnpacked = 64 << 20

var errTooLarge = fmt.Errorf("packed charts unpack to more than %d bytes", maxUnpacked)

// unpack reads a packed chart of the repository.
func (g *gathering) unpack(name, key string, depth int) (*source, *failure.Failure) {
	packed, ok := g.files.Read(name)
	if !ok {
		return nil, g.files.Failure()
	}
	files, f := g.unpackBytes(packed, name, depth)
	if f != nil {
		return nil, f
	}
	found := &source{folder: name, files: files, key: key, packed: true}
	found.readMetadata()
	return found, nil
}

// unpackBytes returns the files of an archive. Archives in it become folders, so that one budget holds for all of them
// and nothing of them stays unseen.
func (g *gathering) unpackBytes(packed []byte, name string, depth int) ([]*archive.BufferedFile, *failure.Failure) {
	if f := g.count(name, depth); f != nil {
		return nil, f
	}
	size, err := inspect(packed, g.unpacked)
	if errors.Is(err, errTooLarge) {
		return nil, failure.New(failure.Limit, name, err.Error())
	}
	var files []*archive.BufferedFile
	if err == nil {
		g.unpacked -= size
		files, err = archive.LoadArchiveFiles(bytes.NewReader(packed))
	}
	if err != nil {
		return nil, failure.New(failure.Failed, name, "the packed chart cannot be read: "+oneLine(err.Error()))
	}
	var flat []*archive.BufferedFile
	for _, file := range files {
		if !isInnerChart(file.Name) {
			flat = append(flat, file)
			continue
		}
		inner, f := g.unpackBytes(file.Data, name, depth+1)
		if f != nil {
			return nil, f
		}
		folder := strings.TrimSuffix(file.Name, ".tgz") + ".unpacked"
		for _, one := range inner {
			flat = append(flat, &archive.BufferedFile{Name: path.Join(folder, one.Name), Data: one.Data})
		}
	}
	return flat, nil
}

// isInnerChart tells whether Helm would unpack this file of a packed chart.
func isInnerChart(name string) bool {
	base := path.Base(name)
	return path.Base(path.Dir(name)) == "charts" && strings.HasSuffix(base, ".tgz") &&
		!strings.HasPrefix(base, "_") && !strings.HasPrefix(base, ".")
}

// inspect measures an archive before anything of it is kept: its whole stream counts, headers too. Links and devices are
// refused; Helm would make empty files of them.
func inspect(packed []byte, most int64) (int64, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return 0, err
	}
	counted := &counter{reader: unzipped, most: most}
	entries := tar.NewReader(counted)
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return counted.read, nil
		}
		if err != nil {
			return 0, err
		}
		if header.Size > most {
			return 0, errTooLarge
		}
		switch header.Typeflag {
		case tar.TypeReg, tar.TypeDir, tar.TypeXGlobalHeader, tar.TypeXHeader:
		default:
			return 0, fmt.Errorf("%q is a link or no file", header.Name)
		}
	}
}

// counter ends a stream that is longer than it may be.
type counter struct {
	reader     io.Reader
	read, most int64
}

func (c *counter) Read(into []byte) (int, error) {
	n, err := c.reader.Read(into)
	c.read += int64(n)
	if c.read > c.most {
		return 0, errTooLarge
	}
	return n, err
}
