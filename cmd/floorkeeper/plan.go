package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/floorkeeper/floorkeeper/cmd/internal/pageserver"
	"github.com/floorkeeper/floorkeeper/cmd/internal/plan"
	"github.com/floorkeeper/floorkeeper/cmd/internal/timeline"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// planOptions are the flags of plan.
type planOptions struct {
	viewOptions
	output, address          string
	ascii, steps, failOnWarn bool
}

func newPlanCommand() *cobra.Command { return planCommand(time.Now) }

func planCommand(now func() time.Time) *cobra.Command {
	seconds := func() time.Time { return now().Truncate(time.Second) } // as --from can say it
	o := &planOptions{viewOptions: viewOptions{now: seconds, inputs: inputs{sums: true}}}
	cmd := &cobra.Command{
		Use:     "plan SCHEDULE...",
		Short:   "Show what a schedule will do: every change of every HPA, and what it adds",
		Long:    planHelp,
		Example: planExamples,
		Args:    schedulesNeeded,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkOutput(o.output, "text", "markdown", "json", "svg", "html", "ics"); err != nil {
				return exitError{exitFailed, err}
			}
			if o.address != "" {
				if cmd.Flags().Changed("output") {
					return exitError{exitFailed, errors.New("--serve shows a page and --output prints; leave one of them out")}
				}
				o.sums = false
				return untilSignal(cmd.Context(), func(ctx context.Context) error {
					return o.serve(ctx, o.address, "Plan", args, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
				})
			}
			if os.Getenv("GOGC") == "" {
				debug.SetGCPercent(50) // a year of a fleet is 60 MB that stay; what else it takes is worth more than the time
			}
			v, err := o.look(cmd.Context(), args, cmd.InOrStdin(), cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return o.show(v, cmd.OutOrStdout())
		},
	}
	o.bind(cmd.Flags())
	return cmd
}

func (o *planOptions) bind(flags *pflag.FlagSet) {
	o.viewOptions.bind(flags, "7d")
	flags.StringVarP(&o.output, "output", "o", "text", "text, markdown (for a pull request), json, svg, html or ics (a calendar)")
	flags.BoolVar(&o.steps, "steps", false, "in text and markdown, show each step of a ramp, and not only where it begins and ends")
	flags.BoolVar(&o.ascii, "ascii", false, "draw with ASCII characters only")
	flags.StringVar(&o.address, "serve", "", "show the plan as a page at this address, such as 127.0.0.1:0, until interrupted; a reload reads everything anew")
	flags.BoolVar(&o.failOnWarn, "fail-on-warn", false, "exit 3 if there are warnings")
}

// show prints the plan, and fails where warnings are to.
func (o *planOptions) show(v *view, w io.Writer) error {
	warnings, err := o.print(v, w)
	if err != nil {
		return exitError{exitFailed, fmt.Errorf("cannot write the plan: %w", err)}
	}
	if o.failOnWarn && warnings > 0 {
		return exitError{code: exitWarned}
	}
	return nil
}

// print shows the plan and returns how many warnings there are.
func (o *planOptions) print(v *view, w io.Writer) (warnings int, err error) {
	switch o.output {
	case "svg":
		document := v.page("Plan", o.live, pageserver.Query{})
		return warned(document.Findings), timeline.SVG(w, document)
	case "html":
		document := v.page("Plan", o.live, pageserver.Query{})
		return warned(document.Findings), timeline.Page(w, document)
	}
	p := plan.New(v.forecast, v.snapshot, v.zone, v.now, v.findings)
	p.Steps = o.steps
	switch o.output {
	case "markdown":
		err = p.Markdown(w)
	case "json":
		err = p.JSON(w)
	case "ics":
		err = p.ICS(w)
	default:
		err = p.Text(w, terminalOf(w, o.ascii))
	}
	return p.Warnings(), err
}

func warned(findings []forecast.Finding) int {
	n := 0
	for _, finding := range findings {
		if finding.Warning() {
			n++
		}
	}
	return n
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

// checkOutput refuses a format that is none of those that a command knows.
func checkOutput(output string, known ...string) error {
	if slices.Contains(known, output) {
		return nil
	}
	return fmt.Errorf("cannot use --output %q: it is one of %s", output, strings.Join(known, ", "))
}
