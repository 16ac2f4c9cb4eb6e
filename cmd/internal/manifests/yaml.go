package manifests

import (
	"fmt"
	"math"
	"strconv"

	"gopkg.in/yaml.v3"
)

const (
	maxDepth    = 200     // the deepest objects, schemas of custom resources, have some 60 levels
	maxExpanded = 250_000 // values that the aliases of a document may stand for
)

// fromYAML reads a document of YAML.
func fromYAML(d document) ([]value, error) {
	if len(d.text) > chunkSize {
		if v, ok := fromChunks(d, chunkSize); ok {
			return []value{v}, nil
		}
	}
	return fromWhole(d)
}

// fromWhole parses the text of a document at once.
func fromWhole(d document) ([]value, error) {
	root, err := nodes(d.text)
	if err != nil {
		return nil, syntax(d, err)
	}
	if root.Kind == 0 {
		return nil, nil
	}
	c := &converter{first: d.line, last: d.last(), anchors: map[*yaml.Node]*anchor{}}
	return c.document(root.Content[0])
}

// nodes parses text. The library panics on some input that it cannot read.
func nodes(text []byte) (root yaml.Node, err error) {
	defer func() {
		if recover() != nil {
			err = errUnreadable
		}
	}()
	err = yaml.Unmarshal(text, &root)
	return root, err
}

// converter turns the library's nodes into the values of an unstructured object.
type converter struct {
	first    int // the line of the file on which the text begins
	last     int
	size     int // values so far
	expanded int // values that aliases stood for
	anchors  map[*yaml.Node]*anchor
}

// anchor is a value that aliases may stand for, and how many values it has, itself included. Its size is 0 while it is
// being read.
type anchor struct {
	value any
	size  int
}

// document returns the value of a document, with the items of a List apart, each with its line.
func (c *converter) document(root *yaml.Node) ([]value, error) {
	v := value{line: c.line(root)}
	var err error
	if v.value, err = c.convert(root, 0); err != nil {
		return nil, err
	}
	if content, ok := v.value.(map[string]any); ok {
		items, _ := content["items"].([]any)
		v.items = c.places(root, items)
	}
	return []value{v}, nil
}

// places returns the items of a List, each with its line.
func (c *converter) places(root *yaml.Node, items []any) []value {
	for i := len(root.Content) - 2; i >= 0; i -= 2 { // of a field that is written twice the last counts
		list := root.Content[i+1]
		if root.Content[i].Value != "items" || list.Kind != yaml.SequenceNode || len(list.Content) != len(items) {
			continue
		}
		all := make([]value, len(items))
		for j, item := range list.Content {
			all[j] = value{line: c.line(item), value: items[j]}
		}
		return all
	}
	return nil
}

// line returns the line of a node. The library also counts line breaks that nothing else takes for one.
func (c *converter) line(n *yaml.Node) int { return min(c.first+n.Line-1, c.last) }

func (c *converter) refuse(n *yaml.Node, rule, format string, args ...any) error {
	return &placed{c.line(n), rule, fmt.Sprintf(format, args...)}
}

// convert returns the value of a node.
func (c *converter) convert(n *yaml.Node, depth int) (any, error) {
	if n.Kind == yaml.AliasNode {
		return c.alias(n)
	}
	if depth > maxDepth {
		return nil, c.refuse(n, RuleSyntax, "values are nested more than %d deep here", maxDepth)
	}
	c.size++
	if n.Anchor == "" {
		return c.plain(n, depth)
	}
	before, a := c.size+c.expanded, &anchor{}
	c.anchors[n] = a
	v, err := c.plain(n, depth)
	a.value, a.size = v, c.size+c.expanded-before+1
	return v, err
}

func (c *converter) plain(n *yaml.Node, depth int) (any, error) {
	switch n.Kind {
	case yaml.MappingNode:
		return c.mapping(n, depth)
	case yaml.SequenceNode:
		items := make([]any, len(n.Content))
		for i, item := range n.Content {
			v, err := c.convert(item, depth+1)
			if err != nil {
				return nil, err
			}
			items[i] = v
		}
		return items, nil
	default:
		return scalar(n), nil
	}
}

// alias returns what an alias stands for. The value is shared, and its size counts, so that no small file becomes a
// large one when it is copied.
func (c *converter) alias(n *yaml.Node) (any, error) {
	if n.Alias.Kind == yaml.ScalarNode { // it may be the name of a field
		return scalar(n.Alias), nil
	}
	a := c.anchors[n.Alias]
	if a == nil || a.size == 0 {
		return nil, c.refuse(n, RuleAliases, "*%s stands inside what it refers to, so that it would never end", n.Value)
	}
	if c.expanded += a.size; c.expanded > maxExpanded {
		return nil, c.refuse(n, RuleAliases, "aliases stand for more than %d values in all from here on; write less by alias", maxExpanded)
	}
	return a.value, nil
}

// mapping returns a mapping. Of a field that is written twice the last counts, as in Helm and kubectl.
func (c *converter) mapping(n *yaml.Node, depth int) (any, error) {
	fields := make(map[string]any, len(n.Content)/2)
	var merged []any
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		if name.Kind == yaml.AliasNode {
			name = name.Alias
		}
		if name.Kind != yaml.ScalarNode {
			return nil, c.refuse(n.Content[i], RuleSyntax, "the name of a field is a text, and here it is a list or a mapping; "+
				"put a text that begins with { or [ in quotes")
		}
		v, err := c.convert(n.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		if name.Tag == "!!merge" {
			merged = append(merged, v)
			continue
		}
		fields[name.Value] = v
	}
	for _, m := range merged {
		if !merge(fields, m) {
			return nil, c.refuse(n, RuleSyntax, "<< merges a mapping or a list of mappings; put the name << in quotes if it is none")
		}
	}
	return fields, nil
}

// merge adds the fields of a mapping, or of the mappings of a list, that are not there yet.
func merge(fields map[string]any, from any) bool {
	switch from := from.(type) {
	case map[string]any:
		for name, v := range from {
			if _, ok := fields[name]; !ok {
				fields[name] = v
			}
		}
		return true
	case []any:
		for _, each := range from {
			if _, ok := each.(map[string]any); !ok || !merge(fields, each) {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// scalar returns a text, a truth value, a number as int64 or float64, or nil.
func scalar(n *yaml.Node) any {
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool", "!!int", "!!float":
	default:
		return n.Value // also a date, which JSON has not
	}
	if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil && strconv.FormatInt(i, 10) == n.Value {
		return i
	}
	var v any
	if err := n.Decode(&v); err != nil {
		return n.Value
	}
	return number(v, n.Value)
}

// number returns a decoded number as one of the two kinds that unstructured objects have, or the text of one that JSON
// has not, such as .inf.
func number(v any, text string) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case uint64:
		return float64(v)
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return text
		}
	}
	return v
}
