package config

import (
	"errors"
	"strings"
)

// errAlias is why a list of events that stands elsewhere is not edited.
var errAlias = errors.New("its events stand elsewhere and come by alias or merge key; edit them by hand")

// add returns the splices that write a new event behind the others.
func (s *sheet) add(event *node) ([]splice, error) {
	key, events := s.root.field("events")
	switch merge, _ := s.root.field("<<"); {
	case events != nil && events.alias != nil, events == nil && merge != nil:
		return nil, errAlias
	case s.root.flow && events == nil:
		style := s.style()
		name := style.scalar(&node{text: "events"}, true)
		last := s.root.parts[len(s.root.parts)-2]
		return s.appendFlow(s.scan(s.root), last, name+": ["+style.inline(event)+"]"), nil
	case events == nil:
		return s.addList(event), nil
	case !events.flow:
		return s.appendBlock(s.block(key, events), event), nil
	}
	found := s.scan(events)
	if between := s.text[found.open+1 : found.end]; strings.TrimSpace(between) == "" && !s.root.flow {
		return s.openList(key, found, event), nil
	}
	return s.appendFlow(found, lastOf(events.parts), s.style().inline(event)), nil
}

func lastOf(parts []*written) *written {
	if len(parts) == 0 {
		return nil
	}
	return parts[len(parts)-1]
}

// appendBlock writes the event behind the last item of a list with hyphens.
func (s *sheet) appendBlock(b block, event *node) []splice {
	last := b.items[len(b.items)-1]
	style := s.style()
	text := style.item(event, b.column)
	if item := last.value; item.flow {
		text = strings.Repeat(" ", b.column) + "-" + strings.Repeat(" ", style.width-1) + style.inline(event) + "\n"
	}
	if s.spaced(b) {
		text = "\n" + text
	}
	return s.insert(last.to, text)
}

// insert writes lines before a line, which end as the one above them.
func (s *sheet) insert(line int, text string) []splice {
	at := s.starts[line]
	return []splice{{at, at, strings.ReplaceAll(text, "\n", s.eol(max(line-1, 0)))}}
}

// spaced says whether an empty line separates the items of a list; where it has but one, whether it does in windows.
func (s *sheet) spaced(b block) bool {
	if len(b.items) < 2 {
		key, windows := s.root.field("windows")
		if windows == nil || windows.flow || windows.alias != nil || len(windows.parts) < 2 || windows == b.list {
			return false
		}
		b = s.block(key, windows)
	}
	before, last := b.items[len(b.items)-2], b.items[len(b.items)-1]
	for line := before.to; line < last.hyphen; line++ {
		if s.blank(line) {
			return true
		}
	}
	return false
}

// openList turns events: [] into a list with hyphens that has one item.
func (s *sheet) openList(key *written, empty flow, event *node) []splice {
	from := len(strings.TrimRight(s.text[:empty.open], " \t\r\n"))
	style := s.style()
	text := style.item(event, key.column+style.indent)
	return append([]splice{{from: from, to: empty.end + 1}}, s.insert(s.lineAt(empty.end)+1, text)...)
}

// addList writes events and its first item at the end of the document.
func (s *sheet) addList(event *node) []splice {
	names := s.root.parts
	last := names[len(names)-2]
	end := s.end()
	line := s.content(last.line, s.solid(last.line, end), end, names[len(names)-1])
	for i := line; i < end; i++ {
		if !s.blank(i) {
			line = i + 1
		}
	}
	style := s.style()
	text := strings.Repeat(" ", last.column) + "events:\n" + style.item(event, last.column+style.indent)
	if _, comment := s.comment(line - 1); comment || s.airy() {
		text = "\n" + text
	}
	return s.insert(line, text)
}

// airy says whether an empty line stands before some field of the file.
func (s *sheet) airy() bool {
	for i := 2; i < len(s.root.parts); i += 2 {
		line := s.root.parts[i].line - 1
		for _, comment := s.comment(line); comment && line > 0; _, comment = s.comment(line) {
			line--
		}
		if s.blank(line) {
			return true
		}
	}
	return false
}

// style returns how new text is written in this file: as its last event is, else as its last window.
func (s *sheet) style() style {
	style := style{quote: `"`, width: 2, indent: 2}
	style.json = s.root.flow && len(s.root.parts) > 0 && s.root.parts[0].double
	for _, name := range []string{"windows", "events"} {
		key, values := s.root.field(name)
		if values == nil || len(values.parts) == 0 || values.alias != nil {
			continue
		}
		last := lastOf(values.parts)
		if _, start := last.field("start"); start != nil && start.anchor == "" && start.alias == nil {
			style.quote = s.quoteOf(start)
		}
		if !values.flow {
			b := s.block(key, values)
			style.indent, style.width = b.column-key.column, s.widthOf(b)
		}
	}
	return style
}

// widthOf returns how far from its hyphen the content of the last item stands.
func (s *sheet) widthOf(b block) int {
	item := b.items[len(b.items)-1]
	if item.hyphen != item.value.line || item.value.anchor != "" || item.value.alias != nil {
		return len("- ")
	}
	return item.value.column - b.column
}

// quoteOf returns the quotes around a value.
func (s *sheet) quoteOf(value *written) string {
	if first := s.text[s.offset(value)]; !value.plain && (first == '"' || first == '\'') {
		return string(first)
	}
	if value.plain {
		return ""
	}
	return `"`
}
