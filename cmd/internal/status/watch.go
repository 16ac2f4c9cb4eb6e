package status

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/text"
)

const watchPeriod = time.Second

// watcher prints what changes. On a terminal it prints in place, and time goes on there; elsewhere a report follows
// the other.
type watcher struct {
	*options
	asker          *collector
	stdout, stderr io.Writer
	screen         *screen
	last           *statusReport // that was printed
	shown          string        // its key
	said           string        // why the last look failed
}

// follow looks again and again until the context ends. Only a first look that fails ends it.
func (o *options) follow(ctx context.Context, asker *collector, stdout, stderr io.Writer) error {
	w := &watcher{options: o, asker: asker, stdout: stdout, stderr: stderr, screen: newScreen(stdout)}
	ticker := time.NewTicker(watchPeriod)
	defer ticker.Stop()
	for first := true; ; first = false {
		err := w.look(ctx, first)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// look reads and prints. A failure is printed once, unless it is the first time.
func (w *watcher) look(ctx context.Context, first bool) error {
	report, err := w.asker.collect(ctx)
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil && first:
		return err
	case err != nil:
		return w.showStale(err)
	}
	w.said, w.last = "", report
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

// showStale says that a look failed: on a terminal above the last report, with its age, and elsewhere once.
func (w *watcher) showStale(err error) error {
	if w.screen != nil && w.tabular() {
		old := *w.last
		old.At = w.asker.now()
		old.stale = fmt.Sprintf("since %s, %s: %s", old.clock(&w.last.At), text.Ago(old.At.Sub(w.last.At)), err)
		return w.show(w.stdout, w.screen, &old, false)
	}
	if w.said != err.Error() {
		fmt.Fprintln(w.stderr, "floorkeeper: asking again:", text.Visible(err.Error()))
	}
	w.said = err.Error()
	return nil
}

func (o *options) tabular() bool { return o.output == "" || o.output == "wide" }

// show prints a report in the place of, or after, the one before.
func (o *options) show(stdout io.Writer, screen *screen, report *statusReport, first bool) error {
	if screen != nil && o.tabular() {
		return screen.draw(o, report, first)
	}
	var b bytes.Buffer
	switch {
	case first:
	case o.output == "yaml":
		b.WriteString("---\n")
	case o.tabular():
		fmt.Fprintf(&b, "\n--- %s\n", report.clock(&report.At))
	}
	if err := o.print(&b, report); err != nil {
		return err
	}
	_, err := stdout.Write(b.Bytes())
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
