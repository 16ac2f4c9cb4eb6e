package diff

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

type options struct {
	cli.PreviewOptions
	installation cli.Installation
	output       string
	allowMissing bool
}

const (
	help = `Show which floors an edit of a schedule changes, for which HorizontalPodAutoscalers and when, and the
entries that are the reason. A file that only says the same in other words is the same.

OLD and NEW are schedule files, directories of them, ConfigMap manifests that hold them, or - for standard
input. With --live and one argument, OLD is what the cluster runs now: the ConfigMap that --configmap names.
With --allow-missing, an OLD that is not there yet is an empty schedule.

Without --hpas and --live the HPAs are unknown: each target of the schedules becomes a placeholder,
with a baseline of 1, or of 100 where an entry asks for a percentage.

The markdown is for a comment in a pull request: it begins with the line <!-- floorkeeper diff -->, by which
a job finds its own comment again, and keeps below what GitHub takes.

Fields of -o json:
from, to, timeZone   the range; times are RFC 3339 in timeZone
beyond[]             from, to: further ranges, of events that differ alone
same                 true: no floor changes
assumedHorizontalPodAutoscalers   true: the HPAs are placeholders for the schedules' targets
warnings[]           findings of NEW that OLD does not have
entries[]            name, title, description, change (added, removed, renamed, changed), moved, like (the removed
                     entry this one resembles, the earlier name of a renamed one),
                     fields[] of name, old, new
floors[]             from, to, ongoing (true: at the end of the range), times, last, dates (of what comes again), oldEntry, newEntry, oldRamp, newRamp, oldProduct, newProduct (what an event multiplies),
                     horizontalPodAutoscalers[] of namespace, name, oldMinReplicas, newMinReplicas: each
                     least, most (of a ramp), clampedFrom and clampedBy (maxReplicas, annotation,
                     max-floor, max-floor-factor)

It compares a year from now on, and, unless --from or --for is given, at events that differ wherever they are:
around one that is over or further ahead, for what it changes alone.

4…25…4 is a floor with its ramps: the first step, the full floor, the last step; 450…135 is a ramp. Times are local, with UTC beside them,
and where clocks change on such a day, that is shown too.

Exit codes: 0 no floor changes, 1 floors change, 2 a schedule is invalid or something could not be read or
written.`

	examples = `  floorkeeper diff schedule.yaml schedule.new.yaml
  git show main:schedule.yaml | floorkeeper diff - schedule.yaml
  floorkeeper diff --live schedule.yaml
  kubectl get hpa -A -o yaml > hpas.yaml
  floorkeeper diff old.yaml new.yaml --hpas hpas.yaml -o markdown`
)

// NewCommand returns floorkeeper diff.
func NewCommand(now func() time.Time) *cobra.Command {
	o := &options{PreviewOptions: cli.PreviewOptions{Now: now}}
	cmd := &cobra.Command{
		Use:     "diff OLD NEW | diff --live NEW",
		Short:   "Show what an edit of a schedule changes: floors, not text",
		Long:    help,
		Example: examples, Annotations: cli.Documented("preview.md"),
		ValidArgsFunction: cli.CompleteSchedules,
		Args:              func(_ *cobra.Command, args []string) error { return o.checkArguments(args) },
		RunE: func(cmd *cobra.Command, args []string) error {
			report, err := o.compare(cmd.Context(), args, cmd.InOrStdin(), cmd.ErrOrStderr())
			if err == nil {
				write := map[string]func(io.Writer) error{"text": report.Text, "markdown": report.Markdown, "json": report.JSON}[o.output]
				if err = write(cmd.OutOrStdout()); err != nil {
					return fmt.Errorf("cannot write the comparison: %w", err)
				}
			}
			if err == nil && !report.Same {
				return cli.ExitError{Code: cli.ExitInvalid}
			}
			return cli.Failed(err)
		},
	}
	o.Bind(cmd.Flags(), "366d")
	o.installation.BindNamespace(cmd.Flags())
	o.installation.BindConfigMap(cmd.Flags(), "with --live, NAMESPACE/NAME of the ConfigMap that holds the schedule")
	cmd.Flags().BoolVar(&o.allowMissing, "allow-missing", false, "take OLD for an empty schedule where there is none at its path")
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "text, markdown (for a comment in a pull request) or json")
	cli.Choices(cmd.Flags(), "output", outputs()...)
	return cmd
}

func outputs() []string { return []string{"text", "markdown", "json"} }

func (o *options) checkArguments(args []string) error {
	switch {
	case len(args) == 2, len(args) == 1 && o.Live:
	case len(args) == 1:
		return errors.New("diff needs two schedules, OLD and NEW, or --live and the new one; see diff --help")
	default:
		if err := o.Expanded(args); err != nil {
			return err
		}
		return fmt.Errorf("diff compares two schedules, OLD and NEW, not %d; see diff --help", len(args))
	}
	if o.Flags.Changed("configmap") && (!o.Live || len(args) != 1) {
		return errors.New("--configmap names what the cluster runs now, which diff compares with --live and one argument, the new schedule")
	}
	return cli.CheckOutput(o.output, outputs()...)
}

// compare reads both schedules and the HPAs, and compares what becomes of these.
func (o *options) compare(ctx context.Context, args []string, stdin io.Reader, stderr io.Writer) (Report, error) {
	if err := o.Check(args); err != nil {
		return Report{}, err
	}
	before, err := o.loadOld(ctx, args, stdin, stderr)
	if err != nil {
		return Report{}, err
	}
	source, err := o.LoadSchedule(args[len(args)-1:], stdin, stderr)
	if err != nil {
		return Report{}, err
	}
	after := source.Schedule
	snapshot, err := o.Snapshot(ctx, args, stdin, stderr)
	if err != nil {
		return Report{}, err
	}
	zone, err := o.Location(after, before)
	if err != nil {
		return Report{}, err
	}
	now := o.Now().Truncate(time.Second)
	from, to, err := o.Range(zone, now)
	if err != nil {
		return Report{}, err
	}
	return o.report(before, after, snapshot, Range{from, to}, now, stderr), nil
}

// report compares two schedules over a range in the zone in which times are printed, and where events that differ are.
func (o *options) report(before, after *schedules.Schedule, snapshot *cluster.Snapshot, over Range, now time.Time, stderr io.Writer) Report {
	hpas := cli.HPAsOf(snapshot, before, after)
	forecasts := func(over Range) (was, becomes *forecast.Forecast) {
		return o.NewForecast(before, snapshot, slices.Clone(hpas), over.From, over.To, now),
			o.NewForecast(after, snapshot, slices.Clone(hpas), over.From, over.To, now)
	}
	main, beyond := o.ranges(over, Entries(before, after, over.From))
	was, becomes := forecasts(main)
	fmt.Fprint(stderr, cli.Unchecked(becomes))
	report := NewReport(was, becomes, over.From.Location())
	report.Assumed, report.Now = snapshot == nil, now
	report.Warnings = append(report.Warnings, suddenFalls(o.Scope(snapshot), before, after, hpas, now)...)
	report.Warnings = append(report.Warnings, newFindings(was, becomes, &report)...)
	for _, over := range beyond {
		was, becomes := forecasts(over)
		report.Extend(was, becomes)
		if over.To.After(now) {
			report.Warnings = append(report.Warnings, newFindings(was, becomes, &report)...)
		}
	}
	return report
}

func (o *options) loadOld(ctx context.Context, args []string, stdin io.Reader, stderr io.Writer) (*schedules.Schedule, error) {
	if len(args) == 1 {
		return o.loadPublished(ctx, stderr)
	}
	old := cli.ReadSchedule(args[:1], stdin)
	if o.allowMissing && old.Missing() {
		fmt.Fprintf(stderr, "there is no schedule at %s: everything in the new one is new\n", text.Visible(args[0]))
		return schedules.New(nil, nil), nil
	}
	old, err := old.Valid(stderr)
	return old.Schedule, err
}

// loadPublished reads the schedule that the cluster runs: that of the ConfigMap.
func (o *options) loadPublished(ctx context.Context, stderr io.Writer) (*schedules.Schedule, error) {
	if err := o.installation.Complete(); err != nil {
		return nil, err
	}
	c, err := o.Connect(stderr)
	if err != nil {
		return nil, err
	}
	key := o.installation.ConfigMap
	if key.Name == "" {
		found, err := o.installation.Find(ctx, c, nil)
		if err != nil {
			return nil, err
		}
		if key = found.ConfigMap; found.Unknown != "" {
			return nil, fmt.Errorf("cannot find the schedule of the cluster: %s; or name its ConfigMap with --configmap", found.Unknown)
		}
	}
	published, err := cli.ReadConfigMap(ctx, c, key)
	if err != nil {
		return nil, err
	}
	published, err = published.Valid(stderr)
	return published.Schedule, err
}
