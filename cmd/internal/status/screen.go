package status

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/floorkeeper/floorkeeper/text"
)

type screen struct{ file *os.File }

// newScreen returns nil for what is no terminal, or one that cannot be drawn on.
func newScreen(w io.Writer) *screen {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return &screen{file}
}

// draw replaces what is on the terminal with a report, as far as it fits. What is wrong comes first, and then what is held.
func (s *screen) draw(o *options, r *statusReport, first bool) error {
	width, height, err := term.GetSize(int(s.file.Fd()))
	if err != nil || width <= 0 || height <= 1 {
		width, height = 80, 24
	}
	sorted := *r
	sorted.HPAs = slices.Clone(r.HPAs)
	slices.SortStableFunc(sorted.HPAs, func(a, b hpaReport) int { return a.urgency() - b.urgency() })
	_, err = io.WriteString(s.file, frame(fit(o, &sorted, width, height-1), width, first))
	return err
}

// urgency sorts HPAs: what is wrong is 0, what is held 1, and all others 2.
func (h hpaReport) urgency() int {
	switch {
	case len(h.Problems) > 0 || h.State == stateNotFound:
		return 0
	case h.State == stateHeld:
		return 1
	default:
		return 2
	}
}

// fit returns the lines of a report, at most so many: of the explanations below the table as many as fit into half of
// them, and then of the rows.
func fit(o *options, r *statusReport, width, height int) []string {
	above, rows, below := o.parts(r)
	head, table, foot := wrapped(linesOf(above), width), linesOf(rows), wrapped(linesOf(below), width)
	if len(head)+len(table)+len(foot) > height {
		foot = cutLines(foot, height/2)
		table = cutLines(table, max(2, height-len(head)-len(foot)))
	}
	return cutLines(slices.Concat(head, table, foot), height)
}

func linesOf(text string) []string {
	return slices.Collect(strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n"))
}

// cutLines returns at most so many lines, and says how many it leaves out.
func cutLines(lines []string, most int) []string {
	if len(lines) <= most {
		return lines
	}
	kept := max(0, most-1)
	return append(lines[:kept:kept], fmt.Sprintf("… and %s more; make the terminal higher, or name fewer", text.Count(len(lines)-kept, "line")))
}

// wrapped breaks lines between words where they are longer than the width.
func wrapped(lines []string, width int) (all []string) {
	for _, line := range lines {
		all = append(all, strings.Split(text.Wrap(line, width, "  "), "\n")...)
	}
	return all
}

// frame returns what draws lines over those that were there, cut to the width of the terminal.
func frame(lines []string, width int, anew bool) string {
	var b strings.Builder
	if anew {
		b.WriteString("\x1b[2J")
	}
	b.WriteString("\x1b[H")
	for _, line := range lines {
		b.WriteString(text.Cut(line, width) + "\x1b[K\n")
	}
	b.WriteString("\x1b[J")
	return b.String()
}
