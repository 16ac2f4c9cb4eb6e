package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// screen is where the demo prints its story: lines that stay, and below them, on a terminal, a live part that is drawn
// again and again. Anywhere else each change of a row is a line. Its methods are for one goroutine.
type screen struct {
	out   *os.File
	gone  func() // Called when nobody reads the output any more.
	live  bool
	style style
	drawn int               // The lines of the live part that stand on the terminal.
	last  []string          // The live part, to be drawn again below new lines.
	rows  map[string]string // The last text of each row, where there is no terminal.
}

// newScreen looks at the terminal and the environment: https://no-color.org, and TERM=dumb for one that cannot redraw.
func newScreen(out *os.File, gone func()) *screen {
	live := term.IsTerminal(int(out.Fd())) && os.Getenv("TERM") != "dumb" && os.Getenv("TERM") != ""
	return &screen{
		out: out, gone: gone, live: live, style: style{colour: live && os.Getenv("NO_COLOR") == ""}, rows: map[string]string{},
	}
}

// width is the number of columns that may be used; the last one stays empty, so that no terminal wraps.
func (s *screen) width() int {
	if width, _, err := term.GetSize(int(s.out.Fd())); err == nil && width > 0 {
		return width - 1
	}
	return 79
}

// print writes text that stays.
func (s *screen) print(text string) {
	s.write(s.erase() + text + "\n" + s.redraw())
}

// paragraph writes text that stays, in lines that people like to read.
func (s *screen) paragraph(text string) {
	s.print(strings.Join(wrap(text, min(s.width(), 100)), "\n"))
}

// say prints what happened at an instant, in one line if the terminal is wide enough.
func (s *screen) say(at time.Time, code, text string) {
	const indent = "          "
	lines := []string{text}
	if s.live {
		lines = wrap(text, max(20, s.width()-len(indent)))
	}
	for i, line := range lines {
		lines[i] = s.style.paint(code, line)
	}
	clock := at.UTC().Format(time.TimeOnly)
	s.print(s.style.paint(dim, clock) + "  " + strings.Join(lines, "\n"+indent))
}

// draw shows the live part, or what has changed in it.
func (s *screen) draw(v view) {
	if s.live {
		erase := s.erase()
		s.last = render(v, s.width(), s.style)
		s.write(erase + s.redraw())
		return
	}
	for _, o := range v.rows {
		if line := plainRow(o); s.rows[o.app] != line {
			s.rows[o.app] = line
			s.write(v.now.UTC().Format(time.TimeOnly) + "  " + line + "\n")
		}
	}
}

// finish leaves the live part where it is, as the last state, and goes on below.
func (s *screen) finish() {
	s.last, s.drawn = nil, 0
	s.cursor(true)
}

// erase returns what takes the live part off the terminal.
func (s *screen) erase() string {
	if s.drawn == 0 {
		return ""
	}
	up := s.drawn
	s.drawn = 0
	return fmt.Sprintf("\x1b[%dA\r\x1b[J", up)
}

// redraw returns the live part.
func (s *screen) redraw() string {
	s.drawn = len(s.last)
	if s.drawn == 0 {
		return ""
	}
	return strings.Join(s.last, "\n") + "\n"
}

// write writes everything at once, so that nothing flickers.
func (s *screen) write(text string) {
	if _, err := s.out.WriteString(text); err != nil {
		s.gone()
	}
}

// cursor shows or hides the cursor of a terminal.
func (s *screen) cursor(visible bool) {
	switch {
	case !s.live:
	case visible:
		s.write("\x1b[?25h")
	default:
		s.write("\x1b[?25l")
	}
}

// wrap breaks text between words.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && columns(line)+1+columns(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}

// fold breaks a line between words where it is too wide, and leaves the space between the words that stay as it is.
func fold(line string, width int) string {
	const indent = "      "
	if columns(line) <= width {
		return line
	}
	at := strings.LastIndex(line[:width+1], " ")
	if strings.TrimSpace(line[:max(at, 0)]) == "" {
		return line
	}
	return strings.TrimRight(line[:at], " ") + "\n" + fold(indent+strings.TrimLeft(line[at:], " "), width)
}

// fit folds a line that a terminal could not show in one.
func (s *screen) fit(line string) string {
	if !s.live {
		return line
	}
	return fold(line, s.width())
}
