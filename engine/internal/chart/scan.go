package chart

import (
	"fmt"
	"regexp"
	"strings"
)

// scan is what the text of templates tells of a render without running it.
type scan struct {
	readsFiles  bool
	seesCluster bool
	warnings    []string
	more        int
}

var (
	action = regexp.MustCompile(`(?s)\{\{-?(.*?)-?\}\}`)
	texts  = regexp.MustCompile("\"(?:\\\\.|[^\"\\\\\\n])*\"|`[^`]*`")
	// random functions of Sprig and Helm are no functions of their input: https://masterminds.github.io/sprig/
	random = regexp.MustCompile(`(?:^|[^.\w$])(rand(?:AlphaNum|Alpha|Numeric|Ascii|Bytes|Int)|gen(?:CA|SelfSignedCert|SignedCert)(?:WithKey)?|genPrivateKey|uuidv4|now|ago|shuffle|bcrypt|htpasswd|encryptAES|getHostByName)\b`)
	// https://helm.sh/docs/chart_template_guide/functions_and_pipelines/#using-the-lookup-function
	lookup       = regexp.MustCompile(`(?:^|[^.\w$-])lookup\s`)
	history      = regexp.MustCompile(`\.Release\.(IsInstall|IsUpgrade|Revision)\b`)
	usesFiles    = regexp.MustCompile(`\bFiles\b`)
	capabilities = regexp.MustCompile(`\bCapabilities\b`)
)

// look reads the actions of a template, or of values that `tpl` may render; comments and texts are left out.
func (s *scan) look(text, file string) {
	line, counted := 1, 0
	s.actions(text, func(code string, at int) {
		line += strings.Count(text[counted:at], "\n")
		counted = at
		s.warn(code, fmt.Sprintf("%s:%d", file, line))
	})
}

// lookInline is the same for values that stand in no file.
func (s *scan) lookInline(text string) {
	s.actions(text, func(code string, _ int) { s.warn(code, "an inline value") })
}

func (s *scan) actions(text string, each func(code string, at int)) {
	for _, match := range action.FindAllStringSubmatchIndex(text, -1) {
		body := text[match[2]:match[3]]
		if strings.HasPrefix(strings.TrimLeft(body, " \t\r\n"), "/*") {
			continue
		}
		s.readsFiles = s.readsFiles || usesFiles.MatchString(body)
		s.seesCluster = s.seesCluster || capabilities.MatchString(body)
		each(texts.ReplaceAllString(body, `""`), match[0])
	}
}

func (s *scan) warn(code, place string) {
	for _, found := range random.FindAllStringSubmatch(code, -1) {
		s.note(fmt.Sprintf("%s uses %s, which gives something else at each render", place, found[1]))
	}
	for _, found := range history.FindAllStringSubmatch(code, -1) {
		s.note(fmt.Sprintf("%s uses .Release.%s, which is always that of a first install", place, found[1]))
	}
	if lookup.MatchString(code) {
		s.note(fmt.Sprintf("%s uses lookup, which finds nothing: no cluster is asked", place))
	}
}

// maxWarnings that anybody would read.
const maxWarnings = 100

func (s *scan) note(warning string) {
	if n := len(s.warnings); n > 0 && s.warnings[n-1] == warning {
		return
	}
	if len(s.warnings) < maxWarnings {
		s.warnings = append(s.warnings, warning)
		return
	}
	s.more++
}

// all are the warnings, and how many more there would be.
func (s *scan) all() []string {
	if s.more == 0 {
		return s.warnings
	}
	return append(s.warnings, fmt.Sprintf("%d more places differ from one render to the next", s.more))
}

// scanAll reads the templates and values of a chart and of what is below it.
func (s *scan) scanAll(from *source) {
	for _, file := range from.files {
		isTemplate := strings.Contains("/"+file.Name, "/templates/")
		isValues := strings.HasSuffix("/"+file.Name, "/values.yaml")
		if (isTemplate && !strings.HasSuffix(file.Name, "NOTES.txt")) || isValues {
			s.look(string(file.Data), place(from, file.Name))
		}
	}
	if from.meta.KubeVersion != "" {
		s.seesCluster = true
	}
	for _, under := range from.under {
		s.scanAll(under)
	}
}

// scanOthers: `tpl` may render any other file of the chart too.
func (s *scan) scanOthers(from *source) {
	for _, file := range from.files {
		s.actions(string(file.Data), func(string, int) {})
	}
	for _, under := range from.under {
		s.scanOthers(under)
	}
}
