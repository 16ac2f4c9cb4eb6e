package event

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/edit"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

const extendHelp = `Give an event a later end: later by a duration, or a time. Its end or duration is written anew, in the
way in which it is written; everything else stays as it is, byte for byte. The rampDown follows the new
end. An event that is over already, ramps included, is opened again by an end that lies ahead.

--to is written like --end of event add: 2026-12-18T23:59 on the wall clock of the event's zone, or with
an offset.

Exit codes: 0 the event is written, 1 the file is not a valid schedule, 2 the command line is wrong, no
such event is in the file, or the file cannot be edited. The file is then as it was.`

const endHelp = `End an event now: its end or duration is written anew, in the way in which it is written; everything else
stays as it is, byte for byte. Its rampDown then applies, from the current minute on. An event that has not
started yet has no end that could be moved: give it suspend: true, or remove it; its leadTime counts as before
the start.

Exit codes: 0 the event is written, 1 the file is not a valid schedule, 2 the command line is wrong, no
such event is in the file, it is not open, or the file cannot be edited. The file is then as it was.`

type endOptions struct {
	editOptions
	by, to string
	was    schedules.Event
}

func newExtendCommand(now func() time.Time) *cobra.Command {
	o := &endOptions{}
	cmd := &cobra.Command{
		Use:   "extend NAME (--by D|--to TIME) -f FILE",
		Short: "Give an event of a schedule file a later end",
		Long:  extendHelp,
		Example: `  # Extra time: half an hour more.
  floorkeeper event extend cup-final --by 30m -f schedule.yaml

  # Straight into what runs, without a file.
  kubectl -n floorkeeper get configmap floorkeeper-schedule -o yaml |
      floorkeeper event extend cup-final --to 2026-12-19T00:30 -f - |
      kubectl apply -f -`,
		Args:              oneEvent,
		ValidArgsFunction: cli.CompleteEvents,
		RunE: func(cmd *cobra.Command, args []string) error {
			if (o.by == "") == (o.to == "") {
				return errors.New("say how long, with either --by 30m or --to 2026-12-18T23:59")
			}
			return o.move(cmd, args[0], now(), o.later)
		},
	}
	cmd.Flags().StringVar(&o.by, "by", "", "how much later: `D` like 30m or 1h30m")
	cmd.Flags().StringVar(&o.to, "to", "", "the `TIME` of the new end")
	o.bind(cmd.Flags())
	return cmd
}

func newEndCommand(now func() time.Time) *cobra.Command {
	o := &endOptions{}
	cmd := &cobra.Command{
		Use:               "end NAME -f FILE",
		Short:             "End an event of a schedule file now",
		Long:              endHelp,
		Example:           `  floorkeeper event end cup-final -f schedule.yaml`,
		Args:              oneEvent,
		ValidArgsFunction: cli.CompleteEvents,
		RunE: func(cmd *cobra.Command, args []string) error {
			now := now()
			return o.move(cmd, args[0], time.Time{}, func(event schedules.Event) (time.Time, error) { return ending(event, now) })
		},
	}
	o.bind(cmd.Flags())
	return cmd
}

func oneEvent(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s takes the name of one event, and the file with -f; see %s --help", cmd.Name(), cmd.CommandPath())
	}
	return nil
}

// later returns the end that the flags ask for.
func (o *endOptions) later(event schedules.Event) (time.Time, error) {
	if o.by != "" {
		by, err := config.ParseDuration(o.by)
		if err == nil && by <= 0 {
			err = errors.New("it is not longer than nothing; event end ends an event early")
		}
		if err != nil {
			return time.Time{}, fmt.Errorf("cannot use --by: %w", err)
		}
		return event.End.Add(by), nil
	}
	to, err := config.ParseEnd(o.to, event.Location)
	if err == nil && !to.After(event.End) {
		err = fmt.Errorf("the event ends later, %s; event end ends it now", text.Minute(event.End.In(event.Location)))
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("cannot use --to: %w", err)
	}
	return to, nil
}

// ending returns the end of an event that is to end now: the minute, or the second where it began in this minute.
func ending(event schedules.Event, now time.Time) (time.Time, error) {
	at := func(t time.Time) string { return text.Minute(t.In(event.Location)) }
	end := now.Truncate(time.Minute)
	if !end.After(event.Start) {
		end = now.Truncate(time.Second)
	}
	switch {
	case !event.End.After(now):
		return end, fmt.Errorf("event %s has ended already, %s", event.Name, at(event.End))
	case !end.After(event.Start):
		return end, fmt.Errorf("event %s starts later, %s; give it suspend: true, or remove it", event.Name, at(event.Start))
	}
	return end, nil
}

func (o *endOptions) move(cmd *cobra.Command, name string, now time.Time, to func(schedules.Event) (time.Time, error)) error {
	return o.perform(cmd, func(file source.File) (*edit.Change, error) {
		return edit.MoveEnd(file, name, func(event schedules.Event) (time.Time, error) {
			o.was = event
			return to(event)
		})
	}, func(w io.Writer, change *edit.Change) { o.summarize(w, change, now) })
}

// summarize notes an end that has passed by now.
func (o *endOptions) summarize(w io.Writer, change *edit.Change, now time.Time) {
	event, verb := change.Events[0], "ends"
	if o.dryRun {
		verb = "would end"
	}
	fmt.Fprintf(w, "%s: event %s %s %s, not %s", change.Before.Name, event.Name, verb, text.Minute(event.End.In(event.Location)),
		text.Minute(o.was.End.In(event.Location)))
	if event.RampDown > 0 {
		fmt.Fprintf(w, ", and descends until %s", text.Minute(event.End.Add(event.RampDown).In(event.Location)))
	}
	fmt.Fprintln(w)
	for _, note := range notes(change, &event, now) {
		fmt.Fprintln(w, text.Masked("note: "+note))
	}
}
