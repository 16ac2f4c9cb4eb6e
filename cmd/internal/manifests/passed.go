package manifests

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/text"
)

const maxNames = 20 // of files in a note

// Folded returns problems sorted, with notes on many files as one: a directory of a repository holds many files that are
// no manifests.
func Folded(problems source.Problems) source.Problems {
	problems = slices.Clone(problems)
	problems.Sort()
	var rest, others, directories source.Problems
	for _, p := range problems {
		switch {
		case p.Severity != source.SeverityNote:
			rest = append(rest, p)
		case p.Rule == RuleUnread:
			directories = append(directories, p)
		default:
			others = append(others, p)
		}
	}
	rest = append(rest, fold(others, "passed over, as no objects of Kubernetes: %s")...)
	return append(rest, fold(directories, "not read, as directories in this one: %s; give them too")...)
}

func fold(notes source.Problems, message string) source.Problems {
	if len(notes) == 0 {
		return nil
	}
	dir := filepath.Dir(notes[0].File)
	for _, p := range notes {
		for dir != filepath.Dir(dir) && !strings.HasPrefix(p.File, dir+string(filepath.Separator)) {
			dir = filepath.Dir(dir)
		}
	}
	var names []string
	for _, p := range notes {
		name, err := filepath.Rel(dir, p.File)
		if err != nil {
			name = p.File
		}
		names = append(names, passed(p, name))
	}
	if last := notes[len(notes)-1].File; last == notes[0].File { // sorted: one file
		dir = last
	}
	return source.Problems{source.Place{File: dir}.Problem(source.SeverityNote, source.RulePassedOver,
		fmt.Sprintf(message, text.List(names, ", ", maxNames)))}
}

func passed(p source.Problem, name string) string {
	if p.Line > 1 {
		name = fmt.Sprintf("%s:%d", name, p.Line)
	}
	why := map[string]string{
		RuleTooLarge: "too large",
		RuleEncoding: "no text",
		RuleSyntax:   "neither YAML nor JSON",
		RuleAliases:  "endless aliases",
		RuleTemplate: "a template",
		RulePatch:    "a patch, without spec.scaleTargetRef",
	}[p.Rule]
	if why == "" {
		return name
	}
	return name + " (" + why + ")"
}
