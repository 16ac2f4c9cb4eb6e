package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"k8s.io/klog/v2"
)

// errSlow means that a row is so far from its target that noise cannot be the cause.
var errSlow = errors.New("a row is more than three times as far from its limit as its target allows")

func main() {
	if len(os.Args) > 2 && os.Args[1] == informerMode {
		os.Exit(code(inform(os.Args[2])))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	klog.LogToStderr(false) // the client's own remarks
	klog.SetOutput(io.Discard)
	os.Exit(code(run(ctx, os.Args[1:])))
}

// code returns the exit code of an error, which it prints.
func code(err error) int {
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "bench: interrupted")
		return 130
	case errors.Is(err, errSlow):
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	default:
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 2
	}
}

// options are the flags.
type options struct {
	short      bool
	rows       *regexp.Regexp
	out        string
	page       []string
	sizes      []int
	namespaces int
	rounds     int
	quiet      time.Duration
	binary     string
	args       []string
}

func parse(arguments []string) (*options, error) {
	o := &options{}
	var rows, sizes, args, page string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.BoolVar(&o.short, "short", false, "fewer and smaller rows, within 5 minutes; fails where a row exceeds three times its target")
	flags.StringVar(&rows, "rows", "", "a regular `expression` for the names of the rows to measure (default all)")
	flags.StringVar(&o.out, "out", "", "write all results to this JSON `file`")
	flags.StringVar(&page, "publish", "", "measure nothing: write the results of this JSON `file` into docs/performance.md and .svg; with more files, separated by commas, the rows of later ones replace those of the first")
	flags.StringVar(&sizes, "n", "", "only boundaries, cold starts and memory, of so many HPAs, such as 1000,10000")
	flags.IntVar(&o.namespaces, "namespaces", 20, "over how many namespaces the HPAs are spread")
	flags.IntVar(&o.rounds, "rounds", 0, "how many rounds of a boundary row count (default 5)")
	flags.DurationVar(&o.quiet, "quiet", 10*time.Minute, "how long nothing happens while 10,000 HPAs are held")
	flags.StringVar(&o.binary, "binary", "", "measure this floorkeeper (default the one of this checkout)")
	flags.StringVar(&args, "args", "", "more flags for floorkeeper run, separated by spaces")
	err := flags.Parse(arguments)
	if err != nil {
		return nil, err
	}
	if o.rows, err = regexp.Compile(rows); err != nil {
		return nil, fmt.Errorf("cannot use -rows: %w", err)
	}
	o.args = strings.Fields(args)
	if page != "" {
		o.page = strings.Split(page, ",")
	}
	return o, o.complete(sizes)
}

func (o *options) complete(sizes string) error {
	if o.rounds == 0 {
		o.rounds = 5
	}
	if sizes == "" {
		return nil
	}
	for text := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("cannot use -n %s: write numbers such as 1000,10000", sizes)
		}
		o.sizes = append(o.sizes, n)
	}
	return nil
}

// run measures, and prints and writes the results, also those of a run that was interrupted.
func run(ctx context.Context, arguments []string) error {
	o, err := parse(arguments)
	if err != nil {
		return err
	}
	if o.page != nil {
		return publish(o.page)
	}
	results := newResults(ctx, o)
	err = measure(ctx, o, results)
	err = errors.Join(err, results.print(os.Stdout), results.write(o.out))
	if err == nil && o.short && results.slow() {
		err = errSlow
	}
	return err
}

// measure starts what the rows need, and measures those that were asked for.
func measure(ctx context.Context, o *options, results *results) (err error) {
	b := &bench{options: o, results: results, meetings: map[int]*meeting{}, progress: newProgress(os.Stderr)}
	defer func() { err = errors.Join(err, b.close()) }()
	for _, row := range b.rows() {
		if !o.rows.MatchString(row.name) {
			continue
		}
		if b.cluster == nil {
			if err := b.open(ctx); err != nil {
				return err
			}
		}
		b.progress.say("%s: %s", row.name, row.what)
		if err := row.measure(ctx); err != nil {
			return fmt.Errorf("cannot measure %s: %w", row.name, err)
		}
		if err := results.write(o.out); err != nil {
			return err
		}
	}
	return ctx.Err()
}
