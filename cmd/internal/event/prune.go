package event

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/edit"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/text"
)

func newPruneCommand(now func() time.Time) *cobra.Command {
	o := &editOptions{}
	var olderThan string
	cmd := &cobra.Command{
		Use:   "prune --older-than D -f FILE",
		Short: "Remove the events of a schedule file that are long over",
		Long: `Remove the events of a schedule file that ended, with their rampDown, longer ago than --older-than.
Comments directly above an event go with it, also one that heads the whole list, and so do comments below
it that are indented deeper than its hyphen; one with an empty line between stays. The comments that go are
printed. The last event that goes leaves "events: []". An event is not removed whose anchor (&name)
something else uses. Everything else stays as it is, byte for byte. Events that are over do no harm: this
is for the readers of the file, and Git keeps the history.

Exit codes: 0 done, or nothing is that old, 1 the file is not a valid schedule, 2 the command line is
wrong or the file cannot be edited. The file is then as it was.`,
		Example: `  floorkeeper event prune --older-than 30d --dry-run -f schedule.yaml
  floorkeeper event prune --older-than 30d -f schedule.yaml`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if olderThan == "" {
				return errors.New("say what is old: --older-than 30d")
			}
			age, err := parseAge(olderThan)
			if err != nil {
				return fmt.Errorf("cannot use --older-than: %w", err)
			}
			return o.perform(cmd, func(file source.File) (*edit.Change, error) {
				return edit.PruneEvents(file, now().Add(-age))
			}, func(w io.Writer, change *edit.Change) { o.summarizePruned(w, change, age, olderThan) })
		},
	}
	cmd.Flags().StringVar(&olderThan, "older-than", "", "remove what ended longer than `D` ago: 30d, 12h (required)")
	o.bind(cmd.Flags())
	return cmd
}

// parseAge reads an age. One without a unit is not taken for minutes, which would be nearly everything.
func parseAge(text string) (time.Duration, error) {
	age, err := config.ParseDuration(text)
	if _, number := strconv.Atoi(text); err != nil && number == nil {
		return 0, fmt.Errorf("write the unit, for example %sd", text)
	}
	if err == nil && age < 0 {
		err = fmt.Errorf("%s is negative", text)
	}
	return age, err
}

func (o *editOptions) summarizePruned(w io.Writer, change *edit.Change, age time.Duration, olderThan string) {
	switch {
	case len(change.Events) > 0:
	case age == 0:
		fmt.Fprintf(w, "%s: no event is over\n", change.Before.Name)
		return
	default:
		fmt.Fprintf(w, "%s: no event ended more than %s ago\n", change.Before.Name, olderThan)
		return
	}
	verb := "removed"
	if o.dryRun {
		verb = "would remove"
	}
	fmt.Fprintf(w, "%s: %s %s\n", change.Before.Name, verb, text.Count(len(change.Events), "event"))
	for _, event := range change.Events {
		fmt.Fprintf(w, "  %s, which ended %s\n", event.Name, text.Minute(event.End.In(event.Location)))
	}
	for _, comment := range change.Comments() {
		fmt.Fprintf(w, "  and the comment %s\n", text.Masked(comment))
	}
}
