package cli

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
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/cmd/internal/placeholders"
	"github.com/floorkeeper/floorkeeper/cmd/internal/sums"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// MaxRange is the longest range of time of a preview.
const MaxRange = 5 * 366 * 24 * time.Hour

// PreviewOptions are the flags of the commands that preview a schedule.
type PreviewOptions struct {
	HPASource
	From, Span, Zone  string
	excludeNamespaces []string
	Findings
	Limits Limits
	Now    func() time.Time // time.Now, unless a test says otherwise
}

// Bind adds the flags. span is the default of --for.
func (o *PreviewOptions) Bind(flags *pflag.FlagSet, span string) {
	o.HPASource.Bind(flags)
	flags.StringVar(&o.From, "from", "", "where to begin: 2026-10-25, 2026-10-25T18:00 (in --tz) or RFC 3339 (default now)")
	flags.StringVar(&o.Span, "for", span, "how far to look, such as 36h or 7d: days of the calendar; up to 1830d")
	o.BindZone(flags)
}

// BindZone adds the flags that do not concern a range.
func (o *PreviewOptions) BindZone(flags *pflag.FlagSet) {
	o.Findings.Bind(flags)
	o.Limits.Bind(flags)
	flags.StringVar(&o.Zone, "tz", "", "IANA time zone in which times are shown and read (default that of most entries)")
	flags.StringSliceVar(&o.excludeNamespaces, "exclude-namespaces", []string{"kube-system"}, "namespaces whose HPAs no entry covers, as in run")
}

// Preview is a schedule, the HPAs that it is about, and what will become of them.
type Preview struct {
	ScheduleSource
	Forecast *forecast.Forecast
	Snapshot *cluster.Snapshot // nil where neither --hpas nor --live was given; the HPAs are placeholders then
	Zone     *time.Location
	Now      time.Time
}

// Load reads what the arguments and flags name and makes the forecast. What is wrong with the schedule is printed.
func (o *PreviewOptions) Load(ctx context.Context, args []string, stdin io.Reader, stderr io.Writer) (*Preview, error) {
	if err := o.Check(args); err != nil {
		return nil, err
	}
	read, err := o.LoadSchedule(args, stdin, stderr)
	if err != nil {
		return nil, err
	}
	v, err := o.LoadFrom(ctx, read, stdin, stderr)
	if err != nil {
		return nil, err
	}
	if v.Snapshot != nil && len(v.Snapshot.Problems) > 0 {
		PrintProblems(stderr, nil, v.Snapshot.Problems)
	}
	fmt.Fprint(stderr, Unchecked(v.Forecast))
	return v, nil
}

// LoadFrom does the same for a schedule that was read, after Check. What it passes over is in the snapshot.
func (o *PreviewOptions) LoadFrom(ctx context.Context, read ScheduleSource, stdin io.Reader, stderr io.Writer) (v *Preview, err error) {
	snapshot, err := o.read(ctx, stdin, stderr)
	if err != nil {
		return nil, err
	}
	return o.NewPreview(read, snapshot)
}

// NewPreview makes the forecast of what was read.
func (o *PreviewOptions) NewPreview(read ScheduleSource, snapshot *cluster.Snapshot) (v *Preview, err error) {
	v = &Preview{ScheduleSource: read, Snapshot: snapshot, Now: o.Now()}
	if v.Zone, err = o.Location(v.Schedule); err != nil {
		return nil, err
	}
	from, to, err := o.Range(v.Zone, v.Now)
	if err != nil {
		return nil, err
	}
	v.Forecast = o.NewForecast(v.Schedule, v.Snapshot, HPAsOf(v.Snapshot, v.Schedule), from, to, v.Now)
	return v, nil
}

// NewForecast returns the forecast of HPAs that were read, or of placeholders, from an instant up to another one.
func (o *PreviewOptions) NewForecast(schedule *schedules.Schedule, snapshot *cluster.Snapshot, hpas []autoscalingv2.HorizontalPodAutoscaler,
	from, to, now time.Time,
) *forecast.Forecast {
	f := forecast.New(schedule, o.Scope(snapshot), hpas, from, to)
	f.Context = forecast.Context{
		Now: now, Namespace: o.Only(), Assumed: snapshot == nil, Ignore: o.Rules(),
		Facts: snapshot.Facts(),
	}
	f.ControllerRate, f.SchedulerRate = o.Rates()
	f.WarnAdded = o.WarnAdded
	return f
}

// HPAsOf returns the HPAs of a snapshot, or placeholders for what the schedules name where there is none.
func HPAsOf(snapshot *cluster.Snapshot, all ...*schedules.Schedule) []autoscalingv2.HorizontalPodAutoscaler {
	if snapshot == nil {
		return placeholders.For(all...)
	}
	return snapshot.HPAs
}

// Scope returns which HPAs of a snapshot, or placeholders where there is none, may be covered, and how far: as flags say, else
// as the floorkeeper in the cluster does.
func (o *PreviewOptions) Scope(snapshot *cluster.Snapshot) autoscaler.Scope {
	scope := autoscaler.Scope{ExcludeNamespaces: o.excludeNamespaces, Limit: o.Limits.Limit}
	switch {
	case snapshot == nil:
		scope.Limit.Factor = 0 // nobody knows the baselines
	case !o.limitsGiven():
		scope.Limit = snapshot.Limit
	}
	return scope
}

// Range returns the range of time of the preview.
func (o *PreviewOptions) Range(zone *time.Location, now time.Time) (from, to time.Time, err error) {
	from = now.In(zone)
	if o.From != "" && o.From != "now" {
		if from, err = config.ParseTime(o.From, zone); err != nil {
			return from, to, fmt.Errorf("cannot use --from: %w", err)
		}
	}
	span, err := config.ParseDuration(o.Span)
	switch {
	case err != nil:
		return from, to, fmt.Errorf("cannot use --for: %w", err)
	case span <= 0 || span > MaxRange:
		return from, to, fmt.Errorf("cannot use --for %s: give a duration above 0 and up to %dd, such as 7d", o.Span, int(MaxRange.Hours()/24))
	}
	const day = 24 * time.Hour
	if days := span / day; strings.Contains(o.Span, "d") { // of the calendar, with the hour more or less that some have
		return from, from.AddDate(0, 0, int(days)).Add(span % day), nil
	}
	return from, from.Add(span), nil
}

// Location returns the zone in which times are shown: the one asked for, else that of most entries.
func (o *PreviewOptions) Location(all ...*schedules.Schedule) (*time.Location, error) {
	if o.Zone != "" {
		zone, err := config.ParseZone(o.Zone)
		if err != nil {
			return nil, fmt.Errorf("cannot use --tz: %w", err)
		}
		return zone, nil
	}
	return CommonZone(all...), nil
}

// CommonZone returns the zone of most entries, of equals the first by name, and UTC where there is no entry.
func CommonZone(all ...*schedules.Schedule) *time.Location {
	entries := make(map[string]int)
	zones := []*time.Location{time.UTC}
	count := func(zone *time.Location) {
		if entries[zone.String()]++; entries[zone.String()] == 1 {
			zones = append(zones, zone)
		}
	}
	for _, schedule := range all {
		for _, window := range schedule.Windows() {
			count(window.Location)
		}
		for _, event := range schedule.Events() {
			count(event.Location)
		}
	}
	return slices.MaxFunc(zones, func(a, b *time.Location) int {
		return cmp.Or(entries[a.String()]-entries[b.String()], cmp.Compare(b.String(), a.String()))
	})
}

// NeedsSchedule is a cobra.PositionalArgs that wants at least one schedule.
func NeedsSchedule(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%s needs a schedule: a file, a directory or -; see %s --help", cmd.Name(), cmd.Name())
	}
	return nil
}

// Unchecked describes which entries cannot be checked for targets that match nothing, because these can lie in
// namespaces that were not read. It is empty where all can.
func Unchecked(f *forecast.Forecast) string {
	names := f.Unchecked()
	if len(names) == 0 {
		return ""
	}
	for i, name := range names {
		names[i] = f.Schedule.Title(name)
	}
	return fmt.Sprintf("not checked with --namespace %s: %s of %s, whose targets can lie in other namespaces; leave --namespace out if you may list all\n",
		f.Namespace, forecast.MatchesNothing, text.List(names, ", ", 4))
}

// Narrow leaves in a document what the query asks for. Findings are those of all HPAs: an entry that covers none of the
// few asked for may well cover others.
func Narrow(d *page.Document, q page.Query) {
	d.Forecast.Outlooks = slices.DeleteFunc(d.Forecast.Outlooks, func(o forecast.Outlook) bool {
		return !q.Selects(o.HPA.Namespace, o.HPA.Name)
	})
}

// PeakOf returns what the floors of a document add at their peak. CPU and memory are those of a snapshot's Pods.
func PeakOf(d *page.Document, snapshot *cluster.Snapshot) page.Peak {
	added := sums.Of(d.Forecast, snapshot)
	requests := added.Total.Requests()
	if requests != "" && len(added.Unknown) > 0 {
		requests = "at least " + requests
	}
	return page.Peak{Pods: added.Total.Peak[sums.Pods], At: added.Total.At[sums.Pods], Requests: requests}
}

// PlaceOf returns where an HPA is written: its manifest, or the schedule's file if it comes from a cluster.
func (v *Preview) PlaceOf(hpa *autoscalingv2.HorizontalPodAutoscaler) source.Place {
	if place, known := v.Snapshot.Places[types.NamespacedName{Namespace: hpa.Namespace, Name: hpa.Name}]; known {
		return place
	}
	return source.Place{File: v.Files[0].Name}
}
