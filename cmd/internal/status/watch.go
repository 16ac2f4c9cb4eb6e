package status

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/floorkeeper/floorkeeper/text"
)

const watchPeriod = time.Second

// watcher prints what changes. On a terminal it prints in place, and time goes on there; elsewhere a report follows
// the other.
type watcher struct {
	*collector
	stdout, stderr io.Writer
	terminal       *os.File      // to draw on; nil where reports follow one another
	last           *statusReport // that was read
	shown          string        // its key
	failure        string        // why the last attempt failed
}

// follow reads and prints again and again until the context ends. Only a first attempt that fails ends it.
func (c *collector) follow(ctx context.Context, stdout, stderr io.Writer) error {
	w := &watcher{collector: c, stdout: stdout, stderr: stderr}
	file, ok := stdout.(*os.File)
	if ok && w.tabular() && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb" {
		w.terminal = file
	}
	err := wait.PollUntilContextCancel(ctx, watchPeriod, true, func(ctx context.Context) (bool, error) { return false, w.refresh(ctx) })
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// refresh reads and prints. A failure is printed once, unless it is the first time.
func (w *watcher) refresh(ctx context.Context) error {
	report, err := w.collect(ctx)
	first := w.last == nil
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil && first:
		return err
	case err != nil:
		return w.showStale(err)
	}
	w.failure, w.last = "", report
	key := w.key(report)
	if key == w.shown && w.terminal == nil {
		return nil
	}
	w.shown = key
	if err := w.show(report, first); err != nil {
		return fmt.Errorf("cannot print: %w", err)
	}
	return nil
}

// showStale reports that an attempt failed: on a terminal above the last report, with its age, and elsewhere once.
func (w *watcher) showStale(err error) error {
	if w.terminal != nil {
		old := *w.last
		old.At = w.now()
		old.stale = fmt.Sprintf("since %s, %s: %s", old.clock(&w.last.At), text.Ago(old.At.Sub(w.last.At)), err)
		return w.show(&old, false)
	}
	if w.failure != err.Error() {
		fmt.Fprintln(w.stderr, "floorkeeper: asking again:", text.Visible(err.Error()))
	}
	w.failure = err.Error()
	return nil
}

func (o *options) tabular() bool { return o.output == "" || o.output == "wide" }

func (w *watcher) show(report *statusReport, first bool) error {
	if w.terminal != nil {
		return w.draw(report, first)
	}
	var b bytes.Buffer
	switch {
	case first:
	case w.output == "yaml":
		b.WriteString("---\n")
	case w.tabular():
		fmt.Fprintf(&b, "\n--- %s\n", report.clock(&report.At))
	}
	if err := w.print(&b, report); err != nil {
		return err
	}
	_, err := w.stdout.Write(b.Bytes())
	return err
}

// key is what of a report must change for it to be printed again: not that time goes by and the Lease is renewed, nor what
// the table does not show.
func (o *options) key(r *statusReport) string {
	still := *r
	still.At, still.Leader.RenewedAt = time.Time{}, nil
	if o.output == "" {
		still.HPAs = slices.Clone(r.HPAs)
		for i := range still.HPAs {
			still.HPAs[i].DesiredReplicas, still.HPAs[i].CurrentReplicas = 0, 0
		}
	}
	data, _ := json.Marshal(still) // it can be marshalled
	return string(data)
}

// draw replaces what is on the terminal with a report, as far as it fits. What is wrong comes first, and then what is held.
func (w *watcher) draw(r *statusReport, first bool) error {
	width, height, err := term.GetSize(int(w.terminal.Fd()))
	if err != nil || width <= 0 || height <= 1 {
		width, height = 80, 24
	}
	sorted := *r
	sorted.HPAs = slices.Clone(r.HPAs)
	slices.SortStableFunc(sorted.HPAs, func(a, b hpaReport) int { return a.urgency() - b.urgency() })
	_, err = io.WriteString(w.terminal, frame(fit(w.options, &sorted, width, height-1), width, first))
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

// cutLines returns at most so many lines, the last of which is how many it leaves out.
func cutLines(lines []string, most int) []string {
	if len(lines) <= most {
		return lines
	}
	kept := max(0, most-1)
	return append(lines[:kept:kept], fmt.Sprintf("… and %s more; make the terminal higher, or name fewer", text.Count(len(lines)-kept, "line")))
}

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
