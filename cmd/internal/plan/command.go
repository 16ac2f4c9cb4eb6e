package plan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
)

type options struct {
	cli.PreviewOptions
	output, address, editOf  string
	ascii, steps, failOnWarn bool
}

// NewCommand returns floorkeeper plan.
func NewCommand(now func() time.Time) *cobra.Command {
	seconds := func() time.Time { return now().Truncate(time.Second) } // as --from can be written
	o := &options{PreviewOptions: cli.PreviewOptions{Now: seconds, HPASource: cli.HPASource{Sums: true}}}
	cmd := &cobra.Command{
		Use:     "plan SCHEDULE...",
		Short:   "Show what a schedule will do: every change of every HPA, and what it adds",
		Long:    help,
		Example: examples, Annotations: cli.Documented("preview.md"),
		Args: cli.NeedsSchedule, ValidArgsFunction: cli.CompleteSchedules,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cli.CheckOutput(o.output, outputs()...); err != nil {
				return err
			}
			if o.address != "" {
				if cmd.Flags().Changed("output") {
					return errors.New("--serve shows a page and --output prints; leave one of them out")
				}
				o.Sums = false
				return cli.UntilSignal(cmd.Context(), func(ctx context.Context) error {
					return o.serve(ctx, args, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
				})
			}
			return o.plan(cmd, args)
		},
	}
	flags := cmd.Flags()
	o.Bind(flags, "7d")
	flags.StringVarP(&o.output, "output", "o", "text", "text, markdown (for a pull request), json, svg, html or ics (a calendar)")
	flags.StringVar(&o.editOf, "edit-of", "", "begin on the day on which floors first differ from those of this older schedule, as the page of a pull request")
	flags.BoolVar(&o.steps, "steps", false, "in text and markdown, show each step of a ramp, and not only where it begins and ends")
	flags.BoolVar(&o.ascii, "ascii", false, "draw with ASCII characters only")
	flags.StringVar(&o.address, "serve", "", "show the plan as a page at this address, such as 127.0.0.1:0, until interrupted; a reload reads everything anew")
	flags.BoolVar(&o.failOnWarn, "fail-on-warn", false, "exit 3 if there are warnings")
	cli.Choices(flags, "output", outputs()...)
	return cmd
}

func (o *options) plan(cmd *cobra.Command, args []string) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50) // a year of a fleet is 60 MB that stay; what else it takes is worth more than the time
	}
	v, err := o.Load(cmd.Context(), args, cmd.InOrStdin(), cmd.ErrOrStderr())
	if err == nil && o.editOf != "" && o.From == "" {
		v, err = o.atEdit(v, cmd.ErrOrStderr())
	}
	if err != nil {
		return err
	}
	return o.show(v, cmd.OutOrStdout())
}

func outputs() []string { return []string{"text", "markdown", "json", "svg", "html", "ics"} }

func (o *options) show(v *cli.Preview, w io.Writer) error {
	warnings, err := o.print(v, w)
	if err != nil {
		return fmt.Errorf("cannot write the plan: %w", err)
	}
	if o.failOnWarn && warnings > 0 {
		return cli.ExitError{Code: cli.ExitWarned}
	}
	return nil
}

func (o *options) print(v *cli.Preview, w io.Writer) (warnings int, err error) {
	switch o.output {
	case "svg":
		document := newDocument(v, o.Live, page.Query{})
		return document.Findings.Warnings(), page.SVG(w, document)
	case "html":
		document := newDocument(v, o.Live, page.Query{})
		return document.Findings.Warnings(), page.HTML(w, document)
	}
	p := New(v.Forecast, v.Snapshot, v.Zone)
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
	warnings = p.findings.Warnings()
	if p.sums != nil {
		warnings += len(p.sums.Quotas)
	}
	return warnings, err
}

// widthElsewhere is that of text which is not written to a terminal.
const widthElsewhere = 100

// terminalOf returns what a picture in text may use of where it is written to.
func terminalOf(w io.Writer, ascii bool) page.Terminal {
	t := page.Terminal{Width: widthElsewhere, ASCII: ascii}
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

const help = `Show what a schedule will do over a range of time: a lane and every change of every
HorizontalPodAutoscaler (HPA), with its baseline, its floor and the entry that is the reason; then
findings (floors that are clamped, targets that match nothing, changes of clocks, ...); then the Pods, CPU and memory that floors add over the baselines at their peak. It runs the code of the controller and changes
nothing.

SCHEDULE is a schedule file, a directory of them, a ConfigMap manifest that holds one, or - for standard
input. All arguments together are one schedule.

Without --hpas and --live the HPAs are unknown: each target of the schedule becomes a placeholder with a
baseline of 1, or of 100 if an entry asks for a percentage, and there are no sums. CPU and memory
are what the Pod templates request: with --hpas give the manifests of Deployments and StatefulSets too.

Reading the text: a column of a lane is as much time as any other, also on days of 23 and 25 hours, and
changes of the clock are marked. Below,

  19:20 CET   window prime-time opens
              raise       4 -> 25    video/{images,player}

means that minReplicas of two HPAs rises from 4 to 25 because the window opens (its leadTime included). The
verbs: raise, lower, release (the baseline is given back), hold (the baseline is above the floor already)
and stay (another entry becomes the reason). A ramp is one line, unless you ask for --steps.

Fields of -o json:
` + jsonFields + `

Exit codes: 0 fine, 1 the schedule is invalid, 2 something cannot be read or the command line is wrong,
3 there are warnings and --fail-on-warn is given.`

const examples = `  floorkeeper plan schedule.yaml
  floorkeeper plan schedule.yaml --live --for 2d
  floorkeeper plan schedules/ --hpas hpas.yaml,deployments.yaml --from 2026-12-18 --for 1d
  helm template shop/ | floorkeeper plan schedule.yaml --hpas - -o markdown > comment.md
  floorkeeper plan schedule.yaml --live -o json |
      jq -r '.changes[] | select(.clamped) | .namespace + "/" + .name'
  floorkeeper plan schedule.yaml --for 90d -o ics > floors.ics
  floorkeeper plan schedule.yaml --hpas hpas.yaml -o html > night.html
  floorkeeper plan schedule.yaml --live --serve 127.0.0.1:0`
