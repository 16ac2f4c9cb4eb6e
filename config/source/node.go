package source

import (
	"fmt"
	"slices"
)

// Kind is the shape of a node.
type Kind int

// The kinds of nodes.
const (
	Scalar Kind = iota
	List
	Mapping
)

// Node is a value of a YAML document, with its place. Nodes are shared where the document has aliases, and free of
// loops.
type Node struct {
	Place   Place
	Kind    Kind
	Text    string  // of a scalar, as written but for quotes and escapes
	Plain   bool    // a scalar without quotes
	Literal bool    // a scalar in a block after |
	tag     string  // of a scalar, as the YAML library resolves it
	Items   []*Node // of a list
	Fields  []Field // of a mapping, in the order written
	Flow    bool    // a list or mapping in brackets
	Refused bool    // its problem is reported
	Anchor  string
	Alias   *Node // what it refers to; nil where aliases are followed
	size    int   // this node and all below it, aliases expanded
}

// Field is a name in a mapping and its value.
type Field struct {
	Name, Value *Node
	merge       bool  // <<
	via         *Node // the << that brought it into a mapping
	Guessed     bool  // its name is misspelt, and taken for another
}

// PlaceFor returns the place of the node for a problem at another: without the file where that is the same.
func (n *Node) PlaceFor(other *Node) string {
	if n.Place.File != other.Place.File {
		return n.Place.String()
	}
	return fmt.Sprintf("line %d, column %d%s", n.Place.Line, n.Place.Column, n.Place.inside())
}

// Field returns a field of a mapping, which has neither name nor value where it is not written.
func (n *Node) Field(name string) Field {
	for _, f := range n.Fields {
		if f.Name.Text == name {
			return f
		}
	}
	return Field{}
}

// Child returns the value of a field of a mapping, or nil.
func (n *Node) Child(name string) *Node { return n.Field(name).Value }

// All returns the node and everything in it, in the order in which it is written.
func (n *Node) All() []*Node {
	all := []*Node{n}
	for _, item := range n.Items {
		all = append(all, item.All()...)
	}
	for _, f := range n.Fields {
		all = append(append(all, f.Name.All()...), f.Value.All()...)
	}
	return all
}

// Word returns the value of a field that is a scalar, or "".
func (n *Node) Word(name string) string {
	if value := n.Child(name); value != nil && value.Kind == Scalar {
		return value.Text
	}
	return ""
}

// Through returns the words for the merge key that brought a field, and "" where the field itself is written.
func (f Field) Through() string {
	if f.via == nil {
		return ""
	}
	return "; << brings it in at " + f.via.PlaceFor(f.Name)
}

// Null reports whether the node has no value: nothing, ~ or null.
func (n *Node) Null() bool {
	return n.Kind == Scalar && n.Plain && slices.Contains([]string{"", "~", "null", "Null", "NULL"}, n.Text)
}

// Describe names the node's kind for a person.
func (n *Node) Describe() string {
	switch {
	case n.Kind == List:
		return "a list"
	case n.Kind == Mapping:
		return "a mapping"
	case n.Null():
		return "nothing"
	}
	return Quote(n.Text)
}

// Flatten returns the fields of a mapping with those that it merges in: explicit fields override merged ones, earlier
// merged ones later.
func (c *Collector) Flatten(n *Node) []Field {
	var flat []Field
	seen := map[string]*Node{}
	for _, f := range n.Fields {
		switch first := seen[f.Name.Text]; {
		case f.Name.Kind != Scalar:
			c.Add(f.Name, RuleWrongType, "the name of a field is a single word, not %s", f.Name.Describe())
		case first != nil:
			c.Add(f.Name, RuleDuplicateField, "%s is written twice in the same mapping, first at %s; remove one",
				Quote(f.Name.Text), first.PlaceFor(f.Name))
		default:
			seen[f.Name.Text] = f.Name
			if !f.merge {
				flat = append(flat, f)
			}
		}
	}
	for _, f := range n.Fields {
		if !f.merge {
			continue
		}
		for _, merged := range c.merged(f.Value) {
			if seen[merged.Name.Text] == nil {
				seen[merged.Name.Text], merged.via = merged.Name, f.Name
				flat = append(flat, merged)
			}
		}
	}
	return flat
}

func (c *Collector) merged(value *Node) []Field {
	if value.Kind == Mapping {
		return c.Flatten(value)
	}
	var all []Field
	if value.Kind == Scalar {
		c.Add(value, RuleMerge, "<< takes an alias such as *base, or a list of them, not %s", value.Describe())
	}
	for _, item := range value.Items {
		if item.Kind != Mapping {
			c.Add(item, RuleMerge, "<< takes mappings only, not %s", item.Describe())
			continue
		}
		all = append(all, c.Flatten(item)...)
	}
	return all
}
