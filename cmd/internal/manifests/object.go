// Package manifests reads Kubernetes manifests as they lie in Git and as kubectl, Helm and kustomize print them: YAML of
// many documents, JSON, and Lists. It knows that an object has an apiVersion and a kind, and where it begins, and nothing
// of what the kinds mean. It does no I/O but in Read and ReadFrom, and it never asks a cluster.
//
// It may import config/source, whose files, nodes and problems it shares, and k8s.io/apimachinery.
package manifests

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"strings"

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

// Parse returns the objects of all files in the order in which they are written, those of Lists one by one, and what was
// passed over because it is none: values of Helm, say, with a note, and what cannot be read with a warning where it
// mentions a word, such as a kind that somebody looks for. Documents that are empty are passed over without a word.
func Parse(word string, files ...source.File) ([]Object, source.Problems) {
	p := &parser{word: []byte(word)}
	for _, file := range files {
		p.parse(file)
	}
	return p.objects, p.Sorted()
}

// The rules that manifests offend against.
const (
	RuleTooLarge = "manifest-too-large" // a file has at most 64 MiB, and a document of YAML 8 MiB
	RuleNoFile   = "no-manifest"        // a directory holds at least one *.yaml, *.yml or *.json file
	RuleEncoding = "manifest-encoding"  // a file is text, in UTF-8 or UTF-16
	RuleSyntax   = "manifest-syntax"    // a document is YAML or JSON
	RuleAliases  = "manifest-aliases"   // aliases do not make a small file large, and do not contain themselves
	RuleObject   = "manifest-object"    // a document is a Kubernetes object: it has an apiVersion and a kind
	RuleTemplate = "manifest-template"  // a template is rendered
	RuleUnread   = "manifest-unread"    // what a directory holds beside the files that are read can be read, and is
	RulePatch    = "manifest-patch"     // an object is one, and not a patch
)

var errNotJSON = errors.New("no JSON")

type parser struct {
	source.Collector
	word    []byte // which makes a loss of what cannot be read
	file    string // that is being read
	objects []Object
}

func (p *parser) parse(file source.File) {
	p.file = file.Name
	if len(file.Data) > maxFileSize {
		p.lose(p.word, problem(0, RuleTooLarge, "the file is larger than 64 MiB; split it, or leave out kinds other than HPAs and workloads"))
		return
	}
	text, err := decoded(file.Data)
	if err != nil {
		p.lose(file.Data, problem(1, RuleEncoding, err.Error()))
		return
	}
	for _, d := range documents(text) {
		if err := p.document(d); err != nil {
			p.lose(d.text, err)
		}
	}
}

// lose reports a text that cannot be read.
func (p *parser) lose(text []byte, err error) {
	severity := source.SeverityNote
	if bytes.Contains(text, p.word) {
		severity = source.SeverityWarning
	}
	if at := source.Problems(nil); errors.As(err, &at) {
		p.report(severity, at[0].Line, at[0].Rule, at[0].Message)
	}
}

// document adds the objects of one document. What begins as JSON may still be YAML, such as {a: b}.
func (p *parser) document(d document) error {
	var values []value
	err := errNotJSON
	if text := bytes.TrimLeft(d.unmarked(), " \t\r\n"); bytes.HasPrefix(text, []byte("{")) || bytes.HasPrefix(text, []byte("[")) {
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

// refuse reports what can be read and is no object.
func (p *parser) refuse(line int, message string) {
	p.report(source.SeverityNote, line, RuleObject, message)
}

func (p *parser) report(severity source.Severity, line int, rule, message string) {
	before := len(p.Problems)
	p.AddAt(source.Place{File: p.file, Line: line, Column: min(line, 1)}, rule, message)
	for i := range p.Problems[before:] {
		p.Problems[before+i].Severity = severity
	}
}

func problem(line int, rule, message string) error {
	return source.Problems{{Place: source.Place{Line: line}, Rule: rule, Message: message}}
}

// maxLists is how deep Lists may contain Lists.
const maxLists = 5

// itemOf is the kind of the items of a typed list, which an API server leaves out of the items themselves.
type itemOf struct{ apiVersion, kind string }

func (p *parser) add(v value, of itemOf, depth int) {
	content, ok := v.value.(map[string]any)
	if !ok {
		if v.value != nil {
			p.refuse(v.line, fmt.Sprintf("here is %s, and not a Kubernetes object; %s", describe(v.value), hint))
		}
		return
	}
	if of.kind != "" {
		content = inherit(content, of)
	}
	apiVersion, _ := content["apiVersion"].(string)
	kind, _ := content["kind"].(string)
	items, listed := content["items"]
	_, isList := items.([]any)
	switch {
	case apiVersion == "" || kind == "":
		p.untyped(v.line, kind)
	case strings.HasSuffix(kind, "List") && listed && (isList || items == nil || kind == "List"): // as HorizontalPodAutoscalerList
		p.addItems(v, itemOf{apiVersion, strings.TrimSuffix(kind, "List")}, depth)
	default:
		p.objects = append(p.objects, Object{unstructured.Unstructured{Object: content}, p.file, v.line})
	}
}

func (p *parser) untyped(line int, kind string) {
	if kind != "" && kind == string(p.word) {
		p.report(source.SeverityWarning, line, RuleObject, "this "+kind+" has no apiVersion; write one")
	} else {
		p.refuse(line, "a Kubernetes object has an apiVersion and a kind, and here they are missing or no text; "+hint)
	}
}

// hint names what can be read.
const hint = "give what kubectl get -o yaml, helm template or kustomize build prints"

func (p *parser) addItems(list value, of itemOf, depth int) {
	content, _ := list.value.(map[string]any)
	items, ok := content["items"].([]any)
	if depth >= maxLists {
		p.refuse(list.line, "Lists are nested too deep; write their items into one List")
		return
	}
	if !ok && content["items"] != nil {
		p.refuse(list.line, fmt.Sprintf("the items of a List are a list, and here they are %s", describe(content["items"])))
	}
	for i, item := range items {
		v := value{line: list.line, value: item}
		if i < len(list.items) {
			v.line = list.items[i]
		}
		if item == nil {
			p.refuse(v.line, "an item of a List is an object, and here is nothing; remove the item")
			continue
		}
		p.add(v, of, depth+1)
	}
}

// inherit gives an item of a typed list the kind of the list, unless it has its own.
func inherit(content map[string]any, of itemOf) map[string]any {
	if content["apiVersion"] != nil || content["kind"] != nil {
		return content
	}
	typed := make(map[string]any, len(content)+2)
	maps.Copy(typed, content)
	typed["apiVersion"], typed["kind"] = of.apiVersion, of.kind
	return typed
}

func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case string:
		return "a text"
	case []any:
		return "a list"
	case map[string]any:
		return "a mapping"
	default:
		return fmt.Sprint(v)
	}
}
