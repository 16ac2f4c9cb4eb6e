package source

import (
	"bytes"

	"gopkg.in/yaml.v3"
)

// Outline is a value as it is written in the text: its aliases are not followed. Editing needs that, where reading needs
// nodes.
type Outline struct {
	Line, Column  int // from 0, in characters; of its anchor, where it has one
	Kind          Kind
	Flow          bool // a list or mapping in brackets
	Plain, Double bool // a scalar without quotes, or in double ones
	Text          string
	Anchor        string
	Alias         *Outline   // what it refers to
	Parts         []*Outline // the items of a list; the names and values of a mapping in turn
}

// OutlineOf returns the values of a YAML document as they are written in its text, and nil where it is none.
func OutlineOf(data []byte) *Outline {
	var document yaml.Node
	if decode(yaml.NewDecoder(bytes.NewReader(data)), &document) != nil || len(document.Content) == 0 {
		return nil
	}
	return asWritten(document.Content[0], map[*yaml.Node]*Outline{})
}

// asWritten returns the outline of a node; seen are those before it, which its aliases refer to.
func asWritten(y *yaml.Node, seen map[*yaml.Node]*Outline) *Outline {
	w := &Outline{
		Line: y.Line - 1, Column: y.Column - 1, Text: y.Value, Anchor: y.Anchor, Alias: seen[y.Alias],
		Flow: y.Style&yaml.FlowStyle != 0, Plain: y.Style&^yaml.TaggedStyle == 0, Double: y.Style&yaml.DoubleQuotedStyle != 0,
	}
	seen[y] = w
	switch y.Kind {
	case yaml.SequenceNode:
		w.Kind = List
	case yaml.MappingNode:
		w.Kind = Mapping
	}
	for _, part := range y.Content {
		w.Parts = append(w.Parts, asWritten(part, seen))
	}
	return w
}

// Field returns the name and the value of a field of a mapping, and nil where it is not written.
func (w *Outline) Field(name string) (key, value *Outline) {
	if w.Kind != Mapping {
		return nil, nil
	}
	for i := 0; i+1 < len(w.Parts); i += 2 {
		if w.Parts[i].Text == name {
			return w.Parts[i], w.Parts[i+1]
		}
	}
	return nil, nil
}

// All returns the value and everything in it, in the order in which it is written.
func (w *Outline) All() []*Outline {
	all := []*Outline{w}
	for _, part := range w.Parts {
		all = append(all, part.All()...)
	}
	return all
}
