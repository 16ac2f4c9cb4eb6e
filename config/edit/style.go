package edit

import (
	"encoding/json"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// style is how new text is written, so that it looks like the text around it.
type style struct {
	json   bool   // the file is in fact JSON
	quote  string // around times; "" for none
	width  int    // from the hyphen of an item to its content
	indent int    // from a field of a mapping to the hyphens of its list
}

// item writes an item of a list, with its hyphen at the column and each field on a line. Ends of lines are \n.
func (s style) item(n *source.Node, column int) string {
	margin := column + s.width
	var b strings.Builder
	lead := strings.Repeat(" ", column) + "-" + strings.Repeat(" ", s.width-1)
	for _, f := range n.Fields {
		b.WriteString(lead + f.Name.Text + ":")
		if f.Value.Kind != source.List {
			b.WriteString(" " + s.value(f, false) + "\n")
		} else {
			b.WriteString("\n")
			for _, item := range f.Value.Items {
				b.WriteString(strings.Repeat(" ", margin+s.indent) + "- " + s.inline(item) + "\n")
			}
		}
		lead = strings.Repeat(" ", margin)
	}
	return b.String()
}

// inline writes a value in one line.
func (s style) inline(n *source.Node) string {
	var parts []string
	switch n.Kind {
	case source.Scalar:
		return s.scalar(n, true)
	case source.List:
		for _, item := range n.Items {
			parts = append(parts, s.inline(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	for _, f := range n.Fields {
		name := s.scalar(&source.Node{Text: f.Name.Text}, true)
		parts = append(parts, name+": "+s.value(f, true))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// value writes the value of a field.
func (s style) value(f source.Field, inline bool) string {
	switch {
	case f.Value.Kind != source.Scalar:
		return s.inline(f.Value)
	case (f.Name.Text == "start" || f.Name.Text == "end") && !s.json && !strings.ContainsAny(f.Value.Text, `'"\`):
		return s.quote + f.Value.Text + s.quote
	default:
		return s.scalar(f.Value, inline)
	}
}

// scalar writes a single value, with quotes where it needs some.
func (s style) scalar(n *source.Node, inline bool) string {
	if s.json && (!n.Plain || !json.Valid([]byte(n.Text))) {
		return source.Quoted(n.Text)
	}
	if s.json || n.Plain {
		return n.Text
	}
	return source.Encode(n.Text, inline)
}
