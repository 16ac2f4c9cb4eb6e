package edit

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// errAlias is why a list of events that is written elsewhere is not edited.
var errAlias = errors.New("its events are written elsewhere and come by alias or merge key; edit them by hand")

// add returns the splices that write a new event behind the others.
func (s *editor) add(event *source.Node) ([]splice, error) {
	key, events := s.root.Field("events")
	switch merge, _ := s.root.Field("<<"); {
	case events != nil && events.Alias != nil, events == nil && merge != nil:
		return nil, errAlias
	case s.root.Flow && events == nil:
		style := s.style()
		name := style.scalar(&source.Node{Text: "events"}, true)
		last := s.root.Parts[len(s.root.Parts)-2]
		return s.appendFlow(s.scan(s.root), last, name+": ["+style.inline(event)+"]"), nil
	case events == nil:
		return s.addList(event), nil
	case !events.Flow:
		return s.appendBlock(s.block(key, events), event), nil
	}
	found := s.scan(events)
	if between := s.text[found.open+1 : found.end]; strings.TrimSpace(between) == "" && !s.root.Flow {
		return s.openList(key, found, event), nil
	}
	return s.appendFlow(found, lastOf(events.Parts), s.style().inline(event)), nil
}

func lastOf(parts []*source.Outline) *source.Outline {
	if len(parts) == 0 {
		return nil
	}
	return parts[len(parts)-1]
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
		key, windows := s.root.Field("windows")
		if windows == nil || windows.Flow || windows.Alias != nil || len(windows.Parts) < 2 || windows == b.list {
			return false
		}
		b = s.block(key, windows)
	}
	before, last := b.items[len(b.items)-2], b.items[len(b.items)-1]
	for line := before.to; line < last.hyphen; line++ {
		if s.blank(line, line+1) {
			return true
		}
	}
	return false
}

// openList turns events: [] into a list with hyphens that has one item.
func (s *editor) openList(key *source.Outline, empty flow, event *source.Node) []splice {
	from := len(strings.TrimRight(s.text[:empty.open], " \t\r\n"))
	style := s.style()
	text := style.item(event, key.Column+style.indent)
	return append([]splice{{from: from, to: empty.end + 1}}, s.insert(s.lineAt(empty.end)+1, text)...)
}

// addList writes events and its first item at the end of the document.
func (s *editor) addList(event *source.Node) []splice {
	names := s.root.Parts
	last := names[len(names)-2]
	end := s.end()
	line := s.content(last.Line, s.solid(last.Line, end), end, names[len(names)-1])
	for i := line; i < end; i++ {
		if !s.blank(i, i+1) {
			line = i + 1
		}
	}
	style := s.style()
	text := strings.Repeat(" ", last.Column) + "events:\n" + style.item(event, last.Column+style.indent)
	if s.comment(line-1) || s.airy() {
		text = "\n" + text
	}
	return s.insert(line, text)
}

// airy reports whether an empty line is before some field of the file.
func (s *editor) airy() bool {
	for i := 2; i < len(s.root.Parts); i += 2 {
		line := s.root.Parts[i].Line - 1
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
	style.json = s.root.Flow && len(s.root.Parts) > 0 && s.root.Parts[0].Double
	for _, name := range []string{"windows", "events"} {
		key, values := s.root.Field(name)
		if values == nil || len(values.Parts) == 0 || values.Alias != nil {
			continue
		}
		last := lastOf(values.Parts)
		if _, start := last.Field("start"); start != nil && start.Anchor == "" && start.Alias == nil {
			style.quote = s.quoteOf(start)
		}
		if !values.Flow {
			b := s.block(key, values)
			style.indent, style.width = b.column-key.Column, widthOf(b)
		}
	}
	return style
}

// widthOf returns how far from its hyphen the content of the last item is.
func widthOf(b block) int {
	item := b.items[len(b.items)-1]
	if item.hyphen != item.value.Line || item.value.Anchor != "" || item.value.Alias != nil {
		return len("- ")
	}
	return item.value.Column - b.column
}

func (s *editor) quoteOf(value *source.Outline) string {
	if first := s.text[s.offset(value)]; !value.Plain && (first == '"' || first == '\'') {
		return string(first)
	}
	if value.Plain {
		return ""
	}
	return `"`
}

// style is how new text is written, so that it looks like the text around it.
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
