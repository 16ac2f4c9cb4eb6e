package manifests

import (
	"errors"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// Object is a Kubernetes object and the place where it begins. Whoever changes it makes a DeepCopy before: parts of it
// may be shared with other objects, where YAML aliases stood.
type Object struct {
	unstructured.Unstructured
	File string
	Line int
}

// Parse returns the objects of all files in the order in which they are written, those of Lists one by one. Documents
// that are empty are passed over. The error is source.Problems, which lists all that is no Kubernetes object.
func Parse(files ...source.File) ([]Object, error) {
	p := &parser{}
	for _, file := range files {
		p.parse(file)
	}
	if problems := p.Sorted(); len(problems) > 0 {
		return nil, problems
	}
	return p.objects, nil
}

// The rules that manifests offend against.
const (
	RuleTooLarge = "manifest-too-large" // a file has at most 64 MiB, and a document of YAML 8 MiB
	RuleNoFile   = "no-manifest"        // a directory holds at least one *.yaml, *.yml or *.json file
	RuleEncoding = "manifest-encoding"  // a file is text, in UTF-8 or UTF-16
	RuleSyntax   = "manifest-syntax"    // a document is YAML or JSON
	RuleAliases  = "manifest-aliases"   // aliases do not make a small file large, and do not contain themselves
	RuleObject   = "manifest-object"    // a document is a Kubernetes object: it has an apiVersion and a kind
)

var errNotJSON = errors.New("no JSON")

// parser gathers the objects and problems of several files.
type parser struct {
	source.Collector
	file    string // that is being read
	objects []Object
}

// parse reads one file.
func (p *parser) parse(file source.File) {
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
			p.report(d, err)
		}
	}
}

// document adds the objects of one document. What begins as JSON may still be YAML, such as {a: b}.
func (p *parser) document(d document) error {
	var values []value
	err := errNotJSON
	if d.looksLikeJSON() {
		values, err = fromJSON(d)
	}
	switch {
	case err == nil:
	case len(d.text) <= maxYAML:
		var yamlErr error
		if values, yamlErr = fromYAML(d); yamlErr != nil && errors.Is(err, errNotJSON) {
			return d.template(yamlErr)
		} else if yamlErr != nil {
			return d.template(err)
		}
	case errors.Is(err, errNotJSON):
		return problem(d.line, RuleTooLarge, "this document of YAML is larger than 8 MiB; give JSON, which may be larger: kubectl get -o json")
	default:
		return err
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
	items []int // the lines of a List's items, where they are known
}

// report notes an error at its own place, or at the beginning of the document.
func (p *parser) report(d document, err error) {
	if at := source.Problems(nil); errors.As(err, &at) {
		p.refuse(at[0].Line, at[0].Rule, at[0].Message)
		return
	}
	p.refuse(d.line, RuleSyntax, err.Error())
}

func (p *parser) refuse(line int, rule, message string) {
	p.AddAt(source.Place{File: p.file, Line: line, Column: min(line, 1)}, rule, message)
}

// problem returns a problem of the file that is being read.
func problem(line int, rule, message string) error {
	return source.Problems{{Line: line, Rule: rule, Message: message}}
}
