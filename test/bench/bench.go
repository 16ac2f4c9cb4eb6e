package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// bench is a run.
type bench struct {
	*options
	*results
	*cluster // nil before open
	progress *progress
	dir      string // temporary
	meetings map[int]*meeting
	zero     *memory // without HPAs
}

// row is one measurement, or several that are made together.
type row struct {
	name, what string
	measure    func(context.Context) error
}

// rows returns what can be measured, in the order in which it is: HPAs are only ever added.
func (b *bench) rows() []row {
	if b.short {
		return b.shortRows()
	}
	var rows []row
	for _, n := range b.sizes {
		rows = append(rows, b.boundaryRow(n, b.rounds), b.coldRow(n, 2), b.holdRow(n, 30*time.Second, 0))
	}
	if len(rows) == 0 {
		rows = append(b.longRows(), b.goRow(), b.sizeRow())
	}
	return rows
}

// longRows are those of make bench, fewer HPAs first.
func (b *bench) longRows() []row {
	const calm = 20 * time.Second
	rows := []row{
		b.holdRow(0, calm, 0), b.oneRow(), b.boundaryRow(10, 1), b.boundaryRow(100, b.rounds), b.writesRow(), b.revertRow(),
		b.boundaryRow(1000, b.rounds), b.coldRow(1000, 2), b.holdRow(1000, calm, 0),
	}
	for _, entries := range []int{1, 10, 100, 1000} {
		rows = append(rows, b.crowdRow(1000, entries, "entries"))
	}
	return append(rows, b.targetsRow(1000), b.boundaryRow(5000, b.rounds), b.boundaryRow(10000, b.rounds), b.coldRow(10000, 1),
		b.holdRow(10000, calm, b.quiet), b.crowdRow(20000, 1, "HPAs"))
}

// shortRows are those of make bench-short.
func (b *bench) shortRows() []row {
	return []row{
		b.holdRow(0, 5*time.Second, 0), b.oneRow(), b.revertRow(), b.writesRow(), b.boundaryRow(500, 2), b.coldRow(500, 1),
		b.holdRow(500, 5*time.Second, 30*time.Second), b.goRow(), b.sizeRow(),
	}
}

func (b *bench) boundaryRow(n, rounds int) row {
	return row{
		fmt.Sprintf("boundary/%d", n), fmt.Sprintf("%d HPAs at one instant", n),
		func(ctx context.Context) error { return b.boundary(ctx, n, rounds) },
	}
}

func (b *bench) coldRow(n, rounds int) row {
	return row{fmt.Sprintf("cold/%d", n), "a start in mid-window", func(ctx context.Context) error { return b.cold(ctx, n, rounds) }}
}

func (b *bench) holdRow(n int, calm, idle time.Duration) row {
	return row{
		fmt.Sprintf("memory/%d", n), "memory, and what it costs to hold floors",
		func(ctx context.Context) error { return b.hold(ctx, n, calm, idle) },
	}
}

func (b *bench) crowdRow(n, entries int, by string) row {
	return row{
		fmt.Sprintf("plot/%d-%d", n, entries), fmt.Sprintf("%d HPAs and %d entries, for the plot", n, entries),
		func(ctx context.Context) error { return b.crowd(ctx, n, entries, by) },
	}
}

func (b *bench) targetsRow(n int) row {
	return row{"targets", fmt.Sprintf("%d HPAs with a Deployment each", n), func(ctx context.Context) error { return b.followed(ctx, n, 3) }}
}

func (b *bench) oneRow() row {
	return row{"one", "boundaries of one HPA", b.one}
}

func (b *bench) writesRow() row {
	return row{"writes", "requests of a raise and of a release", b.writes}
}

func (b *bench) revertRow() row {
	return row{"revert", "a writer that lowers floors", b.reverts}
}

func (b *bench) goRow() row {
	return row{"at", "decisions and timelines", b.at}
}

func (b *bench) sizeRow() row {
	return row{"binary", "its size", b.size}
}

// open starts what the rows share.
func (b *bench) open(ctx context.Context) (err error) {
	if b.dir, err = os.MkdirTemp("", "floorkeeper-bench-"); err != nil {
		return fmt.Errorf("cannot make a directory for the bench: %w", err)
	}
	b.progress.say("building floorkeeper, starting the control plane")
	b.cluster, err = openCluster(ctx, b.dir, b.options)
	return err
}

// close ends everything that open started.
func (b *bench) close() error {
	var err error
	if b.cluster != nil {
		err = b.cluster.close()
	}
	return errors.Join(err, os.RemoveAll(b.dir))
}

// progress shows what goes on.
type progress struct {
	out   io.Writer
	began time.Time
}

func newProgress(out io.Writer) *progress { return &progress{out, time.Now()} }

func (p *progress) say(format string, args ...any) {
	fmt.Fprintf(p.out, "%5.0fs  %s\n", time.Since(p.began).Seconds(), fmt.Sprintf(format, args...))
}

// sleep waits for an instant, or less if the context ends.
func sleep(ctx context.Context, until time.Time) error {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
