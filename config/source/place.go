package source

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Place is where something is in a file. Line and Column count from 1, in characters, and are 0 where the file or
// directory as a whole is meant. Within is 0, or the line of the text that is there: lines of a ConfigMap's
// quoted or folded text are no lines of the file.
type Place struct {
	File         string
	Line, Column int
	Within       int
}

// String returns the place as compilers write it: file:line:column.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d%s", p.File, p.Line, p.Column, p.inside())
}

// inside returns which line of the text at the place is meant, if it is not the place itself.
func (p Place) inside() string {
	if p.Within == 0 {
		return ""
	}
	return fmt.Sprintf(" (line %d of its text)", p.Within)
}

// Problem returns a problem at the place.
func (p Place) Problem(severity Severity, rule, message string) Problem {
	if p.Within > 0 {
		message = fmt.Sprintf("line %d of its text: %s", p.Within, message)
	}
	return Problem{
		File: p.File, Line: p.Line, Column: p.Column, Within: p.Within, Message: message, Rule: rule, Severity: severity,
	}
}

// Title returns the file's name, and if it is in a ConfigMap manifest, where.
func (f File) Title() string {
	if f.within == nil {
		return f.Name
	}
	return fmt.Sprintf("%s (%s)", f.Name, f.within.title)
}

// Embedded reports whether the file is the text of a ConfigMap manifest.
func (f File) Embedded() bool { return f.within != nil }

// Margin returns at which line of the manifest the data begins, counted from 0, and how many columns further right than
// in the data everything is. It returns false where the lines of the data are no lines of the manifest.
func (f File) Margin() (line, indent int, literal bool) {
	if f.within == nil || f.within.first == 0 {
		return 0, 0, false
	}
	return f.within.first - 1, f.within.indent, true
}

// place returns the place of a line and column of the file's data.
func (f File) place(line, column int) Place {
	if f.within == nil {
		return Place{File: f.Name, Line: line, Column: column}
	}
	return f.within.place(line, column)
}

// embedded is where the data of a file is in a manifest.
type embedded struct {
	title  string   // "schedule.yaml of ConfigMap demo/schedule"
	value  Place    // of the text
	lines  []string // of the manifest
	first  int      // the line of the manifest that is the first of the data; 0 if the lines are not the manifest's
	indent int      // how many columns further right than in the data everything is
}

// Embed returns the file whose data is the text of a value in a manifest, given with the manifest's lines.
func Embed(title string, value *Node, lines []string) File {
	return File{Name: value.Place.File, Data: []byte(value.Text), within: newEmbedded(title, value, lines)}
}

// newEmbedded returns where a value's text is. The lines of a literal block are lines of the manifest, further right:
// this is made sure of line by line, so that no place is ever wrong.
func newEmbedded(title string, value *Node, lines []string) *embedded {
	o := &embedded{title: title, value: value.Place, lines: lines}
	text := strings.Split(strings.TrimRight(value.Text, "\n"), "\n")
	const most = 3 // an anchor may be on a line before that of the |
	for first := value.Place.Line + 1; value.Literal && first <= value.Place.Line+most; first++ {
		if indent, same := indentation(text, lines, first); same {
			o.first, o.indent = first, indent
			break
		}
	}
	return o
}

// indentation returns how far text is indented in lines, from the line first on, and whether it is there at all.
func indentation(text, lines []string, first int) (indent int, same bool) {
	indent = -1
	for i, inner := range text {
		if first-1+i >= len(lines) {
			return 0, false
		}
		outer := strings.TrimSuffix(lines[first-1+i], "\r")
		margin := strings.TrimSuffix(outer, inner)
		switch {
		case strings.Trim(margin, " ") != "" || len(margin)+len(inner) != len(outer):
			return 0, false
		case inner == "": // white space that is no part of the text may be there
		case indent >= 0 && indent != len(margin):
			return 0, false
		default:
			indent = len(margin)
		}
	}
	return max(indent, 0), true
}

// place returns the place in the manifest of a line and column of the data. It always lies in the manifest.
func (o *embedded) place(line, column int) Place {
	if o.first == 0 {
		at := o.clamp(o.value.Line, o.value.Column)
		at.Within = line
		return at
	}
	return o.clamp(o.first+line-1, column+o.indent)
}

func (o *embedded) clamp(line, column int) Place {
	line = min(line, len(o.lines))
	length := utf8.RuneCountInString(strings.TrimSuffix(o.lines[line-1], "\r"))
	return Place{File: o.value.File, Line: line, Column: min(column, length+1)}
}
