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
}

// row is one measurement, or several that are made together.
type row struct {
	name, what string
	measure    func(context.Context) error
}

// rows returns what can be measured, in the order in which it is: HPAs are only ever added.
func (b *bench) rows() []row {
	var rows []row
	for _, n := range b.sizes {
		rows = append(rows, row{
			fmt.Sprintf("boundary/%d", n), fmt.Sprintf("%d HPAs at one instant", n),
			func(ctx context.Context) error { return b.boundary(ctx, n) },
		})
	}
	return rows
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
