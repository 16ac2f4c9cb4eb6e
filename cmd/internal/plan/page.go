package plan

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// livePage shows the view of a command in a browser. Each request reads everything anew, so that one edits and reloads; what
// came from standard input stays.
type livePage struct {
	options *cli.PreviewOptions
	args    []string

	mu   sync.Mutex // one request after the other reads files and a cluster
	last *cli.Preview
}

// serve prints the address that it listens on, and serves the view of the arguments until the context ends.
func (o *options) serve(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	first, err := o.Load(ctx, args, stdin, stderr)
	if err != nil {
		return err
	}
	listener, err := page.Listen(ctx, o.address)
	if err != nil {
		return fmt.Errorf("%w; give --serve an address such as 127.0.0.1:0", err)
	}
	fmt.Fprintln(stdout, page.URL(listener.Addr()))
	if page.Exposed(listener.Addr()) {
		fmt.Fprintf(stderr, "warning: whoever reaches %s can read the page; --serve 127.0.0.1:0 keeps it on this machine\n", listener.Addr())
	}
	p := &livePage{options: &o.PreviewOptions, args: args, last: first}
	return page.Serve(ctx, listener, page.Handler(p.render, o.Span))
}

func (p *livePage) render(ctx context.Context, q page.Query) (*page.Document, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := *p.options
	for _, asked := range []struct {
		value string
		flag  *string
	}{{q.From, &o.From}, {q.For, &o.Span}, {q.Zone, &o.Zone}} {
		if asked.value != "" {
			*asked.flag = asked.value
		}
	}
	refused, unread, err := p.reload(ctx, &o)
	if err != nil {
		return nil, err
	}
	d := newDocument(p.last, o.Live, q)
	d.Refused, d.Unread = refused, unread
	return d, nil
}

// reload reads everything anew. Of a schedule that has become invalid and of files that can no longer be read, what was read
// before stays: refused and unread give the reasons. A cluster that does not answer is an error, because a page must not show
// yesterday's HPAs as those that there are now.
func (p *livePage) reload(ctx context.Context, o *cli.PreviewOptions) (refused, unread []string, err error) {
	read, snapshot := p.last.ScheduleSource, p.last.Snapshot
	if !slices.Contains(p.args, "-") && !slices.Contains(o.HPAs, "-") {
		switch now := o.Kept(cli.ReadSchedule(p.args, nil)); {
		case now.Unread != nil:
			unread = cli.ProblemLines(now.Unread)
		case now.Schedule == nil:
			refused = cli.ProblemLines(now.Problems)
		default:
			read = now
		}
		now, err := o.Snapshot(ctx, p.args, nil, io.Discard)
		switch {
		case err != nil && o.Live:
			return nil, nil, err
		case err != nil:
			unread = append(unread, cli.ProblemLines(err)...)
		default:
			snapshot = now
		}
	}
	v, err := o.NewPreview(read, snapshot)
	if err != nil {
		return nil, nil, page.Refusal{Err: err}
	}
	p.last = v
	return refused, unread, nil
}

// newDocument returns what a view shows as a picture or a page. live: the HPAs were just read from a cluster.
func newDocument(v *cli.Preview, live bool, q page.Query) *page.Document {
	d := &page.Document{
		Title: "Plan" + titled(v.Files), Forecast: v.Forecast, Location: v.Zone, Now: v.Now, Live: live, Assumed: v.Snapshot == nil,
		Revision: page.Revision{SHA256: config.Hash(v.Files)},
		Remedy:   "shorten the range with --for, or give fewer HPAs",
		Places: func(entry string) string {
			place, ok := v.Places[entry]
			if !ok {
				return ""
			}
			return place.String()
		},
	}
	v.Forecast.Selects = func(hpa *autoscalingv2.HorizontalPodAutoscaler) bool { return q.Selects(hpa.Namespace, hpa.Name) }
	d.Findings = v.Forecast.Findings()
	cli.Narrow(d, q)
	if v.Snapshot != nil {
		d.Peak = cli.PeakOf(d, v.Snapshot)
	}
	return d
}

// titled names the files of the schedule, the first few of them.
func titled(files []source.File) string {
	const most = 3
	var names []string
	for i, file := range files {
		if i == most {
			return fmt.Sprintf(" of %s and %d more", strings.Join(names, ", "), len(files)-most)
		}
		names = append(names, filepath.Base(file.Name))
	}
	if len(names) == 0 {
		return ""
	}
	return " of " + strings.Join(names, ", ")
}
