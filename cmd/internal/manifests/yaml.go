package manifests

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/source"
)

const (
	// maxDepth is enough for the deepest objects, schemas of custom resources, which have some 60 levels.
	maxDepth = 200
	// maxYAML bounds a document of YAML, for the YAML library needs some 25 times as much memory as the text has.
	maxYAML = 8 << 20
)

func fromYAML(d document) ([]value, error) {
	var out source.Collector
	roots, err := source.DocumentsTo(source.File{Data: d.text}, maxDepth, &out)
	if err != nil {
		return nil, syntax(d, err)
	}
	if err := d.problemOf(out); err != nil {
		return nil, err
	}
	var all []value
	for _, root := range roots {
		v := value{line: d.lineOf(root.Place.Line), value: out.Value(root)}
		content, _ := v.value.(map[string]any)
		items, _ := content["items"].([]any)
		for _, item := range itemsOf(root, len(items)) {
			v.items = append(v.items, d.lineOf(item.Place.Line))
		}
		all = append(all, v)
	}
	return all, d.problemOf(out)
}

// itemsOf returns the nodes of a List's n items. Of a field that is written twice the last counts.
func itemsOf(list *source.Node, n int) []*source.Node {
	for _, f := range slices.Backward(list.Fields) {
		if f.Name.Text == "items" && len(f.Value.Items) == n {
			return f.Value.Items
		}
	}
	return nil
}

func (d document) problemOf(found source.Collector) error {
	if len(found.Problems) == 0 {
		return nil
	}
	p, rule := found.Problems[0], RuleSyntax
	if p.Rule == source.RuleAliasLoop || p.Rule == source.RuleAliasBomb {
		rule = RuleAliases
	}
	return problem(d.lineOf(p.Line), rule, p.Message)
}

func syntax(d document, err error) error {
	line, complaint := d.line, strings.TrimPrefix(err.Error(), "yaml: ")
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(complaint); m != nil {
		if n, convErr := strconv.Atoi(m[1]); convErr == nil {
			line = d.lineOf(n)
		}
		complaint = strings.TrimPrefix(complaint, m[0])
	}
	return problem(line, RuleSyntax, "this is neither YAML nor JSON: "+complaint+"; "+hint)
}

// template returns an error that names the cause if the document is a template of Helm, and else the error given.
func (d document) template(err error) error {
	at := bytes.Index(d.text, []byte("{{"))
	if at < 0 {
		return err
	}
	line := d.line + bytes.Count(d.text[:at], []byte("\n"))
	return problem(line, RuleTemplate, "this looks like a template that Helm has not rendered; give what helm template prints")
}
