package kustomization

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"

	"slipway/engine/internal/chart"
	"slipway/engine/internal/failure"
	"slipway/engine/internal/repository"
)

// names that Kustomize knows, in its order of preference.
var names = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// file is one kustomization as it is written. It is read here only to say early and in plain words what Kustomize would
// answer late, and to inflate charts: what decides the output is Kustomize itself.
type file struct {
	name   string
	folder string
	text   string
	// fields by their name in lower case: Kustomize reads names in any case.
	fields map[string]json.RawMessage
	// written are the names as they stand in the file.
	written map[string]string
}

func parse(name string, text []byte) *file {
	value, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(value, &fields) != nil {
		return nil
	}
	found := &file{name: name, folder: path.Dir(name), text: string(text),
		fields: map[string]json.RawMessage{}, written: map[string]string{}}
	for key, value := range fields {
		found.fields[strings.ToLower(key)] = value
		found.written[strings.ToLower(key)] = key
	}
	return found
}

// remote is what Kustomize would take for the address of a Git repository or a file on the web, before it looks for a
// folder: https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/git/repospec.go
var remote = regexp.MustCompile(`(?i)^(git::)*((ssh|https?|file)://|[a-z][a-z0-9-]*@|github\.com[/:])`)

var credentials = regexp.MustCompile(`//[^/@\s]+@`)

// lists are the fields whose entries are files or folders.
var lists = []struct {
	field string
	kind  string
}{
	{"resources", "any"}, {"bases", "any"}, {"components", "folder"}, {"crds", "file"}, {"configurations", "file"},
	{"patchesstrategicmerge", "inline"}, {"generators", "inline"}, {"transformers", "inline"}, {"validators", "inline"},
}

// sources are the fields of a generator that name files.
type sources struct {
	Files []string `json:"files"`
	Envs  []string `json:"envs"`
	Env   string   `json:"env"`
	Path  string   `json:"path"`
}

// prefetch reads what the file names in one round trip. What is no file is read in vain, which Kustomize does as well.
func (f *file) prefetch(files *repository.Repository) {
	var written []string
	for _, list := range lists {
		if list.kind != "folder" {
			written = append(written, f.texts(list.field)...)
		}
	}
	for _, field := range []string{"patches", "patchesjson6902", "replacements", "configmapgenerator", "secretgenerator"} {
		var entries []sources
		_ = json.Unmarshal(f.fields[field], &entries)
		for _, entry := range entries {
			for _, source := range entry.Files {
				_, name, ok := strings.Cut(source, "=")
				if !ok {
					name = source
				}
				written = append(written, name)
			}
			written = append(append(written, entry.Envs...), entry.Env, entry.Path)
		}
	}
	var found []string
	for _, one := range written {
		name, ok := repository.Inside(f.folder, one)
		if ok && one != "" && !strings.ContainsAny(one, "\n{") && !remote.MatchString(one) {
			found = append(found, name)
		}
	}
	files.ReadAll(found)
}

// refuse ends the render for a reference that cannot be followed, with the line where it is written.
func (f *file) refuse(files *repository.Repository) {
	for _, list := range lists {
		var entries []any
		if json.Unmarshal(f.fields[list.field], &entries) != nil {
			continue
		}
		for _, entry := range entries {
			text, ok := entry.(string)
			if !ok || (list.kind == "inline" && strings.ContainsAny(text, "\n{:")) {
				continue
			}
			f.refuseOne(files, list.kind, f.written[list.field], text)
		}
	}
	f.refuseNumbers(files)
}

func (f *file) refuseOne(files *repository.Repository, kind, field, written string) {
	at := chart.LineOf(f.text, written)
	fail := func(code, summary, hint string) {
		files.Fail(failure.New(code, f.name, summary).At(at).WithHint(hint))
	}
	if remote.MatchString(written) {
		fail(failure.Remote,
			fmt.Sprintf("%s in %s is not in the repository", credentials.ReplaceAllString(written, "//"), field),
			fmt.Sprintf("Vendor it: `kustomize localize %s vendored`, commit what it writes and point slipway.yaml or %s to it.", f.folder, field))
		return
	}
	found, ok := repository.Inside(f.folder, written)
	if !ok {
		fail(failure.Failed, fmt.Sprintf("%s in %s is outside of the repository", written, field),
			"Copy it into the repository and point to the copy.")
		return
	}
	switch there := files.Look(found); {
	case files.Failure() != nil:
	case there == repository.Missing:
		fail(failure.Failed, fmt.Sprintf("%s in %s does not exist", found, field), "")
	case there == repository.Folder && kind == "file":
		fail(failure.Failed, fmt.Sprintf("%s is a folder, but %s are files", found, field), "")
	case there == repository.File && kind == "folder":
		fail(failure.Failed, fmt.Sprintf("%s is a file, but %s are folders", found, field), "")
	}
}

// refuseNumbers refuses a tag that YAML reads as a number and writes otherwise: 706798e8 is no commit any more then.
func (f *file) refuseNumbers(files *repository.Repository) {
	var document yamlv3.Node
	if yamlv3.Unmarshal([]byte(f.text), &document) != nil || len(document.Content) == 0 {
		return
	}
	for key, value := range pairs(document.Content[0]) {
		if strings.ToLower(key) != "images" {
			continue
		}
		for _, image := range value.Content {
			for name, field := range pairs(image) {
				lower := strings.ToLower(name)
				if lower != "newtag" && lower != "digest" && lower != "newname" {
					continue
				}
				if field.Kind == yamlv3.ScalarNode && field.Style == 0 && changes(field.Value) {
					files.Fail(failure.New(failure.Failed, f.name,
						fmt.Sprintf("%s of images is read as a number: quote it", name)).At(field.Line))
				}
			}
		}
	}
}

func changes(written string) bool {
	value, err := yaml.YAMLToJSON([]byte(written))
	if err != nil {
		return false
	}
	read := strings.TrimSpace(string(value))
	return !strings.HasPrefix(read, `"`) && read != written && read != "null"
}

func pairs(node *yamlv3.Node) map[string]*yamlv3.Node {
	found := map[string]*yamlv3.Node{}
	if node == nil || node.Kind != yamlv3.MappingNode {
		return found
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		found[node.Content[i].Value] = node.Content[i+1]
	}
	return found
}

// set replaces a field, whatever its name's case.
func (f *file) set(field string, value any) {
	key, ok := f.written[strings.ToLower(field)]
	if !ok {
		key = field
	}
	encoded, err := json.Marshal(value)
	if err == nil {
		f.fields[strings.ToLower(field)] = encoded
		f.written[strings.ToLower(field)] = key
	}
}

func (f *file) drop(field string) { delete(f.fields, field) }

// encode writes the kustomization as JSON, which is YAML.
func (f *file) encode() []byte {
	fields := map[string]json.RawMessage{}
	for lower, value := range f.fields {
		fields[f.written[lower]] = value
	}
	encoded, err := json.Marshal(fields)
	if err != nil {
		return []byte(f.text)
	}
	return encoded
}

func (f *file) texts(field string) []string {
	var found []string
	_ = json.Unmarshal(f.fields[field], &found)
	return found
}
