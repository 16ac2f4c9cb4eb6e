package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// exitError is an error that ends the program with an exit code of its own. Where err is nil, everything has been said.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

// validateOptions are the flags of validate.
type validateOptions struct {
	viewOptions
	output     string
	failOnWarn bool
	rules      bool
}

func newValidateCommand() *cobra.Command {
	return newValidateCommandAt(time.Now)
}

// newValidateCommandAt returns the command as it is at a time.
func newValidateCommandAt(now func() time.Time) *cobra.Command {
	o := &validateOptions{viewOptions: viewOptions{now: now}}
	cmd := &cobra.Command{
		Use:   "validate FILE|DIR...|-",
		Short: "Check a schedule, and what it will do to HPAs",
		Long:  validateHelp,
		Example: `  floorkeeper validate schedule.yaml
  floorkeeper validate schedules/ --hpas manifests/ --fail-on-warn
  kubectl kustomize overlays/production | floorkeeper validate - --live
  kubectl get hpa -A -o yaml | floorkeeper validate schedule.yaml --hpas - --for 30d
  floorkeeper validate schedules/ -o sarif > floorkeeper.sarif`,
		Args: func(cmd *cobra.Command, args []string) error {
			if o.rules {
				return nil
			}
			return schedulesNeeded(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), args, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.bind(cmd.Flags(), "366d")
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "how problems are written: "+strings.Join(outputs(), ", "))
	cmd.Flags().BoolVar(&o.failOnWarn, "fail-on-warn", false, "exit with 3 where there are warnings")
	cmd.Flags().BoolVar(&o.rules, "rules", false, "list the rules and what they ask, and do nothing else")
	return cmd
}

const validateHelp = `Check schedule files exactly as "floorkeeper run" reads them, without a cluster.

A directory stands for its *.yaml files, - for standard input, a ConfigMap manifest for
the schedule in it; other Kubernetes manifests are passed over. All arguments together
are one schedule: the names of windows and events are unique over all files.

Every problem is printed with its place, as file:line:column: error: message [rule],
and with the line of the source; --rules lists the rules. Errors make a schedule
invalid. Notes and warnings do not:

  notes     an entry that is over, an entry over which a larger floor stands
  warnings  an occurrence that a daylight-saving change touches, in the time to look at;
            a key of a ConfigMap that run does not read; and, with --hpas or --live: an
            entry that covers no HPA, a floor above maxReplicas, an HPA that KEDA owns
            or whose baseline is lost, a floor that falls at once, so many HPAs at one
            time that the leadTime does not suffice

Problems are on standard error; with --output other than text they are on standard
output: json for programs, github for the log of a GitHub Actions job, which shows them
on the lines of a pull request, sarif for code scanning.

Fields of -o json:
valid         true: the schedule is in order; warnings and notes do not count
files[]       file, windows, events: what each file holds, where all are valid
problems[]    severity (error, warning, note), rule, message, file, line, column (0: the whole file), entry,
              hpas[]
notChecked[]  the rules that need HPAs, where none are given; matches-nothing, where --namespace leaves
              namespaces out that an entry can have targets in

Exit codes: 0 valid, 1 invalid, 2 a file cannot be read or the command line is wrong,
3 valid with warnings and --fail-on-warn.`

func outputs() []string { return []string{"text", "json", "github", "sarif"} }

// list prints the rules.
func (o *validateOptions) list(stdout io.Writer) error {
	if o.output != "text" {
		return exitError{exitFailed, errors.New("--rules prints a table; leave --output out")}
	}
	if err := printRules(stdout); err != nil {
		return exitError{exitFailed, fmt.Errorf("cannot print the rules: %w", err)}
	}
	return nil
}

// run reads all arguments as one schedule and writes what is wrong with it, or what each file holds and what is worth
// knowing of it.
func (o *validateOptions) run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	if o.rules {
		return o.list(stdout)
	}
	if err := cmp.Or(checkOutput(o.output, outputs()...), o.check(args)); err != nil {
		return exitError{exitFailed, err}
	}
	r := &report{source: readSchedules(args, stdin)}
	r.addProblems(r.problems)
	if r.schedule != nil {
		v, err := o.lookAt(ctx, r.source, args, stdin, stderr)
		if err != nil {
			return err
		}
		r.addFindings(v)
	}
	if err := r.write(o.output, stdout, stderr); err != nil {
		return exitError{exitFailed, errors.Join(r.unread, err)}
	}
	switch {
	case r.unread != nil:
		return exitError{exitFailed, r.unread}
	case r.schedule == nil:
		return exitError{code: exitInvalid}
	case o.failOnWarn && r.warns():
		return exitError{code: exitWarned}
	default:
		return nil
	}
}
