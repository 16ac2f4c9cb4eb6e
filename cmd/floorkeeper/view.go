package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/placeholders"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// maxRange is how long a range of time can be that is looked at.
const maxRange = 5 * 366 * 24 * time.Hour

// viewOptions are the flags of the commands that look at a schedule before the night.
type viewOptions struct {
	inputs
	from, span, zone  string
	excludeNamespaces []string
	now               func() time.Time // time.Now, unless a test says otherwise
}

// bind adds the flags. span is the default of --for.
func (o *viewOptions) bind(flags *pflag.FlagSet, span string) {
	o.inputs.bind(flags)
	flags.StringVar(&o.from, "from", "", "where to begin: 2026-10-25, 2026-10-25T18:00 (in --tz) or RFC 3339 (default now)")
	flags.StringVar(&o.span, "for", span, "how far to look, such as 36h or 7d: days of the calendar; up to 1830d")
	o.bindZone(flags)
}

// bindZone adds the flags that do not concern a range.
func (o *viewOptions) bindZone(flags *pflag.FlagSet) {
	flags.StringVar(&o.zone, "tz", "", "IANA time zone in which times are shown and read (default that of most entries)")
	flags.StringSliceVar(&o.excludeNamespaces, "exclude-namespaces", []string{"kube-system"}, "namespaces whose HPAs no entry covers, as run is told")
}

// view is a schedule, the HPAs that it is about, and what will become of them.
type view struct {
	source
	forecast *forecast.Forecast
	snapshot *cluster.Snapshot // nil where neither --hpas nor --live was given; the HPAs are stand-ins then
	zone     *time.Location
	now      time.Time
}

// look reads what the arguments and flags say and makes the forecast. What is wrong with the schedule is printed.
func (o *viewOptions) look(ctx context.Context, args []string, stdin io.Reader, stderr io.Writer) (*view, error) {
	read, err := readSource(args, stdin, stderr)
	if err != nil {
		return nil, err
	}
	v, err := o.lookAt(ctx, read, args, stdin, stderr)
	if err != nil {
		return nil, err
	}
	fmt.Fprint(stderr, unreadTargets(v.forecast))
	return v, nil
}

// lookAt does the same for a schedule that was read from the arguments.
func (o *viewOptions) lookAt(ctx context.Context, read source, args []string, stdin io.Reader, stderr io.Writer) (v *view, err error) {
	v = &view{source: read, now: o.now()}
	if v.snapshot, err = o.snapshot(ctx, args, stdin, stderr); err != nil {
		return nil, err
	}
	if v.zone, err = o.location(v.schedule); err != nil {
		return nil, exitError{exitFailed, err}
	}
	from, to, err := o.within(v.zone, v.now)
	if err != nil {
		return nil, exitError{exitFailed, err}
	}
	v.forecast = o.forecast(v.schedule, hpasOf(v.snapshot, v.schedule), from, to)
	return v, nil
}

// forecast looks at HPAs that were read, from an instant up to another one.
func (o *viewOptions) forecast(schedule *schedules.Schedule, hpas []autoscalingv2.HorizontalPodAutoscaler, from, to time.Time) *forecast.Forecast {
	f := forecast.New(schedule, o.scope(), hpas, from, to)
	f.Namespace = o.only()
	return f
}

// hpasOf returns the HPAs of a snapshot, or those that stand for what the schedules name where there is none.
func hpasOf(snapshot *cluster.Snapshot, all ...*schedules.Schedule) []autoscalingv2.HorizontalPodAutoscaler {
	if snapshot == nil {
		return placeholders.For(all...)
	}
	return snapshot.HPAs
}

func (o *viewOptions) scope() autoscaler.Scope {
	return autoscaler.Scope{ExcludeNamespaces: o.excludeNamespaces}
}

// within returns the range of time to look at.
func (o *viewOptions) within(zone *time.Location, now time.Time) (from, to time.Time, err error) {
	from = now.In(zone)
	if o.from != "" && o.from != "now" {
		if from, err = config.ParseTime(o.from, zone); err != nil {
			return from, to, fmt.Errorf("cannot use --from: %w", err)
		}
	}
	span, err := config.ParseDuration(o.span)
	switch {
	case err != nil:
		return from, to, fmt.Errorf("cannot use --for: %w", err)
	case span <= 0 || span > maxRange:
		return from, to, fmt.Errorf("cannot use --for %s: give a duration above 0 and up to %dd, such as 7d", o.span, int(maxRange.Hours()/24))
	}
	const day = 24 * time.Hour
	if days := span / day; strings.Contains(o.span, "d") { // of the calendar, with the hour more or less that some have
		return from, from.AddDate(0, 0, int(days)).Add(span % day), nil
	}
	return from, from.Add(span), nil
}

// location returns the zone in which times are shown: the one asked for, else that of most entries.
func (o *viewOptions) location(all ...*schedules.Schedule) (*time.Location, error) {
	if o.zone != "" {
		zone, err := config.ParseZone(o.zone)
		if err != nil {
			return nil, fmt.Errorf("cannot use --tz: %w", err)
		}
		return zone, nil
	}
	return commonZone(all...), nil
}

// commonZone returns the zone of most entries, of equals the first by name, and UTC where there is no entry.
func commonZone(all ...*schedules.Schedule) *time.Location {
	entries := make(map[string]int)
	zones := []*time.Location{time.UTC}
	for _, schedule := range all {
		for _, name := range schedule.Names() {
			zone := schedule.Entry(name).Location
			if entries[zone.String()]++; entries[zone.String()] == 1 {
				zones = append(zones, zone)
			}
		}
	}
	return slices.MaxFunc(zones, func(a, b *time.Location) int {
		return cmp.Or(entries[a.String()]-entries[b.String()], cmp.Compare(b.String(), a.String()))
	})
}

// schedulesNeeded is a cobra.PositionalArgs that wants at least one schedule.
func schedulesNeeded(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return exitError{exitFailed, fmt.Errorf("%s needs a schedule: a file, a directory or -; see %s --help", cmd.Name(), cmd.Name())}
	}
	return nil
}
