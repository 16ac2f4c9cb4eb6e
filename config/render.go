package config

import (
	"strings"
)

// style is how new text is written, so that it looks like what stands around it.
type style struct {
	json   bool   // the file is in fact JSON
	quote  string // around times; "" for none
	width  int    // from the hyphen of an item to its content
	indent int    // from a field of a mapping to the hyphens of its list
}

// item writes an item of a list, with its hyphen at the column and each field on a line. Ends of lines are \n.
func (s style) item(n *node, column int) string {
	margin := column + s.width
	var b strings.Builder
	lead := strings.Repeat(" ", column) + "-" + strings.Repeat(" ", s.width-1)
	for _, f := range n.fields {
		b.WriteString(lead + f.name.text + ":")
		if f.value.kind != list {
			b.WriteString(" " + s.value(f, false) + "\n")
		} else {
			b.WriteString("\n")
			for _, item := range f.value.items {
				b.WriteString(strings.Repeat(" ", margin+s.indent) + "- " + s.inline(item) + "\n")
			}
		}
		lead = strings.Repeat(" ", margin)
	}
	return b.String()
}

// inline writes a value in one line.
func (s style) inline(n *node) string {
	var parts []string
	switch n.kind {
	case scalar:
		return s.scalar(n, true)
	case list:
		for _, item := range n.items {
			parts = append(parts, s.inline(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	for _, f := range n.fields {
		name := s.scalar(&node{text: f.name.text}, true)
		parts = append(parts, name+": "+s.value(f, true))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// value writes the value of a field.
func (s style) value(f field, inline bool) string {
	switch {
	case f.value.kind != scalar:
		return s.inline(f.value)
	case (f.name.text == "start" || f.name.text == "end") && !s.json && !strings.ContainsAny(f.value.text, `'"\`):
		return s.quote + f.value.text + s.quote
	default:
		return s.scalar(f.value, inline)
	}
}

// scalar writes a single value, with quotes where it needs some.
func (s style) scalar(n *node, inline bool) string {
	if number := n.plain && (digits(strings.Replace(n.text, ".", "", 1)) || n.text == "true"); s.json && !number {
		return Quoted(n.text)
	}
	if s.json || n.plain {
		return n.text
	}
	return Encode(n.text, inline)
}
