package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/floorkeeper/floorkeeper/cmd/internal/pageserver"
	"github.com/floorkeeper/floorkeeper/cmd/internal/timeline"
	"github.com/floorkeeper/floorkeeper/controller"
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
	fmt.Fprintf(stdout, "http://%s/\n", listener.Addr())
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
	refused, err := p.look(ctx, &o)
	if err != nil {
		return nil, err
	}
	d := p.last.page(p.title, o.live, q)
	d.Refused = refused
	return d, nil
}

// look reads everything anew, but for a schedule that has become invalid: the last good one stays, and refused says why.
func (p *planPage) look(ctx context.Context, o *viewOptions) (refused []string, err error) {
	read, snapshot := p.last.source, p.last.snapshot
	if !slices.Contains(p.args, "-") && !slices.Contains(o.hpas, "-") {
		now := readSchedules(p.args, nil)
		if now.unread != nil {
			refused = problemLines(now.unread)
		} else if now.schedule == nil {
			refused = problemLines(now.problems)
		} else {
			read = now
		}
		if snapshot, err = o.snapshot(ctx, p.args, nil, io.Discard); err != nil {
			return nil, err
		}
	}
	v := &view{source: read, snapshot: snapshot, now: o.now()}
	if v.zone, err = o.location(v.schedule); err != nil {
		return nil, pageserver.Refusal{Err: err}
	}
	from, to, err := o.within(v.zone, v.now)
	if err != nil {
		return nil, pageserver.Refusal{Err: err}
	}
	v.forecast = controller.NewForecast(v.schedule, o.scope(), hpasOf(v.snapshot, v.schedule), from, to)
	p.last = v
	return refused, nil
}

// page returns what a view shows as a picture or a page. live says that the HPAs were read from a cluster just now.
func (v *view) page(title string, live bool, q pageserver.Query) *timeline.Document {
	d := &timeline.Document{
		Title: title, Forecast: v.forecast, Location: v.zone, Now: v.now, Live: live, Assumed: v.snapshot == nil,
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
	return d
}
