package source

import (
	"bytes"
	"strings"
)

// Comment is a comment of a YAML file. Line and Column are those of its # in the file's data.
type Comment struct {
	Place        Place
	Line, Column int
	Text         string // behind the #
	Alone        bool   // nothing else is on the line
}

// Comments returns the comments of a file that contain a text of lower-case letters, however they write it. The YAML library gives them without their places. root is what
// the file holds.
func Comments(file File, root *Node, containing string) []Comment {
	if !bytes.Contains(bytes.ToLower(file.Data), []byte(containing)) {
		return nil
	}
	text := commented{file: file}
	for line := range strings.SplitSeq(string(file.Data), "\n") {
		text.lines = append(text.lines, []rune(strings.TrimSuffix(line, "\r")))
	}
	for _, n := range root.All() {
		if n.Kind == Scalar && !n.Plain {
			text.mask(file.LineOf(n.Place), file.columnOf(n.Place))
		}
	}
	var all []Comment
	for i, line := range text.lines {
		j := hash(line)
		if j < 0 {
			continue
		}
		if comment := string(line[j+1:]); strings.Contains(strings.ToLower(comment), containing) {
			all = append(all, Comment{file.place(i+1, j+1), i + 1, j + 1, comment, strings.TrimSpace(string(line[:j])) == ""})
		}
	}
	return all
}

// hash returns where the comment of a line begins, and -1 where there is none.
func hash(line []rune) int {
	for j, r := range line {
		if r == '#' && (j == 0 || line[j-1] == ' ' || line[j-1] == '\t') {
			return j
		}
	}
	return -1
}

// LineOf returns the line of the file's data that a place of it is on.
func (f File) LineOf(p Place) int {
	switch {
	case f.within == nil:
		return p.Line
	case f.within.first == 0:
		return max(1, p.Within)
	default:
		return p.Line - f.within.first + 1
	}
}

func (f File) columnOf(p Place) int {
	if f.within == nil {
		return p.Column
	}
	return p.Column - f.within.indent
}

// commented is the text of a file in which the scalars are masked that can hold what looks like a comment.
type commented struct {
	file  File
	lines [][]rune
}

// mask masks the scalar in quotes or in a block that begins at a place.
func (c *commented) mask(line, column int) {
	if line > len(c.lines) {
		return
	}
	rest := c.lines[line-1][min(max(column-1, 0), len(c.lines[line-1])):]
	for len(rest) > 0 && (rest[0] == '&' || rest[0] == ' ') { // an anchor
		space := strings.IndexRune(string(rest), ' ')
		if space < 0 {
			return
		}
		rest = []rune(strings.TrimLeft(string([]rune(string(rest))[min(space, len(rest)):]), " "))
	}
	switch {
	case len(rest) == 0:
	case rest[0] == '|' || rest[0] == '>':
		c.maskBlock(line)
	case rest[0] == '"' || rest[0] == '\'':
		c.maskQuoted(line-1, len(c.lines[line-1])-len(rest), rest[0])
	}
}

func (c *commented) maskBlock(first int) {
	margin := 0
	for _, line := range c.lines[first:] {
		indent := 0
		for indent < len(line) && line[indent] == ' ' {
			indent++
		}
		if indent == len(line) {
			continue
		}
		if margin == 0 {
			margin = indent
		}
		if margin == 0 || indent < margin {
			return
		}
		for i := range line {
			line[i] = 'x'
		}
	}
}

func (c *commented) maskQuoted(line, column int, quote rune) {
	for column++; line < len(c.lines); line, column = line+1, 0 {
		for text := c.lines[line]; column < len(text); column++ {
			r := text[column]
			text[column] = 'x'
			next := column+1 < len(text)
			switch {
			case r == '\\' && quote == '"' && next, r == quote && quote == '\'' && next && text[column+1] == quote:
				column++
				text[column] = 'x'
			case r == quote:
				return
			}
		}
	}
}
