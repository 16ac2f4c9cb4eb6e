// The command check judges what floorkeeper did in a cluster by the API server's audit log. The log must have been made
// with the audit policy that --policy prints, while floorkeeper kept one unchanged schedule; it may begin in the middle.
// It prints the violations of the invariants I1 to I10 and exits with 1 if there are any, and with 2 if it cannot tell.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/kit/history"
)

func main() {
	found, err := run(os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(2)
	case found:
		os.Exit(1)
	}
}

// names collects the values of a flag that may be repeated.
type names []string

func (n *names) String() string { return fmt.Sprint(*n) }

// Set implements flag.Value.
func (n *names) Set(name string) error {
	*n = append(*n, name)
	return nil
}

// run checks a log, and reports whether it has found violations.
func run(args []string, out io.Writer) (found bool, err error) {
	var users, excluded names
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	policy := flags.Bool("policy", false, "print the audit policy that the API server must have, and exit")
	audit := flags.String("audit", "", "the audit log")
	schedule := flags.String("schedule", "", "the schedule that was in force: a file or a directory")
	grace := flags.Duration("grace", time.Minute, "how long an HPA may be below its floor")
	most := flags.Int("max-floor", 0, "as the controller has it")
	factor := flags.Float64("max-floor-factor", 0, "as the controller has it")
	flags.Var(&users, "user", "the user that floorkeeper is (system:serviceaccount:floorkeeper:floorkeeper); may be repeated")
	flags.Var(&excluded, "exclude-namespace", "a namespace that floorkeeper excludes (kube-system); may be repeated")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	if *policy {
		_, err := fmt.Fprint(out, history.AuditPolicy)
		return false, err
	}
	if *audit == "" || *schedule == "" || flags.NArg() > 0 {
		return false, errors.New("it needs --audit FILE and --schedule FILE; see --help")
	}
	if users == nil {
		users = names{"system:serviceaccount:floorkeeper:floorkeeper"}
	}
	if excluded == nil {
		excluded = names{"kube-system"}
	}
	scope := autoscaler.Scope{ExcludeNamespaces: excluded, Limit: autoscaler.Limit{MaxFloor: int32(*most), Factor: schedules.Ratio(math.Round(*factor * 1000))}}
	model := history.Model{Users: users, Scope: scope, Grace: *grace, Partial: true}
	return check(model, *audit, *schedule, out)
}

func check(model history.Model, audit, schedule string, out io.Writer) (found bool, err error) {
	files, err := config.Read(schedule)
	if err != nil {
		return false, err
	}
	parsed, err := config.Parse(files...)
	if err != nil {
		return false, err
	}
	log, err := history.Read(audit)
	if err != nil {
		return false, err
	}
	model.Schedules = []history.InForce{{Schedule: parsed}}
	violations := model.Check(log)
	for _, v := range violations {
		fmt.Fprintln(out, v)
	}
	fmt.Fprintf(out, "%d writes of HorizontalPodAutoscalers, %d violations\n", len(log.Writes), len(violations))
	return len(violations) > 0, nil
}
