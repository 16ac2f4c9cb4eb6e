package edit

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
)

type editor struct {
	textLines
	file    source.File // as it is given
	inner   source.File // the file, or the text of its ConfigMap
	entries *config.Parsed
	root    *source.Node
}

// textLines is the text of a file in lines, which count from 0.
type textLines struct {
	text   string // without a byte order mark, and with an end of line behind the last line
	starts []int  // where each line begins, and the end of the text
	marked bool   // the file begins with a byte order mark
	open   bool   // the file has no end of line behind its last line
}

func newLines(data []byte) (s textLines) {
	s.text, s.marked = strings.CutPrefix(string(data), source.ByteOrderMark)
	if s.open = !strings.HasSuffix(s.text, "\n"); s.open {
		s.text += ending(s.text[:strings.LastIndexByte(s.text, '\n')+1])
	}
	s.starts = []int{0}
	for line := range strings.Lines(s.text) {
		s.starts = append(s.starts, s.starts[len(s.starts)-1]+len(line))
	}
	return s
}

func ending(text string) string {
	if strings.HasSuffix(text, "\r\n") {
		return "\r\n"
	}
	return "\n"
}

func (s *textLines) eol(line int) string { return ending(s.text[:s.starts[line+1]]) }

// bytes returns what the file holds when its text is the given one: the beginning and the end stay as they were.
func (s *textLines) bytes(text string) []byte {
	if s.open {
		text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	}
	if s.marked {
		text = source.ByteOrderMark + text
	}
	return []byte(text)
}

func (s *textLines) lines() int { return len(s.starts) - 1 }

func (s *textLines) line(i int) string {
	return strings.TrimRight(s.text[s.starts[i]:s.starts[i+1]], "\r\n")
}

func (s *textLines) lineAt(offset int) int {
	return min(s.position(offset).line, s.lines()-1)
}

// position is a line, and how many bytes are before it there.
type position struct{ line, column int }

// position returns the line of an offset, which at the end of the text is one behind the last.
func (s *textLines) position(offset int) position {
	line := sort.SearchInts(s.starts, offset+1) - 1
	return position{line, offset - s.starts[line]}
}

func lineOf(n *source.Node) int { return n.Place.Line - 1 }

func (s *editor) offset(w *source.Node) int {
	at := s.starts[lineOf(w)]
	for range w.Place.Column - 1 {
		_, size := utf8.DecodeRuneInString(s.text[at:])
		at += size
	}
	return at
}

func (s *textLines) blank(from, to int) bool {
	return from >= to || strings.TrimSpace(s.text[s.starts[from]:s.starts[to]]) == ""
}

// comment reports whether a line looks like a comment: it could lie inside quotes.
func (s *textLines) comment(i int) bool { return strings.HasPrefix(s.line(i)[s.margin(i):], "#") }

func (s *textLines) margin(i int) int {
	return len(s.line(i)) - len(strings.TrimLeft(s.line(i), " \t"))
}

// end returns the line behind the document: that of its ..., or the number of lines.
func (s *editor) end() int {
	for i := range s.lines() {
		if rest, ok := strings.CutPrefix(s.line(i), "..."); ok && strings.TrimLeft(rest, " \t") == strings.TrimSpace(rest) &&
			(rest == "" || rest[0] == ' ' || rest[0] == '\t') {
			return i
		}
	}
	return s.lines()
}

type splice struct {
	from, to int
	text     string
}

// spliced returns the text [at, to) after splices in it. Those that delete may overlap.
func (s *textLines) spliced(at, to int, splices []splice) string {
	slices.SortStableFunc(splices, func(a, b splice) int { return cmp.Or(a.from-b.from, a.to-b.to) })
	var b strings.Builder
	for _, p := range splices {
		b.WriteString(s.text[at:max(p.from, at)] + p.text)
		at = max(at, p.to)
	}
	b.WriteString(s.text[at:max(at, to)])
	return b.String()
}
