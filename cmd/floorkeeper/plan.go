package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/floorkeeper/floorkeeper/cmd/internal/plan"
	"github.com/floorkeeper/floorkeeper/cmd/internal/timeline"
)

// planOptions are the flags of plan.
type planOptions struct {
	viewOptions
	output string
	ascii  bool
	steps  bool
}

func newPlanCommand() *cobra.Command {
	o := &planOptions{viewOptions: viewOptions{now: time.Now, inputs: inputs{sums: true}}}
	cmd := &cobra.Command{
		Use:   "plan SCHEDULE...",
		Short: "Show what a schedule will do, and when",
		Args:  schedulesNeeded,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return exitError{exitFailed, err}
			}
			v, err := o.look(cmd.Context(), args, cmd.InOrStdin(), cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			p := plan.New(v.forecast, v.snapshot, v.zone, v.now)
			if err := o.print(p, cmd.OutOrStdout()); err != nil {
				return exitError{exitFailed, fmt.Errorf("cannot write the plan: %w", err)}
			}
			return nil
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return exitError{exitFailed, err} })
	o.bind(cmd.Flags())
	return cmd
}

func (o *planOptions) bind(flags *pflag.FlagSet) {
	o.viewOptions.bind(flags, "7d")
	flags.StringVarP(&o.output, "output", "o", "text", "how to show it: "+strings.Join(planOutputs(), ", "))
	flags.BoolVar(&o.ascii, "ascii", false, "draw with ASCII characters only")
	flags.BoolVar(&o.steps, "steps", false, "show each step of a ramp, and not only where it begins and ends")
}

func planOutputs() []string { return []string{"text", "markdown", "json", "ics"} }

func (o *planOptions) check() error { return oneOf("output", o.output, planOutputs()) }

func (o *planOptions) print(p *plan.Plan, w io.Writer) error {
	p.Steps = o.steps
	switch o.output {
	case "markdown":
		return p.Markdown(w)
	case "json":
		return p.JSON(w)
	case "ics":
		return p.ICS(w)
	default:
		return p.Text(w, terminalOf(w, o.ascii))
	}
}

// widthElsewhere is that of text which is not written to a terminal.
const widthElsewhere = 100

// terminalOf returns what a picture in text may use of where it is written to.
func terminalOf(w io.Writer, ascii bool) timeline.Terminal {
	t := timeline.Terminal{Width: widthElsewhere, ASCII: ascii}
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return t
	}
	if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
		t.Width = width
	}
	t.Colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return t
}

// oneOf refuses the value of a flag that is none of those it may have.
func oneOf(flag, value string, values []string) error {
	for _, known := range values {
		if value == known {
			return nil
		}
	}
	return fmt.Errorf("cannot use --%s %q: it is one of %s", flag, value, strings.Join(values, ", "))
}
