package source

import (
	"encoding/json"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Value returns a node as JSON would have it: as map[string]any, []any, string, bool, int64, float64 or nil. As in Helm
// and kubectl, the last of two fields of one name counts. What has no such form is reported, and nil.
func (c *Collector) Value(n *Node) any {
	switch n.Kind {
	case Mapping:
		return c.mapping(n)
	case List:
		items := make([]any, len(n.Items))
		for i, item := range n.Items {
			items[i] = c.Value(item)
		}
		return items
	default:
		return n.scalar()
	}
}

func (c *Collector) mapping(n *Node) map[string]any {
	fields := make(map[string]any, len(n.Fields))
	var merged []any
	for _, f := range n.Fields {
		switch {
		case f.Name.Kind != Scalar:
			c.Add(f.Name, RuleSyntax, "the name of a field is a text, and here it is a list or a mapping; "+
				"put a text that begins with { or [ in quotes")
		case f.merge:
			merged = append(merged, c.Value(f.Value))
		default:
			fields[f.Name.Text] = c.Value(f.Value)
		}
	}
	for _, from := range merged {
		all, list := from.([]any)
		if !list {
			all = []any{from}
		}
		for _, each := range all {
			other, ok := each.(map[string]any)
			if !ok {
				c.Add(n, RuleMerge, "<< merges a mapping or a list of mappings; put the name << in quotes if it is none")
				break
			}
			maps.Copy(other, fields) // those that are there already stay
			fields = other
		}
	}
	return fields
}

func (n *Node) scalar() any {
	switch n.tag {
	case "!!null":
		return nil
	case "!!bool", "!!int", "!!float":
	default:
		return n.Text
	}
	if i, err := strconv.ParseInt(n.Text, 10, 64); err == nil && strconv.FormatInt(i, 10) == n.Text {
		return i
	}
	var v any
	if err := (&yaml.Node{Kind: yaml.ScalarNode, Tag: n.tag, Value: n.Text}).Decode(&v); err != nil {
		return n.Text
	}
	switch number := v.(type) {
	case int:
		return int64(number)
	case uint64:
		return float64(number)
	case float64:
		if math.IsInf(number, 0) || math.IsNaN(number) {
			return n.Text
		}
	}
	return v
}

// Encode writes text as a YAML value, in quotes where it would not be read as the same text without. inline asks for
// what can be written inside brackets. It is strict: without quotes are no numbers, no dates, none of the words that some
// readers of YAML take for something else, and no character that could mean something.
func Encode(text string, inline bool) string {
	simple := regexp.MustCompile(`^\p{L}(?:[\p{L}\p{N} _./()+;,-]*[\p{L}\p{N}_.)/+-])?$`)
	words := []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
	if simple.MatchString(text) && !slices.Contains(words, strings.ToLower(text)) && (!inline || !strings.Contains(text, ",")) {
		return text
	}
	return Quoted(text)
}

// Quoted writes text as a YAML value in double quotes.
func Quoted(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b) // what JSON writes, YAML reads
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a text in memory always can be
	return strings.TrimSuffix(b.String(), "\n")
}
