// Package validate is floorkeeper validate: problems and findings of schedules, for people and programs.
package validate

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

type options struct {
	cli.PreviewOptions
	output     string
	failOnWarn bool
	rules      bool
}

// NewCommand returns floorkeeper validate.
func NewCommand(now func() time.Time) *cobra.Command {
	o := &options{PreviewOptions: cli.PreviewOptions{Now: now}}
	cmd := &cobra.Command{
		Use:   "validate FILE|DIR...|-",
		Short: "Check a schedule, and what it will do to HPAs",
		Long:  help, Annotations: cli.Documented("preview.md"),
		Example: `  floorkeeper validate schedule.yaml
  floorkeeper validate schedules/ --hpas manifests/ --fail-on-warn
  kubectl kustomize overlays/production | floorkeeper validate - --live
  kubectl get hpa -A -o yaml | floorkeeper validate schedule.yaml --hpas - --for 30d
  floorkeeper validate schedules/ -o sarif > floorkeeper.sarif`,
		ValidArgsFunction: cli.CompleteSchedules,
		Args: func(cmd *cobra.Command, args []string) error {
			if o.rules {
				return nil
			}
			return cli.NeedsSchedule(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), args, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.Bind(cmd.Flags(), "366d")
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "how problems are written: "+strings.Join(outputs(), ", "))
	cmd.Flags().BoolVar(&o.failOnWarn, "fail-on-warn", false, "exit with 3 where there are warnings")
	cmd.Flags().BoolVar(&o.rules, "rules", false, "list the rules and what they ask, and do nothing else")
	cli.Choices(cmd.Flags(), "output", outputs()...)
	return cmd
}

const help = `Check schedule files exactly as "floorkeeper run" reads them, without a cluster.

A directory stands for its *.yaml files, - for standard input, a ConfigMap manifest for
the schedule in it; other Kubernetes manifests are passed over. All arguments together
are one schedule: the names of windows and events are unique over all files.

Every problem is printed with its place, as file:line:column: error: message [rule],
and with the line of the source; --rules lists the rules. Errors make a schedule
invalid. Notes and warnings do not:

  notes     an entry that is over, an entry that overlaps one with a larger floor
  warnings  an occurrence in the range of --for that a daylight-saving change touches;
            a key of a ConfigMap that run does not read; and, with --hpas or --live: an
            entry that covers no HPA, a floor above maxReplicas or a limit, an HPA that KEDA owns
            or whose baseline is lost, a floor that falls at once, so many HPAs at one
            time that the leadTime does not suffice

Problems are on standard error; with --output other than text they are on standard
output: json for programs, github for the log of a GitHub Actions job, which shows them
on the lines of a pull request, sarif for code scanning.

Fields of -o json:
valid         true: the schedule is in order; warnings and notes do not count
files[]       file, windows, events: what each file holds, where all are valid
problems[]    severity (error, warning, note), rule, message, file, line, column (0: the whole file), entry,
              hpas[] (100 at most), count (how many findings are alike: HPAs, or dates), entries (of a rule with
              very many entries, the last problem has the number of further ones)
notChecked[]  the rules that need HPAs, where none are given; matches-nothing, where --namespace leaves
              namespaces out that an entry can have targets in

Exit codes: 0 valid, 1 invalid, 2 a file cannot be read or the command line is wrong,
3 valid with warnings and --fail-on-warn.`

func outputs() []string { return []string{"text", "json", "github", "sarif"} }

// run reads all arguments as one schedule and writes its problems, or what each file holds and the findings.
func (o *options) run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	if o.rules {
		return o.listRules(stdout)
	}
	if err := cmp.Or(cli.CheckOutput(o.output, outputs()...), o.Check(args), o.CheckIgnored()); err != nil {
		return err
	}
	r := &report{ScheduleSource: o.Kept(cli.ReadSchedule(args, stdin))}
	for _, problem := range r.Problems {
		r.diagnostics = append(r.diagnostics, diagnostic{Problem: problem})
	}
	if r.Schedule != nil {
		v, err := o.LoadFrom(ctx, r.ScheduleSource, stdin, stderr)
		if err != nil {
			return err
		}
		r.addFindings(v, map[string]int{"json": forecast.ForPrograms, "sarif": forecast.ForPrograms}[o.output])
	}
	if err := r.write(o.output, stdout, stderr); err != nil {
		return errors.Join(r.Unread, err)
	}
	return o.verdict(r)
}

// verdict returns the exit code as an error.
func (o *options) verdict(r *report) error {
	switch {
	case r.Unread != nil:
		return r.Unread
	case r.Schedule == nil:
		return cli.ExitError{Code: cli.ExitInvalid}
	case o.failOnWarn && slices.ContainsFunc(r.diagnostics, func(d diagnostic) bool { return d.Severity == source.SeverityWarning }):
		return cli.ExitError{Code: cli.ExitWarned}
	default:
		return nil
	}
}
