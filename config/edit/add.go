package edit

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// errAlias is why a list of events that is written elsewhere is not edited.
var errAlias = errors.New("its events are written elsewhere and come by alias or merge key; edit them by hand")

func (s *editor) add(event *source.Node) ([]splice, error) {
	field := s.root.Field("events")
	switch events := field.Value; {
	case events != nil && events.Alias != nil, events == nil && s.root.Child("<<") != nil:
		return nil, errAlias
	case s.root.Flow && events == nil:
		style := s.style()
		name := style.scalar(&source.Node{Text: "events"}, true)
		last := s.root.Fields[len(s.root.Fields)-1].Name
		return s.appendFlow(s.scan(s.root), last, name+": ["+style.inline(event)+"]"), nil
	case events == nil:
		return s.addList(event), nil
	case !events.Flow:
		return s.appendBlock(s.block(field), event), nil
	}
	found := s.scan(field.Value)
	style := s.style()
	if between := s.text[found.open+1 : found.end]; strings.TrimSpace(between) == "" && !s.root.Flow {
		cut := splice{from: len(strings.TrimRight(s.text[:found.open], " \t\r\n")), to: found.end + 1}
		text := style.item(event, field.Name.Place.Column-1+style.indent)
		return append([]splice{cut}, s.insert(s.lineAt(found.end)+1, text)...), nil
	}
	return s.appendFlow(found, lastOf(field.Value.Items), style.inline(event)), nil
}

func lastOf(items []*source.Node) *source.Node {
	if len(items) == 0 {
		return nil
	}
	return items[len(items)-1]
}

// appendBlock writes the event behind the last item of a list with hyphens.
func (s *editor) appendBlock(b block, event *source.Node) []splice {
	last := b.items[len(b.items)-1]
	style := s.style()
	text := style.item(event, b.column)
	if item := last.value; item.Flow {
		text = strings.Repeat(" ", b.column) + "-" + strings.Repeat(" ", style.width-1) + style.inline(event) + "\n"
	}
	if s.spaced(b) {
		text = "\n" + text
	}
	return s.insert(last.to, text)
}

// insert writes lines before a line, which end as the one above them.
func (s *editor) insert(line int, text string) []splice {
	at := s.starts[line]
	return []splice{{at, at, strings.ReplaceAll(text, "\n", s.eol(max(line-1, 0)))}}
}

// spaced reports whether an empty line separates the items of a list; where it has but one, whether it does in windows.
func (s *editor) spaced(b block) bool {
	if len(b.items) < 2 {
		field := s.root.Field("windows")
		windows := field.Value
		if windows == nil || windows.Flow || windows.Alias != nil || len(windows.Items) < 2 || windows == b.list {
			return false
		}
		b = s.block(field)
	}
	before, last := b.items[len(b.items)-2], b.items[len(b.items)-1]
	for line := before.to; line < last.hyphen; line++ {
		if s.blank(line, line+1) {
			return true
		}
	}
	return false
}

// addList writes events and its first item at the end of the document.
func (s *editor) addList(event *source.Node) []splice {
	last := s.root.Fields[len(s.root.Fields)-1]
	from, end := lineOf(last.Name), s.end()
	line := s.content(from, s.solid(from, end), end, last.Value)
	for i := line; i < end; i++ {
		if !s.blank(i, i+1) {
			line = i + 1
		}
	}
	style := s.style()
	margin := last.Name.Place.Column - 1
	text := strings.Repeat(" ", margin) + "events:\n" + style.item(event, margin+style.indent)
	if s.comment(line-1) || s.airy() {
		text = "\n" + text
	}
	return s.insert(line, text)
}

// airy reports whether an empty line is before some field of the file.
func (s *editor) airy() bool {
	for _, f := range s.root.Fields[1:] {
		line := lineOf(f.Name) - 1
		for line > 0 && s.comment(line) {
			line--
		}
		if s.blank(line, line+1) {
			return true
		}
	}
	return false
}

// style returns how new text is written in this file: as its last event is, else as its last window.
func (s *editor) style() style {
	style := style{quote: `"`, width: 2, indent: 2}
	style.json = s.root.Flow && s.text[s.offset(s.root.Fields[0].Name)] == '"'
	for _, name := range []string{"windows", "events"} {
		field := s.root.Field(name)
		values := field.Value
		if values == nil || len(values.Items) == 0 || values.Alias != nil {
			continue
		}
		if start := lastOf(values.Items).Child("start"); start != nil && start.Anchor == "" && start.Alias == nil {
			style.quote = s.quoteOf(start)
		}
		if !values.Flow {
			b := s.block(field)
			style.indent, style.width = b.column-(field.Name.Place.Column-1), widthOf(b)
		}
	}
	return style
}

// widthOf returns how far from its hyphen the content of the last item is.
func widthOf(b block) int {
	item := b.items[len(b.items)-1]
	if item.hyphen != lineOf(item.value) || item.value.Anchor != "" || item.value.Alias != nil {
		return len("- ")
	}
	return item.value.Place.Column - 1 - b.column
}

func (s *editor) quoteOf(value *source.Node) string {
	if first := s.text[s.offset(value)]; !value.Plain && (first == '"' || first == '\'') {
		return string(first)
	}
	if value.Plain {
		return ""
	}
	return `"`
}

type style struct {
	json   bool   // the file is in fact JSON
	quote  string // around times; "" for none
	width  int    // from the hyphen of an item to its content
	indent int    // from a field of a mapping to the hyphens of its list
}

// item writes an item of a list, with its hyphen at the column and each field on a line.
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

func (s style) scalar(n *source.Node, inline bool) string {
	if s.json && (!n.Plain || !json.Valid([]byte(n.Text))) {
		return source.Quoted(n.Text)
	}
	if s.json || n.Plain {
		return n.Text
	}
	return source.Encode(n.Text, inline)
}
