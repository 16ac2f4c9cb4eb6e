package edit

import (
	"reflect"
	"sort"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/source"
)

type block struct {
	list   *source.Node
	column int // of the hyphens
	items  []blockItem
}

// blockItem is an item of a block: the lines [from, to) with the comments that belong to it, those directly above it and
// those below it that are indented more than its hyphen.
type blockItem struct {
	value            *source.Node
	from, hyphen, to int
}

func (s *editor) block(f source.Field) block {
	b := block{list: f.Value, column: -1}
	for _, value := range f.Value.Items {
		hyphen := lineOf(value)
		for hyphen > lineOf(f.Name) && !s.hyphen(hyphen, b.column) {
			hyphen--
		}
		if b.column < 0 {
			b.column = len(s.line(hyphen)) - len(strings.TrimLeft(s.line(hyphen), " "))
		}
		b.items = append(b.items, blockItem{value: value, hyphen: hyphen})
	}
	floor, end := lineOf(f.Name)+1, s.end()
	for i, next := range s.root.Fields[1:] {
		if s.root.Fields[i].Value == f.Value {
			end = lineOf(next.Name)
		}
	}
	for i := range b.items {
		limit := end
		if i+1 < len(b.items) {
			limit = b.items[i+1].hyphen
		}
		s.extend(&b.items[i], floor, limit, b.column)
		floor = b.items[i].to
	}
	return b
}

func (s *editor) extend(item *blockItem, floor, limit, column int) {
	item.from = item.hyphen
	for item.from > floor && s.comment(item.from-1) {
		item.from--
	}
	item.to = s.content(item.hyphen, s.solid(item.hyphen, limit), limit, item.value)
	for item.to < limit && s.comment(item.to) && s.margin(item.to) > column {
		item.to++
	}
}

// hyphen reports whether an item of a list begins on the line, at the column unless that is not known yet.
func (s *editor) hyphen(line, column int) bool {
	text := s.line(line)
	rest := strings.TrimLeft(text, " ")
	return strings.HasPrefix(rest, "-") && (column < 0 || len(text)-len(rest) == column)
}

// solid returns the line behind the last of the lines [from, to) that looks neither empty nor like a comment.
func (s *editor) solid(from, to int) int {
	for to > from+1 && (s.blank(to-1, to) || s.comment(to-1)) {
		to--
	}
	return to
}

// content returns the line behind the last one that is part of a value, given that it begins on the line from and that
// all lines from solid to limit look empty or like comments: those can lie inside quotes or a block of text.
func (s *editor) content(from, solid, limit int, value *source.Node) int {
	all := value.All()
	if last := all[len(all)-1]; solid == limit || last.Plain && last.Kind == source.Scalar {
		return solid
	}
	part := func(to int) *source.Node { return source.AsWritten(s.text[s.starts[from]:s.starts[to]]) }
	whole := part(limit)
	if whole == nil { // it has an alias for something before
		from = 0
		whole = part(limit)
	}
	return solid + sort.Search(limit-solid, func(more int) bool { return reflect.DeepEqual(part(solid+more), whole) })
}

// flow is a list or a mapping in brackets. Its places are offsets in the text.
type flow struct {
	open, end int // the brackets
	parts     []flowPart
}

// flowPart is an item or a field: comma is where the one behind it is, -1 for none.
type flowPart struct{ to, comma int }

func (s *editor) scan(w *source.Node) flow {
	at := s.offset(w)
	at += strings.IndexAny(s.text[at:], "[{") // behind its anchor
	f := flow{open: at, end: len(s.text) - 1}
	t := flowText{text: s.text, at: at}
	part := flowPart{to: -1}
	for depth := 0; t.at < len(s.text); {
		from := t.at
		token := t.next()
		switch token {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		switch closes := depth == 0; {
		case depth == 1 && token == ',':
			part.comma = from
			f.parts = append(f.parts, part)
			part = flowPart{to: -1}
		case closes:
			if f.end = from; part.to >= 0 {
				part.comma = -1
				f.parts = append(f.parts, part)
			}
			return f
		case token != ' ' && from > f.open:
			part.to = t.at
		}
	}
	return f
}

type flowText struct {
	text   string
	at     int
	inside bool // a plain scalar, or behind another value, where quotes and the like mean nothing
	closed bool // a value that ended by itself: quoted, or in brackets
}

// next moves behind the next piece and returns what it is: a bracket, a comma, ' ' for white space and comments, or 'x'
// for a piece of a value.
func (t *flowText) next() byte {
	c := t.text[t.at]
	switch {
	case strings.IndexByte(" \t\r\n", c) >= 0:
		t.at++
		return ' '
	case c == '#' && strings.IndexByte(" \t\n", t.text[t.at-1]) >= 0:
		t.skipTo("\n")
		return ' '
	case strings.IndexByte("[{,]}", c) >= 0:
		t.at++
		t.closed = c == ']' || c == '}'
		t.inside = t.closed
		return c
	case t.inside:
		t.within(c)
	case c == '"' || c == '\'':
		t.quoted(c)
		t.inside, t.closed = true, true
	case c == '&' || c == '!':
		t.skipTo(" \t\r\n,[]{}")
	default:
		t.at++
		t.inside, t.closed = true, false
	}
	return 'x'
}

// within moves over a character of a value; a colon that ends a name lets a new value begin.
func (t *flowText) within(c byte) {
	t.at++
	if c == ':' && (t.closed || strings.IndexByte(" \t\r\n,[]{}", t.text[t.at]) >= 0) {
		t.inside = false
	}
	t.closed = false
}

func (t *flowText) skipTo(marks string) {
	if length := strings.IndexAny(t.text[t.at:], marks); length >= 0 {
		t.at += length
		return
	}
	t.at = len(t.text)
}

func (t *flowText) quoted(quote byte) {
	for t.at++; t.at < len(t.text); t.at++ {
		switch rest := t.text[t.at:]; {
		case quote == '"' && rest[0] == '\\', strings.HasPrefix(rest, "''") && quote == '\'':
			t.at++
		case rest[0] == quote:
			t.at++
			return
		}
	}
}

// appendFlow writes a part behind the last, which is the given value: on a line of its own where that has one.
func (s *editor) appendFlow(f flow, last *source.Node, text string) []splice {
	if last == nil || len(f.parts) == 0 {
		line := s.lineAt(f.end)
		if margin := s.text[s.starts[line]:f.end]; strings.TrimSpace(margin) == "" {
			return s.insert(line, margin+"  "+text+"\n")
		}
		return []splice{{f.end, f.end, text}}
	}
	part := f.parts[len(f.parts)-1]
	start := s.offset(last)
	margin := s.text[s.starts[s.lineAt(start)]:start]
	if strings.TrimSpace(margin) != "" || s.lineAt(f.open) == s.lineAt(start) {
		return []splice{{part.to, part.to, ", " + text}}
	}
	line := s.lineAt(max(part.to-1, part.comma))
	switch {
	case s.lineAt(f.end) == line:
		return []splice{{part.to, part.to, "," + s.eol(s.lineAt(start)-1) + margin + text}}
	case part.comma >= 0:
		return s.insert(line+1, margin+text+",\n")
	}
	return append([]splice{{part.to, part.to, ","}}, s.insert(line+1, margin+text+"\n")...)
}
