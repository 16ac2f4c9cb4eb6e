package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/pageserver"
	"github.com/floorkeeper/floorkeeper/cmd/internal/plan"
	"github.com/floorkeeper/floorkeeper/cmd/internal/timeline"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// planPage shows the view of a command in a browser. Each look reads everything anew, so that one edits and reloads; what
// came from standard input stays.
type planPage struct {
	options *viewOptions
	args    []string
	title   string

	mu   sync.Mutex // looks read files and a cluster one after the other
	last *view
}

// serve prints the address that it listens on, and serves the view of the arguments until the context ends. title is that
// of the page.
func (o *viewOptions) serve(ctx context.Context, address, title string, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	first, err := o.look(ctx, args, stdin, stderr)
	if err != nil {
		return err
	}
	listener, err := pageserver.Listen(ctx, address)
	if err != nil {
		return exitError{exitFailed, fmt.Errorf("%w; give --serve an address such as 127.0.0.1:0", err)}
	}
	fmt.Fprintln(stdout, pageserver.URL(listener.Addr()))
	if pageserver.Open(listener.Addr()) {
		fmt.Fprintf(stderr, "warning: whoever reaches %s can read the page; --serve 127.0.0.1:0 keeps it on this machine\n", listener.Addr())
	}
	p := &planPage{options: o, args: args, title: title, last: first}
	return pageserver.Serve(ctx, listener, pageserver.Handler(p.render, o.span))
}

func (p *planPage) render(ctx context.Context, q pageserver.Query) (*timeline.Document, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := *p.options
	for _, asked := range []struct {
		value string
		flag  *string
	}{{q.From, &o.from}, {q.For, &o.span}, {q.Zone, &o.zone}} {
		if asked.value != "" {
			*asked.flag = asked.value
		}
	}
	refused, unread, err := p.look(ctx, &o)
	if err != nil {
		return nil, err
	}
	d := p.last.page(p.title, o.live, q)
	d.Refused, d.Unread = refused, unread
	return d, nil
}

// look reads everything anew. Of a schedule that has become invalid and of files that can no longer be read, what was read
// before stays: refused and unread say why. A cluster that does not answer is an error, because a page must not tell of
// yesterday's HPAs as those that there are now.
func (p *planPage) look(ctx context.Context, o *viewOptions) (refused, unread []string, err error) {
	read, snapshot := p.last.source, p.last.snapshot
	if !slices.Contains(p.args, "-") && !slices.Contains(o.hpas, "-") {
		switch now := readSchedules(p.args, nil); {
		case now.unread != nil:
			unread = problemLines(now.unread)
		case now.schedule == nil:
			refused = problemLines(now.problems)
		default:
			read = now
		}
		var said bytes.Buffer
		now, err := o.snapshot(ctx, p.args, nil, &said)
		switch {
		case err != nil && o.live:
			return nil, nil, err
		case err != nil:
			unread = append(unread, printedErrors(cmp.Or(said.String(), err.Error()))...)
		default:
			snapshot = now
		}
	}
	v := &view{source: read, snapshot: snapshot, now: o.now()}
	if v.zone, err = o.location(v.schedule); err != nil {
		return nil, nil, pageserver.Refusal{Err: err}
	}
	from, to, err := o.within(v.zone, v.now)
	if err != nil {
		return nil, nil, pageserver.Refusal{Err: err}
	}
	v.forecast = o.forecast(v.schedule, hpasOf(v.snapshot, v.schedule), from, to)
	p.last = v
	return refused, unread, nil
}

// printedErrors returns what is wrong of what was printed for a terminal, without excerpts and counts.
func printedErrors(text string) []string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if !strings.Contains(text, ": error: ") {
		return lines
	}
	return slices.DeleteFunc(lines, func(line string) bool { return !strings.Contains(line, ": error: ") })
}

// page returns what a view shows as a picture or a page. live says that the HPAs were read from a cluster just now.
func (v *view) page(title string, live bool, q pageserver.Query) *timeline.Document {
	d := &timeline.Document{
		Title: title + v.titled(), Forecast: v.forecast, Location: v.zone, Now: v.now, Live: live, Assumed: v.snapshot == nil,
		Revision: timeline.Revision{SHA256: config.Hash(v.files)},
		Findings: v.findings(), Remedy: "shorten the range with --for, or give fewer HPAs",
		Places: func(entry string) string {
			place, ok := v.places[entry]
			if !ok {
				return ""
			}
			return place.String()
		},
	}
	narrow(d, q)
	if v.snapshot != nil {
		d.Peak = peakOf(d, v.snapshot)
	}
	return d
}

// titled names the files of the schedule, the first few of them.
func (v *view) titled() string {
	const most = 3
	var names []string
	for i, file := range v.files {
		if i == most {
			return fmt.Sprintf(" of %s and %d more", strings.Join(names, ", "), len(v.files)-most)
		}
		names = append(names, filepath.Base(file.Name))
	}
	if len(names) == 0 {
		return ""
	}
	return " of " + strings.Join(names, ", ")
}

// peakOf returns what the floors of a document add at their peak. CPU and memory are those of a snapshot's Pods.
func peakOf(d *timeline.Document, snapshot *cluster.Snapshot) timeline.Peak {
	none := func() []forecast.Finding { return nil }
	sums := plan.New(d.Forecast, snapshot, d.Location, d.Now, none).Sums
	requests := sums.Total.Requests()
	if requests != "" && len(sums.Unknown) > 0 {
		requests = "at least " + requests
	}
	return timeline.Peak{Pods: sums.Total.Pods.Sum, At: sums.Total.Pods.At, Requests: requests}
}
