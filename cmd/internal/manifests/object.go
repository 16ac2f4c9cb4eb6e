package manifests

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/floorkeeper/floorkeeper/config"
)

// Object is a Kubernetes object and the place where it begins. Whoever changes it makes a DeepCopy before: parts of it
// may be shared with other objects, where YAML aliases stood.
type Object struct {
	unstructured.Unstructured
	File string
	Line int
}

// Parse returns the objects of all files in the order in which they are written, those of Lists one by one. Documents
// that are empty are passed over. The error is config.Problems, which lists all that is no Kubernetes object.
func Parse(files ...config.File) ([]Object, error) {
	p := &parser{}
	for _, file := range files {
		p.parse(file)
	}
	if len(p.problems) > 0 {
		return nil, sorted(p.problems)
	}
	return p.objects, nil
}

// The rules that manifests offend against.
const (
	RuleTooLarge = "manifest-too-large" // a file has at most 64 MiB
	RuleNoFile   = "no-manifest"        // a directory holds at least one *.yaml, *.yml or *.json file
	RuleEncoding = "manifest-encoding"  // a file is text, in UTF-8 or UTF-16
	RuleSyntax   = "manifest-syntax"    // a document is YAML or JSON
	RuleAliases  = "manifest-aliases"   // aliases do not make a small file large, and do not contain themselves
	RuleObject   = "manifest-object"    // a document is a Kubernetes object: it has an apiVersion and a kind
	RuleTooMany  = "too-many-problems"  // the list of problems was cut
)

// maxProblems is how many problems are told at most: whoever has more has the wrong file.
const maxProblems = 100

// parser gathers the objects and problems of several files.
type parser struct {
	file     string // that is being read
	objects  []Object
	problems config.Problems
}

// parse reads one file.
func (p *parser) parse(file config.File) {
	p.file = file.Name
	if len(file.Data) > maxFileSize {
		p.refuse(0, RuleTooLarge, "the file is larger than 64 MiB; split it, or leave out kinds other than HPAs and workloads")
		return
	}
	text, err := decoded(file.Data)
	if err != nil {
		p.refuse(1, RuleEncoding, err.Error())
		return
	}
	for _, d := range documents(text) {
		if err := p.document(d); err != nil {
			p.report(d.line, err)
		}
	}
}

// document adds the objects of one document. What begins as JSON may still be YAML, such as {a: b}.
func (p *parser) document(d document) error {
	values, err := []value(nil), errors.New("no JSON")
	if d.looksLikeJSON() {
		values, err = fromJSON(d)
	}
	if err != nil {
		var yamlErr error
		if values, yamlErr = fromYAML(d); yamlErr != nil && !d.looksLikeJSON() {
			err = yamlErr
		} else if yamlErr == nil {
			err = nil
		}
	}
	if err != nil {
		return d.template(err)
	}
	for _, v := range values {
		p.add(v, itemOf{}, 0)
	}
	return nil
}

// value is what a document or an item of a List holds, and the line on which it begins.
type value struct {
	line  int
	value any
	items []value // of a List, where they were read apart from it
}

// report notes an error at its own place, or at the line given.
func (p *parser) report(line int, err error) {
	if at := (*placed)(nil); errors.As(err, &at) {
		p.refuse(at.line, at.rule, at.message)
		return
	}
	p.refuse(line, RuleSyntax, err.Error())
}

func (p *parser) refuse(line int, rule, message string) {
	column := min(line, 1)
	switch {
	case len(p.problems) < maxProblems:
	case len(p.problems) == maxProblems:
		rule, message = RuleTooMany, "there are more problems than are told; is this the right file?"
	default:
		return
	}
	p.problems = append(p.problems, config.Problem{File: p.file, Line: line, Column: column, Message: message, Rule: rule})
}

// placed is a problem before it has a file.
type placed struct {
	line          int
	rule, message string
}

func (p *placed) Error() string { return p.message }

func sorted(problems config.Problems) config.Problems {
	slices.SortStableFunc(problems, func(a, b config.Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line)
	})
	return problems
}
