package event

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/cmd/internal/placeholders"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/edit"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

const addHelp = `Add an event to a schedule file, behind the events that it has. Everything else stays as it is, byte
for byte: comments, order, indentation, quotes, ends of lines. The new lines are written as those around
them are.

A TIME is written like 2026-12-18T20:00, on the wall clock of the zone of the event, which is that of the
file unless --time-zone gives another; or with an offset, like 2026-12-18T20:00:00+01:00. --start now is
the current minute, or second with a --duration below 10m. Of a time that a clock change skips or repeats,
the start is the earlier reading and the end the later. A duration D is written like 45m, 1h30m or 2d:
--duration is at most 7d, which --end may exceed; --lead-time, --ramp-up and --ramp-down are at most 24h.

How much: --multiplier 3 asks for three times what the windows of that day give each HPA, and is 1 to
1000 with at most three decimals; without a target it covers every HPA that they cover. --min-replicas 25 asks for
25 Pods, --min-replicas 150% for that part of the HPA's baseline, above 100%; both need a target.

Which HPAs: --namespace, --hpa and --selector give one target; all that are given must match. For several,
repeat --target with the same, separated by commas:

  --target namespace=video,name=images,min-replicas=25
  --target 'selector=tier in (front,back),min-replicas=150%'
  --target namespace=shop,selector=tier=front,selector=stage=live

A target without min-replicas takes that of --min-replicas.

Names are unique over all files of a schedule, but only the one that is edited is looked at: after an edit
of a directory's file, run "floorkeeper validate DIR".

Exit codes: 0 the event is written, 1 the file is not a valid schedule, 2 the event or the command line is
wrong or the file cannot be edited. The file is then as it was.`

const addExamples = `  # A rerun of the final was just announced: three times the usual, from 45 minutes before.
  floorkeeper event add --name final-rerun --start 2026-12-20T21:00 --end 2026-12-20T23:30 \
      --lead-time 45m --ramp-down 20m --multiplier 3 -f schedule.yaml

  # Something went viral: 40 Pods for everything in namespace video, now and for two hours.
  floorkeeper event add --name viral --start now --duration 2h --namespace video --min-replicas 40 \
      -f schedule.yaml

  # See first what would be written.
  floorkeeper event add --name sale --start 2026-11-27T08:00 --duration 2d --dry-run \
      --target namespace=shop,name=checkout,min-replicas=30 \
      --target namespace=shop,selector=tier=front,min-replicas=150% -f schedule.yaml

  # Straight into what runs, without a file.
  kubectl -n floorkeeper get configmap floorkeeper-schedule -o yaml |
      floorkeeper event add --name viral --start now --duration 2h --multiplier 2 -f - |
      kubectl apply -f -`

type addOptions struct {
	editOptions
	event                    edit.Event
	minReplicas              string
	targets                  []string
	namespace, hpa, selector string
}

func newAddCommand(now func() time.Time) *cobra.Command {
	o := &addOptions{}
	cmd := &cobra.Command{
		Use:     "add --name NAME --start TIME (--end TIME|--duration D) (--multiplier X|--min-replicas R) -f FILE",
		Short:   "Add an event to a schedule file",
		Long:    addHelp,
		Example: addExamples,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			// A script gives an empty flag if a variable of it is not set: whoever left out a namespace would cover all.
			cmd.Flags().Visit(func(f *pflag.Flag) {
				if f.Value.Type() == "string" && f.Value.String() == "" && f.Name != "description" {
					err = fmt.Errorf("--%s is empty; give it a value, or leave it out", f.Name)
				}
			})
			if err = cmp.Or(err, o.complete()); err != nil {
				return err
			}
			now := now()
			return o.perform(cmd, func(file source.File) (*edit.Change, error) {
				return edit.AddEvent(file, o.event, now)
			}, func(w io.Writer, change *edit.Change) { o.summarize(w, change, now) })
		},
	}
	o.bind(cmd.Flags())
	return cmd
}

func (o *addOptions) bind(flags *pflag.FlagSet) {
	flags.SortFlags = false
	flags.StringVar(&o.event.Name, "name", "", "the `NAME` of the event: lower-case letters, digits and hyphens (required)")
	flags.StringVar(&o.event.Start, "start", "", "the `TIME` at which it starts, or now (required)")
	flags.StringVar(&o.event.End, "end", "", "the `TIME` at which it ends")
	flags.StringVar(&o.event.Duration, "duration", "", "how long it lasts, in place of --end: `D` like 2h")
	flags.StringVar(&o.event.Multiplier, "multiplier", "", "`X` times what the windows of that day give each HPA: 3, 1.5")
	flags.StringVar(&o.minReplicas, "min-replicas", "", "`R` Pods, or a percentage of the baseline: 25, 150%")
	flags.StringVarP(&o.namespace, "namespace", "n", "", "only HPAs of `NAMESPACE`")
	flags.StringVar(&o.hpa, "hpa", "", "only the HPA `NAME`, in --namespace")
	flags.StringVarP(&o.selector, "selector", "l", "", "only HPAs with these `LABELS`, as kubectl takes them: tier=front,track!=canary")
	flags.StringArrayVar(&o.targets, "target", nil, "a `TARGET`: namespace=...,name=...,selector=...,min-replicas=...; may be repeated")
	flags.StringVar(&o.event.Description, "description", "", "`TEXT` for people")
	flags.StringVar(&o.event.TimeZone, "time-zone", "", "the IANA time `ZONE` of --start and --end, like Europe/Paris (default that of the file)")
	flags.StringVar(&o.event.LeadTime, "lead-time", "", "`D` before the start the full floor is in effect (default that of the file)")
	flags.StringVar(&o.event.RampUp, "ramp-up", "", "climb over `D` before that (default that of the file)")
	flags.StringVar(&o.event.RampDown, "ramp-down", "", "descend over `D` after the end (default that of the file)")
	flags.BoolVar(&o.event.Suspend, "suspend", false, "write it, but suspended")
	o.editOptions.bind(flags)
}

func (o *addOptions) complete() error {
	e := &o.event
	switch {
	case e.Name == "":
		return errors.New("the event needs a name: --name; see event add --help")
	case e.Start == "":
		return errors.New("say when it starts: --start 2026-12-18T20:00, or --start now")
	case (e.End == "") == (e.Duration == ""):
		return errors.New("say when it ends, with either --end or --duration")
	case e.Multiplier != "" && o.minReplicas != "":
		return errors.New("--multiplier and --min-replicas both say how much; give one")
	}
	if err := o.completeTargets(); err != nil {
		return err
	}
	switch {
	case len(e.Targets) > 0 || e.Multiplier != "":
		return nil
	case o.minReplicas != "":
		return errors.New("--min-replicas needs to know of what: give --namespace, --hpa, --selector or --target")
	default:
		return errors.New("say how much: --multiplier, or --min-replicas with --namespace, --hpa, --selector or --target")
	}
}

func (o *addOptions) completeTargets() error {
	if single := (edit.Target{Namespace: o.namespace, Name: o.hpa, Selector: o.selector}); single != (edit.Target{}) {
		single.MinReplicas = o.minReplicas
		o.event.Targets = append(o.event.Targets, single)
		if len(o.targets) > 0 {
			return errors.New("--namespace, --hpa and --selector give one target; for several write each as --target")
		}
	}
	for _, text := range o.targets {
		target, err := readTarget(text)
		if err != nil {
			return fmt.Errorf("cannot use --target %q: %w", text, err)
		}
		target.MinReplicas = cmp.Or(target.MinReplicas, o.minReplicas)
		target.Flag = fmt.Sprintf("--target %q", text)
		o.event.Targets = append(o.event.Targets, target)
	}
	return nil
}

func (o *addOptions) summarize(w io.Writer, change *edit.Change, now time.Time) {
	event := change.Events[0]
	verb := "added"
	if o.dryRun {
		verb = "would add"
	}
	fmt.Fprintf(w, "%s: %s event %s, from %s to %s", change.Before.Name, verb, event.Name,
		text.Minute(event.Start.In(event.Location)), text.Minute(event.End.In(event.Location)))
	if event.LeadTime > 0 {
		fmt.Fprintf(w, ", full floor from %s", text.Minute(event.Start.Add(-event.LeadTime).In(event.Location)))
	}
	fmt.Fprintln(w)
	for _, note := range notes(change, &event, now) {
		fmt.Fprintln(w, text.Masked("note: "+note))
	}
}

// notes returns what may not be meant: of the event, and of the manifest that holds it.
func notes(change *edit.Change, event *schedules.Event, now time.Time) (notes []string) {
	if event.Suspend {
		notes = append(notes, "it is suspended, so that nothing is raised until suspend is removed")
	}
	if event.End.Before(now) {
		notes = append(notes, "it is over already")
	}
	alone := schedules.New(change.Schedule.Windows(), []schedules.Event{*event})
	covered := func(hpa autoscalingv2.HorizontalPodAutoscaler) bool {
		return slices.Contains(alone.Covering(autoscaler.Subject(&hpa)), event.Name)
	}
	if len(event.Targets) == 0 && !event.Suspend && !slices.ContainsFunc(placeholders.For(alone), covered) {
		notes = append(notes, "it has no targets, and no window of this file counts on its date: it covers nothing, unless one of "+
			"another file does")
	}
	if change, touched := event.ClockChange(); touched {
		notes = append(notes, change.String())
	}
	_, problems := config.Unwrap(change.After)
	for _, problem := range problems {
		notes = append(notes, problem.String())
	}
	return notes
}

// readTarget reads a target as it is written on the command line: namespace=video,name=images,min-replicas=25.
func readTarget(text string) (edit.Target, error) {
	var target edit.Target
	fields := map[string]*string{
		"namespace": &target.Namespace, "name": &target.Name, "selector": &target.Selector,
		"min-replicas": &target.MinReplicas, "minReplicas": &target.MinReplicas,
	}
	for _, part := range splitTarget(text) {
		key, value, _ := strings.Cut(part, "=")
		field := fields[strings.TrimSpace(key)]
		switch {
		case value == "":
			return target, fmt.Errorf("%q has no value; write namespace=, name=, selector= and min-replicas=, with commas between", part)
		case field == nil:
			return target, fmt.Errorf("%q is none of namespace, name, selector and min-replicas; labels are written selector=%s", key, part)
		case *field == "":
			*field = value
		case field == &target.Selector:
			*field += "," + value
		default:
			return target, fmt.Errorf("%s is written twice", key)
		}
	}
	if target == (edit.Target{}) {
		return target, errors.New("it is empty; write namespace=, name=, selector= and min-replicas=, with commas between")
	}
	return target, nil
}

// splitTarget splits at commas, but not at those in parentheses: selector=tier in (front,back).
func splitTarget(text string) (parts []string) {
	depth, from := 0, 0
	for i, r := range text {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			parts, from = append(parts, text[from:i]), i+1
		}
	}
	if rest := text[from:]; rest != "" {
		parts = append(parts, rest)
	}
	return parts
}
