// Package explain is floorkeeper explain: which entries are open for one HPA at an instant, which one applies, and why.
package explain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

type options struct {
	cli.PreviewOptions
	at, hpa, labels, output string
	baseline, maxReplicas   int32
}

// NewCommand returns floorkeeper explain.
func NewCommand(now func() time.Time) *cobra.Command {
	o := &options{PreviewOptions: cli.PreviewOptions{Now: now}}
	cmd := &cobra.Command{
		Use:     "explain SCHEDULE... --hpa NAMESPACE/NAME [--at TIME]",
		Short:   "Say in plain sentences what applies to one HPA at one instant, and why",
		Long:    help,
		Example: examples, Annotations: cli.Documented("preview.md"),
		Args:              cli.NeedsSchedule,
		ValidArgsFunction: cli.CompleteSchedules,
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := o.explain(cmd.Context(), args, cmd.InOrStdin(), cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if o.output == "json" {
				err = cli.WriteJSON(cmd.OutOrStdout(), e)
			} else {
				_, err = io.WriteString(cmd.OutOrStdout(), e.text())
			}
			if err != nil {
				return fmt.Errorf("cannot write the explanation: %w", err)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	o.HPASource.Bind(flags)
	flags.Lookup("all-namespaces").Usage = "with --live read all namespaces, and not only that of the HPA"
	o.BindZone(flags)
	flags.StringVar(&o.hpa, "hpa", "", "NAMESPACE/NAME of the HPA (required)")
	flags.StringVar(&o.at, "at", "now", "the instant: RFC 3339, the wall clock of --tz such as 2026-12-18T20:00, or now")
	flags.Int32Var(&o.baseline, "baseline", 1, "without --hpas and --live, the minReplicas that the HPA's owner wants")
	flags.Int32Var(&o.maxReplicas, "max-replicas", 0, "without --hpas and --live, the HPA's maxReplicas (default no limit)")
	flags.StringVar(&o.labels, "labels", "", "without --hpas and --live, the HPA's labels: key=value,...")
	flags.StringVarP(&o.output, "output", "o", "text", "text or json")
	cli.Choices(flags, "output", outputs()...)
	return cmd
}

func outputs() []string { return []string{"text", "json"} }

func (o *options) explain(ctx context.Context, args []string, stdin io.Reader, stderr io.Writer) (*explanation, error) {
	name, err := cli.FlagName("hpa", o.hpa)
	if err != nil {
		return nil, err
	}
	if err := cmp.Or(cli.CheckOutput(o.output, outputs()...), o.checkAssumptions(), o.Check(args)); err != nil {
		return nil, err
	}
	read, err := o.LoadSchedule(args, stdin, stderr)
	if err != nil {
		return nil, err
	}
	zone, err := o.Location(read.Schedule)
	if err != nil {
		return nil, err
	}
	at, reading, err := parseInstant(o.at, zone, o.Now().Truncate(time.Second))
	if err != nil {
		return nil, err
	}
	hpa, snapshot, err := o.find(ctx, name, args, stdin, stderr)
	if err != nil {
		return nil, err
	}
	scope, assumption := o.Scope(snapshot), "given by --baseline"
	if o.Flags.Changed("baseline") {
		scope.Limit = o.Limits.Limit
	} else {
		assumption = "nobody knows it; give --baseline, or look the HPA up with --hpas or --live"
	}
	e := newExplanation(read.Schedule, scope.Judge(read.Schedule, hpa, at), o.source(snapshot), assumption)
	e.Reading = reading
	return e, nil
}

// checkAssumptions refuses flags that describe an HPA which is looked up, and numbers that no HPA has.
func (o *options) checkAssumptions() error {
	for _, flag := range []string{"baseline", "max-replicas", "labels"} {
		if o.Flags.Changed(flag) && (o.Live || len(o.HPAs) > 0) {
			return fmt.Errorf("--%s describes an HPA that is not looked up; leave it out, or leave out --hpas and --live", flag)
		}
	}
	switch {
	case o.baseline < 0 || o.baseline > schedules.MaxReplicas:
		return fmt.Errorf("cannot use --baseline %d: give a number from 0 to %d", o.baseline, schedules.MaxReplicas)
	case o.Flags.Changed("max-replicas") && o.maxReplicas < max(1, o.baseline):
		return fmt.Errorf("cannot use --max-replicas %d: it must be at least 1 and the baseline", o.maxReplicas)
	}
	return nil
}

// source returns where the HPA is from, in words, and "" for one that is assumed.
func (o *options) source(snapshot *cluster.Snapshot) string {
	switch {
	case snapshot == nil:
		return ""
	case o.Live:
		return "in the cluster"
	default:
		return "in the manifests"
	}
}

// find returns the HPA, and the snapshot that it is from, if it is from one. Of a cluster it reads no more than the namespace of the HPA, for
// users who may not list all, unless --all-namespaces is given.
func (o *options) find(ctx context.Context, name types.NamespacedName, args []string, stdin io.Reader, stderr io.Writer) (*autoscalingv2.HorizontalPodAutoscaler, *cluster.Snapshot, error) {
	if o.Live && !o.AllNamespaces && o.Namespace == "" {
		o.Namespace = name.Namespace
	}
	snapshot, err := o.Snapshot(ctx, args, stdin, stderr)
	if err != nil {
		return nil, nil, err
	}
	if snapshot == nil {
		hpa, err := o.assumed(name)
		return hpa, nil, err
	}
	for i := range snapshot.HPAs {
		if hpa := &snapshot.HPAs[i]; hpa.Namespace == name.Namespace && hpa.Name == name.Name {
			return hpa, snapshot, nil
		}
	}
	return nil, nil, o.notFound(name, snapshot)
}

func (o *options) notFound(name types.NamespacedName, snapshot *cluster.Snapshot) error {
	err := unknownHPA(name.String(), snapshot.HPAs, o.Only())
	if facts := snapshot.Facts(); facts.Unnamespaced > 0 && name.Namespace != facts.Default {
		err = fmt.Errorf("%w; %s", err, facts.Hint(name.Namespace))
	}
	return err
}

func (o *options) assumed(name types.NamespacedName) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	set, err := labels.ConvertSelectorToLabelsMap(o.labels)
	if err != nil {
		return nil, fmt.Errorf("cannot use --labels %q: write key=value, several with commas between", o.labels)
	}
	hpa := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: name.Namespace, Name: name.Name, Labels: set},
		Spec:       autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: &o.baseline, MaxReplicas: cmp.Or(o.maxReplicas, schedules.MaxReplicas)},
	}
	if o.baseline == 0 { // legal with such a metric only
		hpa.Spec.Metrics = []autoscalingv2.MetricSpec{{Type: autoscalingv2.ExternalMetricSourceType}}
	}
	return hpa, nil
}

// unknownHPA returns the error for an HPA that is not among those read, which may be of one namespace only.
func unknownHPA(name string, hpas []autoscalingv2.HorizontalPodAutoscaler, only string) error {
	var known []string
	for i := range hpas {
		known = append(known, hpas[i].Namespace+"/"+hpas[i].Name)
	}
	slices.SortFunc(known, func(a, b string) int {
		return cmp.Or(text.Distance(a, name)-text.Distance(b, name), strings.Compare(a, b))
	})
	known = known[:min(len(known), 5)]
	switch {
	case len(known) == 0 && only != "":
		return fmt.Errorf("there are no HPAs in the namespace %s", only)
	case len(known) == 0:
		return errors.New("there are no HPAs")
	}
	return fmt.Errorf("there is no HPA %s; the most similar are %s", name, text.Masked(strings.Join(known, ", ")))
}

const help = `Say which entries of a schedule are open for a HorizontalPodAutoscaler (HPA) at an instant, what each asks
for, which of them applies and why, what maxReplicas and limits do to it, where the baseline comes from, what happens
next, which other entries select the HPA and when they open. Where none selects it: which come close.

SCHEDULE is a schedule file, a directory of them, a ConfigMap manifest that holds one, or - for standard
input. All arguments together are one schedule.

The HPA is looked up in manifests (--hpas) or in the cluster (--live), where its namespace alone is read.
Without either it is taken to have the --baseline, --max-replicas and --labels that you give.

--at is RFC 3339 (2026-12-18T20:00:00+01:00), the wall clock of --tz (2026-12-18T20:00), a date or "now". Where
a change of the clock makes a wall clock time happen twice or not at all, the earlier reading is taken, as
for the start of an entry, and that is said.

Fields of -o json: at, reading (of an --at that clocks show twice or never), hpa {namespace, name, source,
baseline, baselineFrom, minReplicas, maxReplicas, refusal}, minReplicas, floor, entry (what applies),
clamped, clampedBy (maxReplicas, annotation, max-floor, max-floor-factor), claims[] {entry, kind, floor, full, ramp, position, amount, opens, from, to, closes, applies, why},
next[] {time, minReplicasBefore, minReplicas, steps, until, why}, waiting[] {entry, opens, note, why} and near[].

Exit codes: 0 fine, 1 the schedule is invalid, 2 there is no such HPA, or the command line is wrong.`

const examples = `  floorkeeper explain schedule.yaml --live --hpa video/images
  floorkeeper explain schedule.yaml --hpas hpas.yaml --hpa video/images --at 2026-12-18T20:00
  floorkeeper explain schedule.yaml --hpa video/images --baseline 4 --labels prescale=front \
      --at 2026-12-18T20:00:00Z
  kubectl -n floorkeeper get configmap floorkeeper-schedule -o yaml |
      floorkeeper explain - --live --hpa video/images`

// parseInstant reads --at. If clocks show it twice or never, reading names the instant that is taken.
func parseInstant(at string, zone *time.Location, now time.Time) (instant time.Time, reading string, err error) {
	if at == "now" || at == "" {
		return now.In(zone), "", nil
	}
	instant, err = config.ParseTime(at, zone)
	if err != nil {
		return instant, "", fmt.Errorf("cannot use --at: %w", err)
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", time.DateOnly} {
		if wall, err := time.Parse(layout, at); err == nil {
			return instant, ambiguity(wall, instant), nil
		}
	}
	return instant, "", nil
}

// ambiguity compares a time of the wall clock, in UTC, with the instant that it is taken for.
func ambiguity(wall, taken time.Time) string {
	zone := taken.Location()
	date, clock := schedules.DateOf(wall, time.UTC), schedules.ClockOf(wall)
	_, offset := taken.Zone()
	if taken.Unix()+int64(offset) != wall.Unix() {
		return fmt.Sprintf("Clocks of %s skip %s on %s; %s is taken, the earlier reading. Give --at with an offset for another.",
			zone, clock, text.Day(wall), text.Clock(taken))
	}
	if again := schedules.EndInstant(date, clock, zone); again.After(taken) {
		return fmt.Sprintf("Clocks of %s show %s twice on %s; %s is taken, the earlier. Give --at %s for the later.",
			zone, clock, text.Day(wall), text.Clock(taken), again.Format(time.RFC3339))
	}
	return ""
}
