package chart

import (
	"bytes"
	"path"
	"strings"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/ignore"
	"sigs.k8s.io/yaml"

	"slipway/engine/internal/failure"
	"slipway/engine/internal/manifest"
	"slipway/engine/internal/repository"
)

// own is what Helm itself reads of a chart; everything else only `.Files` can reach.
var own = []string{
	"Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock",
	"values.yaml", "values.schema.json", ".helmignore",
}

// source is a chart in the repository, and its dependencies.
type source struct {
	// folder of the chart, or its archive.
	folder string
	files  []*archive.BufferedFile
	// rules are for names relative to their folder `rulesFor`: those of a chart hold for the charts in it too.
	rules    *ignore.Rules
	rulesFor string
	under    []*source
	// key is its name in the folder `charts` of the parent.
	key    string
	packed bool
	meta   *chart.Metadata
}

func (s *source) takeRules(files *repository.Repository, parent *source) *failure.Failure {
	if parent != nil {
		s.rules, s.rulesFor = parent.rules, parent.rulesFor
		return nil
	}
	s.rules, s.rulesFor = ignore.Empty(), s.folder
	name := path.Join(s.folder, ".helmignore")
	if text, ok := files.Read(name); ok {
		parsed, err := ignore.Parse(bytes.NewReader(text))
		if err != nil {
			return failure.New(failure.Failed, name, oneLine(err.Error()))
		}
		s.rules = parsed
	}
	s.rules.AddDefaults()
	return files.Failure()
}

func (s *source) ignores(name string, entry repository.Entry) bool {
	return s.rules.Ignore(relative(s.rulesFor, name), fileInfo{entry})
}

func (s *source) add(files *repository.Repository, name string) {
	if s.ignores(name, repository.Entry{Name: path.Base(name), Type: repository.File}) {
		return
	}
	if text, ok := files.Read(name); ok {
		if isText(name) {
			if f := manifest.CheckText(text, name); f != nil {
				files.Fail(f)
			}
		}
		data := bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))
		s.files = append(s.files, &archive.BufferedFile{Name: relative(s.folder, name), Data: data})
	}
}

// isText tells whether a file of a chart is one that Helm reads as text, whose bytes must be UTF-8.
func isText(name string) bool {
	switch path.Ext(name) {
	case ".tpl", ".yaml", ".yml":
		return true
	}
	return false
}

// below are the files of a folder that the rules let in.
func (s *source) below(files *repository.Repository, folder string) []string {
	if s.ignores(folder, repository.Entry{Name: path.Base(folder), Type: repository.Folder}) {
		return nil
	}
	var names []string
	files.Walk(folder, func(name string, entry repository.Entry) bool {
		if s.ignores(name, entry) {
			return false
		}
		if entry.Type == repository.File {
			names = append(names, name)
		}
		return true
	})
	return names
}

// readMetadata takes the metadata as they are written; a chart that cannot be read has none, and is refused by load.
func (s *source) readMetadata() {
	s.meta = &chart.Metadata{}
	for _, name := range []string{"Chart.yaml", "requirements.yaml"} {
		if text, ok := s.text(name); ok {
			_ = yaml.Unmarshal(text, s.meta)
		}
	}
}

func (s *source) has(name string) bool {
	_, ok := s.text(name)
	return ok
}

func (s *source) text(name string) ([]byte, bool) {
	for _, file := range s.files {
		if file.Name == name {
			return file.Data, true
		}
	}
	return nil, false
}

func relative(folder, name string) string {
	if folder == "." {
		return name
	}
	return strings.TrimPrefix(name, folder+"/")
}
