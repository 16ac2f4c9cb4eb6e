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
	namespace     string
	names         []types.NamespacedName
	force, dryRun bool
	installation  cli.Installation
	cli.Connection
}

// NewCommand returns floorkeeper release.
func NewCommand() *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "release --all-namespaces | --namespace NAMESPACE [NAME...] | NAMESPACE/NAME...",
		Short: "Give baselines back, before an uninstall", Annotations: cli.Documented("operations.md"),
		Long: `Give the baselines of HorizontalPodAutoscalers (HPAs) back and leave nothing of floorkeeper on them:
no annotation and no field ownership. You say which: with neither a flag nor a name nothing is done.
minReplicas falls at once, and Pods may follow within seconds; --dry-run shows what it would fall to.

Stop the controller first (kubectl -n floorkeeper scale deployment floorkeeper --replicas=0), because a
running one raises again what is released. So nothing is released while a controller holds the Lease, or
if that is unknown, unless you --force it. The Lease does not know of run --leader-elect=false.

It works with your account, which needs to get, list and patch HPAs and to get the Lease. It may be
interrupted and repeated at any time. Damaged HPAs, whose baseline is unknown, are left as they are.

Exit codes: 0 nothing is held any more, 1 something is or may be held, 2 the command line is wrong or
there is no API server. A dry run has the code that the release would have.`,
		Example: `  floorkeeper release --all-namespaces --dry-run
  floorkeeper release --all-namespaces
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
			return cli.UntilSignal(cmd.Context(), func(ctx context.Context) error {
				return release(ctx, o, client, cmd.OutOrStdout(), cmd.ErrOrStderr())
			})
		},
	}
	o.bind(cmd.Flags())
	return cmd
}

func (o *options) bind(flags *pflag.FlagSet) {
	flags.BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "release the HPAs of all namespaces")
	flags.StringVarP(&o.namespace, "namespace", "n", "", "release the HPAs of this namespace, or those of them that are named")
	flags.BoolVar(&o.force, "force", false, "ignore the Lease; a controller that runs raises again what is released")
	flags.BoolVar(&o.dryRun, "dry-run", false, "ask the API server what it would do, and change nothing")
	o.installation.BindNamespace(flags)
	o.Bind(flags)
}

// complete checks flags and arguments together. What is to be released is never guessed.
func (o *options) complete(args []string) error {
	switch {
	case !o.allNamespaces && o.namespace == "" && len(args) == 0:
		return errors.New("say what to release: --all-namespaces, --namespace NAMESPACE or NAMESPACE/NAME; see release --help")
	case o.allNamespaces && (o.namespace != "" || len(args) > 0):
		return errors.New("--all-namespaces releases everything; leave it out, or the namespace and names")
	}
	if err := errors.Join(cli.CheckNamespace("namespace", o.namespace), o.installation.Complete()); err != nil {
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

func (o *options) named(arg string) (types.NamespacedName, error) {
	if o.namespace == "" && !strings.Contains(arg, "/") {
		return types.NamespacedName{}, fmt.Errorf("the namespace of %q is missing: write NAMESPACE/%s, or give --namespace", arg, arg)
	}
	return cli.ArgumentName(arg, o.namespace, o.namespace)
}
