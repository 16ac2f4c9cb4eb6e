// Package status is floorkeeper status: what is held in a cluster now, and what is wrong.
package status

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
)

const help = `Show which HorizontalPodAutoscalers (HPAs) are held now, by which entry of the schedule, until when, what
comes next, and what is wrong; who leads, and which schedule the leader runs.

Shown are the HPAs that an entry covers, now or later, and those with floorkeeper's annotations: of the
namespace of your kubeconfig's context, of --namespace, or of --all-namespaces. --all shows the others too.

Columns: STATE is free (at its owner's value), held (an entry keeps the floor up; with "climbing" or
"descending" in a ramp) or damaged (the annotations are, so that the baseline is unknown). MIN is
minReplicas as it is, BASELINE what its owner wants when no entry is open, FLOOR what floorkeeper last
wrote, BECAUSE the entry, UNTIL the first time at which the floor may fall, and where that is a step of a
ramp when the entry ends, NEXT the minReplicas to come.
PROBLEM has a line of its own below the table:

  clamped     the floor is above maxReplicas or a limit
  contested   somebody lowered minReplicas below the floor in the last 2 minutes, or more than once
              in the last 10 minutes
  unreached   the HPA controller asks for fewer replicas than the floor, for a reason that its status
              shows, or for 30 seconds
  pending     minReplicas should have changed by now: nobody leads, the leader is not done yet (after an
              election it lowers nothing for run --settle-time), the API server refuses or changes its
              patch (Events PatchRefused and FloorAltered), or run --namespaces leaves this one out
  copied      the baseline is the floor of another HPA, which Flagger copied
  damaged     nobody knows the baseline, so nothing is changed
  ignored     the annotation floorkeeper.dev/ignore is set
  refused     a KEDA ScaledObject owns the HPA, or another installation of floorkeeper holds it
  excluded    its namespace is in --exclude-namespaces
  declarationIgnored   the annotation floorkeeper.dev/declared-baseline or floorkeeper.dev/max-floor is no number

It only reads, with your account: HPAs; and, if you may, the Lease and the ConfigMap of the schedule, the
Events about floors and the floor guard. What you may not read is named in a line of its own, and the rest is shown.

Where floorkeeper is installed, and with which flags, is looked up: by the labels of its Deployment, by the
floor scope, by the annotations of the HPAs. Where you may read none of these, give the flags below, or their
environment variables, such as FLOORKEEPER_LEADER_ELECTION_NAMESPACE.

Exit codes: 0 fine, 2 it cannot ask, a named HPA does not exist, or the command line is wrong. With
--exit-code the first of these that is true:

  2  who leads, or the schedule, is not known
  4  nobody leads
  5  the schedule is refused: the leader refused it, or the ConfigMap holds an invalid one
  6  an HPA that is shown is contested
  7  one is unreached
  8  one is damaged`

type options struct {
	namespace     string
	allNamespaces bool
	names         []types.NamespacedName
	all, watch    bool
	output        string
	zone          string
	location      *time.Location // nil for the schedule's own
	exitCode      bool
	installation  cli.Installation
	cli.Connection
}

// NewCommand returns floorkeeper status.
func NewCommand() *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "status [NAME|NAMESPACE/NAME...]",
		Short: "Show what is held now, by which entry, until when, and what comes next",
		Long:  help, Annotations: cli.Documented("operations.md"),
		Example: `  floorkeeper status -A
  floorkeeper status -n video
  floorkeeper status video/images shop/web --output yaml
  floorkeeper status -A --watch
  floorkeeper status -A -o json | jq '.horizontalPodAutoscalers[] | select(.problems)'`,
		ValidArgsFunction: cli.CompleteHPAs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), args, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.bind(cmd.Flags())
	return cmd
}

func (o *options) bind(flags *pflag.FlagSet) {
	flags.StringVarP(&o.namespace, "namespace", "n", "", "the namespace of the HPAs (default: that of the kubeconfig's context)")
	flags.BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "show the HPAs of all namespaces")
	flags.BoolVar(&o.all, "all", false, "show the HPAs that no entry covers as well")
	flags.BoolVarP(&o.watch, "watch", "w", false, "refresh each second and print what changes, until Ctrl-C")
	flags.StringVarP(&o.output, "output", "o", "", "wide, json or yaml (default: a table)")
	flags.StringVar(&o.zone, "tz", "", "IANA time zone in which times are shown, such as Europe/Paris (default that of most entries)")
	flags.BoolVar(&o.exitCode, "exit-code", false, "exit with what is wrong, for scripts: see above")
	o.installation.BindNamespace(flags)
	o.installation.BindConfigMap(flags, "NAMESPACE/NAME of the ConfigMap with the schedule")
	o.installation.BindController(flags)
	o.Bind(flags)
	cli.Choices(flags, "output", outputs()...)
}

func outputs() []string { return []string{"wide", "json", "yaml"} }

func (o *options) run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if err := o.complete(args); err != nil {
		return err
	}
	client, err := o.Connect(stderr)
	if err != nil {
		return err
	}
	if err := o.selects(args); err != nil {
		return err
	}
	c := &collector{options: o, client: client, now: time.Now}
	if o.watch {
		return cli.UntilSignal(ctx, func(ctx context.Context) error { return c.follow(ctx, stdout, stderr) })
	}
	report, err := c.collect(ctx)
	if err != nil {
		return err
	}
	if err := o.print(stdout, report); err != nil {
		return fmt.Errorf("cannot print: %w", err)
	}
	var missing []string
	for _, hpa := range report.HPAs {
		if hpa.State == stateNotFound {
			missing = append(missing, hpa.Namespace+"/"+hpa.Name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("not found: HPA %s", strings.Join(missing, ", "))
	}
	if o.exitCode {
		return report.verdict()
	}
	return nil
}

func (o *options) complete(args []string) (err error) {
	if o.output != "" && !slices.Contains(outputs(), o.output) {
		return fmt.Errorf("cannot use --output %q: use wide, json or yaml, or leave it out for a table", o.output)
	}
	switch {
	case o.allNamespaces && o.namespace != "":
		return errors.New("--all-namespaces shows all namespaces; leave it out, or --namespace")
	case o.allNamespaces && len(args) > 0:
		return errors.New("--all-namespaces shows every HPA; leave it out, or the names")
	case o.exitCode && o.watch:
		return errors.New("--exit-code needs an end, and --watch has none; leave one of them out")
	case o.zone != "":
		if o.location, err = config.ParseZone(o.zone); err != nil {
			return fmt.Errorf("cannot use --tz: %w", err)
		}
	}
	return errors.Join(cli.CheckNamespace("namespace", o.namespace), o.installation.Complete())
}

// selects decides which HPAs to show. As with kubectl, the namespace is the context's unless a flag or a name gives it.
func (o *options) selects(args []string) (err error) {
	given := o.namespace
	if given == "" && !o.allNamespaces {
		if o.namespace, err = o.ContextNamespace(); err != nil {
			return err
		}
	}
	for _, arg := range args {
		name, err := cli.ArgumentName(arg, o.namespace, given)
		if err != nil {
			return err
		}
		if !slices.Contains(o.names, name) {
			o.names = append(o.names, name)
		}
	}
	return nil
}
