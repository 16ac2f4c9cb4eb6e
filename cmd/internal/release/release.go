// Package release is floorkeeper release: it gives baselines back before an uninstall.
package release

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
)

type options struct {
	allNamespaces bool
	namespaces    []string
	names         []types.NamespacedName
	force, dryRun bool
	deployment    types.NamespacedName // to be stopped first; its name is "" for none
	gone          bool                 // it does not exist
	helmHook      bool
	installation  cli.Installation
	cli.Connection

	stopDeployment string
}

// NewCommand returns floorkeeper release.
func NewCommand() *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "release --all-namespaces | --namespace NAMESPACE [NAME...] | NAMESPACE/NAME...",
		Short: "Give baselines back, before an uninstall", Annotations: cli.Documented("install.md"),
		Long: `Give the baselines of HorizontalPodAutoscalers (HPAs) back and leave nothing of floorkeeper on them:
no annotation and no field ownership. You say which: with neither a flag nor a name nothing is done.
minReplicas falls at once, and Pods may follow within seconds; --dry-run shows what it would fall to.

A running controller raises again what is released. So stop it first: --stop-deployment scales its
Deployment to 0 and waits until it has ended. Nothing is released while a controller holds the Lease, or
if that is unknown, unless you --force it. The Lease does not know of run --leader-elect=false.

HPAs that another installation of floorkeeper manages are left as they are, unless you name them.

It works with your account, which needs to get, list and patch HPAs, to get the Lease and to list Deployments;
with --stop-deployment, also to patch the Deployment's scale and to list the Pods of its namespace. It may be
interrupted and repeated. Damaged HPAs are left as they are; the Lease replaces annotations that were taken off.

Exit codes: 0 nothing is held any more, 1 something is or may be held, 2 the command line is wrong or
there is no API server. A dry run has the code that the release would have.`,
		Example: `  floorkeeper release --all-namespaces --dry-run
  floorkeeper release --all-namespaces
  floorkeeper release --all-namespaces --stop-deployment floorkeeper/floorkeeper
  floorkeeper release --namespace video
  floorkeeper release --namespace video images player
  floorkeeper release video/images shop/web`,
		ValidArgsFunction: cli.CompleteHPAs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.complete(args); err != nil {
				return err
			}
			client, err := o.Connect(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return cli.UntilSignal(cmd.Context(), func(ctx context.Context) error { return release(ctx, o, client, cmd.OutOrStdout(), cmd.ErrOrStderr()) })
		},
	}
	o.bind(cmd.Flags())
	return cmd
}

func (o *options) bind(flags *pflag.FlagSet) {
	flags.BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "release the HPAs of all namespaces")
	flags.StringSliceVarP(&o.namespaces, "namespace", "n", nil, "release the HPAs of this namespace, or those of them that are named; may be repeated")
	flags.StringVar(&o.stopDeployment, "stop-deployment", "", "NAMESPACE/NAME of the controller's Deployment: scale it to 0 first, and wait until it has ended")
	flags.BoolVar(&o.helmHook, "helm-hook", false, "for the Job of the Helm chart: refuse unless Helm or Argo CD has installed --stop-deployment; whatever else applies the chart's manifests would run the Job at once, and not before it deletes them")
	flags.BoolVar(&o.force, "force", false, "ignore the Lease; a controller that runs raises again what is released")
	flags.BoolVar(&o.dryRun, "dry-run", false, "ask the API server what it would do, and change nothing")
	o.installation.BindNamespace(flags)
	o.Bind(flags)
}

// complete checks flags and arguments together. What is to be released is never guessed.
func (o *options) complete(args []string) error {
	switch {
	case !o.allNamespaces && len(o.namespaces) == 0 && len(args) == 0:
		return errors.New("say what to release: --all-namespaces, --namespace NAMESPACE or NAMESPACE/NAME; see release --help")
	case o.allNamespaces && (len(o.namespaces) > 0 || len(args) > 0):
		return errors.New("--all-namespaces releases everything; leave it out, or the namespace and names")
	}
	if err := errors.Join(cli.CheckNamespaces("namespace", o.namespaces), o.installation.Complete(), o.completeStop()); err != nil {
		return err
	}
	for _, arg := range args {
		name, err := o.named(arg)
		if err != nil {
			return err
		}
		if !slices.Contains(o.names, name) {
			o.names = append(o.names, name)
		}
	}
	return nil
}

// completeStop looks for the Lease in the namespace of the Deployment unless a flag names another.
func (o *options) completeStop() (err error) {
	switch {
	case o.stopDeployment == "" && o.helmHook:
		return errors.New("--helm-hook is about a Deployment: give --stop-deployment")
	case o.stopDeployment != "" && o.force:
		return errors.New("--force ignores a controller that runs, and --stop-deployment stops it: give one of them")
	case o.stopDeployment == "":
		return nil
	}
	if o.deployment, err = cli.FlagName("stop-deployment", o.stopDeployment); err == nil && o.installation.Namespace == "" {
		o.installation.Namespace = o.deployment.Namespace
	}
	return err
}

func (o *options) named(arg string) (types.NamespacedName, error) {
	namespace := ""
	switch {
	case len(o.namespaces) == 1:
		namespace = o.namespaces[0]
	case len(o.namespaces) > 1:
		return types.NamespacedName{}, fmt.Errorf("%q may be in any of the namespaces %s: write NAMESPACE/NAME, without --namespace", arg, strings.Join(o.namespaces, ", "))
	case !strings.Contains(arg, "/"):
		return types.NamespacedName{}, fmt.Errorf("the namespace of %q is missing: write NAMESPACE/%s, or give --namespace", arg, arg)
	}
	return cli.ArgumentName(arg, namespace, namespace)
}
