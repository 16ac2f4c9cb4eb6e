package main

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

	"github.com/floorkeeper/floorkeeper/cmd/internal/visible"
)

// statusPeriod is how often --watch looks.
const statusPeriod = time.Second

// statusWatch prints what changes. On a terminal it prints in place, and time goes on there; elsewhere a report follows
// the other.
type statusWatch struct {
	*statusOptions
	asker          *statusAsker
	stdout, stderr io.Writer
	screen         *screen
	shown          string // key of the report that was printed last
	said           string // why the last look failed
}

// follow looks again and again until the context ends. Only a first look that fails ends it.
func (o *statusOptions) follow(ctx context.Context, asker *statusAsker, stdout, stderr io.Writer) error {
	w := &statusWatch{statusOptions: o, asker: asker, stdout: stdout, stderr: stderr, screen: newScreen(stdout)}
	ticker := time.NewTicker(statusPeriod)
	defer ticker.Stop()
	for first := true; ; first = false {
		err := w.look(ctx, first)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return exitError{exitFailed, err}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// look asks and prints. A failure is told once, unless it is that of the first look.
func (w *statusWatch) look(ctx context.Context, first bool) error {
	report, err := w.asker.ask(ctx)
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil && first:
		return err
	case err != nil:
		if w.said != err.Error() {
			fmt.Fprintln(w.stderr, "floorkeeper: asking again:", visible.Text(err.Error()))
		}
		w.said = err.Error()
		return nil
	}
	w.said = ""
	key := w.key(report)
	if key == w.shown && (w.screen == nil || !w.tabular()) {
		return nil
	}
	w.shown = key
	if err := w.show(w.stdout, w.screen, report, first); err != nil {
		return fmt.Errorf("cannot print: %w", err)
	}
	return nil
}

// tabular says whether people read the output.
func (o *statusOptions) tabular() bool { return o.output == "" || o.output == "wide" }

// show prints a report in the place of, or after, the one before.
func (o *statusOptions) show(stdout io.Writer, screen *screen, report *statusReport, first bool) error {
	var b bytes.Buffer
	switch {
	case first:
	case o.output == "yaml":
		b.WriteString("---\n")
	case o.tabular() && screen == nil:
		fmt.Fprintf(&b, "\n--- %s\n", report.clock(&report.At))
	}
	if err := o.print(&b, report); err != nil {
		return err
	}
	if screen != nil && o.tabular() {
		return screen.draw(b.String(), first)
	}
	_, err := stdout.Write(b.Bytes())
	return err
}

// key is what of a report must change for it to be printed again: not that time goes by and the Lease is renewed, nor what
// the table does not show.
func (o *statusOptions) key(r *statusReport) string {
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

// screen is a terminal that is drawn on from the top.
type screen struct{ file *os.File }

// newScreen returns nil for what is no terminal, or one that cannot be drawn on.
func newScreen(w io.Writer) *screen {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return &screen{file}
}

// draw replaces what is on the terminal, as far as it fits.
func (s *screen) draw(text string, first bool) error {
	width, height, err := term.GetSize(int(s.file.Fd()))
	if err != nil || width <= 0 || height <= 1 {
		width, height = 80, 24
	}
	_, err = io.WriteString(s.file, frame(text, width, height, first))
	return err
}

// frame returns what draws the lines of a text over those that were there, cut to the size of the terminal.
func frame(text string, width, height int, anew bool) string {
	var b strings.Builder
	if anew {
		b.WriteString("\x1b[2J")
	}
	b.WriteString("\x1b[H")
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) > height-1 {
		hidden := len(lines) - (height - 2)
		lines = append(lines[:height-2:height-2], fmt.Sprintf("… and %s more; make the terminal higher, or name fewer", count(hidden, "line")))
	}
	for _, line := range lines {
		if runes := []rune(line); len(runes) > width {
			line = string(runes[:width-1]) + "…"
		}
		b.WriteString(line + "\x1b[K\n")
	}
	b.WriteString("\x1b[J")
	return b.String()
}
