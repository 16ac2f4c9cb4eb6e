package config

import "fmt"

// kind is the shape of a node.
type kind int

const (
	scalar kind = iota
	list
	mapping
)

// node is a value of a YAML document, with its place. Nodes are shared where the document has aliases, and free of
// loops.
type node struct {
	place   Place
	kind    kind
	text    string  // of a scalar, as written but for quotes and escapes
	plain   bool    // a scalar without quotes
	literal bool    // a scalar in a block after |
	items   []*node // of a list
	fields  []field // of a mapping, in the order written
	refused bool    // its problem is told
	size    int     // this node and all below it, aliases expanded
}

// field is a name in a mapping and its value.
type field struct {
	name, value *node
	merge       bool  // <<
	via         *node // the << that brought it into a mapping
	guessed     bool  // its name is misspelt, and taken for another
}

// placeFor returns the place of the node for a problem at another: without the file where that is the same.
func (n *node) placeFor(other *node) string {
	if n.place.File != other.place.File {
		return n.place.String()
	}
	return fmt.Sprintf("line %d, column %d%s", n.place.Line, n.place.Column, n.place.inside())
}

// child returns the value of a field of a mapping, or nil.
func (n *node) child(name string) *node {
	for _, f := range n.fields {
		if f.name.text == name {
			return f.value
		}
	}
	return nil
}

// word returns the value of a field that is a scalar, or "".
func (n *node) word(name string) string {
	if value := n.child(name); value != nil && value.kind == scalar {
		return value.text
	}
	return ""
}

// through says which merge key brought a field that is written elsewhere.
func (f field) through() string {
	if f.via == nil {
		return ""
	}
	return "; << brings it in at " + f.via.placeFor(f.name)
}

// null says whether the node has no value: nothing, ~ or null.
func (n *node) null() bool {
	if n.kind != scalar || !n.plain {
		return false
	}
	switch n.text {
	case "", "~", "null", "Null", "NULL":
		return true
	}
	return false
}

// describe names the node's kind for a person.
func (n *node) describe() string {
	switch {
	case n.kind == list:
		return "a list"
	case n.kind == mapping:
		return "a mapping"
	case n.null():
		return "nothing"
	}
	return quote(n.text)
}
