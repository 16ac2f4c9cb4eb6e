package release

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

func (o *options) lease() types.NamespacedName {
	return types.NamespacedName{Namespace: o.installation.Namespace, Name: cli.LeaseName}
}

// searched returns the namespaces whose HPAs are to be listed; "" is all of them.
func (o *options) searched() []string {
	if o.allNamespaces {
		return []string{""}
	}
	return o.namespaces
}

func listHPAs(ctx context.Context, c client.Reader, namespace string) ([]autoscalingv2.HorizontalPodAutoscaler, error) {
	return cluster.List[autoscalingv2.HorizontalPodAutoscaler](ctx, c, &autoscalingv2.HorizontalPodAutoscalerList{}, client.InNamespace(namespace))
}

// marked returns the namespaces of the installations that mark what is to be released. Who may not read it learns that later.
func (o *options) marked(ctx context.Context, c client.Reader) []string {
	var hpas []autoscalingv2.HorizontalPodAutoscaler
	for _, name := range o.names {
		hpa := &autoscalingv2.HorizontalPodAutoscaler{}
		if c.Get(ctx, name, hpa) == nil {
			hpas = append(hpas, *hpa)
		}
	}
	if len(o.names) == 0 {
		for _, namespace := range o.searched() {
			found, _ := listHPAs(ctx, c, namespace)
			hpas = append(hpas, found...)
		}
	}
	hpas = slices.DeleteFunc(hpas, func(hpa autoscalingv2.HorizontalPodAutoscaler) bool {
		return autoscaler.Observe(&hpa).Condition == autoscaler.Free
	})
	namespaces := cli.MarkedBy(hpas)
	slices.Sort(namespaces)
	return slices.Compact(namespaces)
}

// find looks up where the controller is that would raise again what is released: of HPAs that are named, the one that marks them.
func (o *options) find(ctx context.Context, c client.Client) (cli.Installation, error) {
	wanted, marked := o.installation, []string(nil)
	if wanted.Namespace == "" {
		marked = o.marked(ctx, c)
	}
	if len(o.names) > 0 && len(marked) == 1 {
		wanted.Namespace = marked[0]
	}
	return wanted.Find(ctx, c, marked)
}

// choose finds out whose HPAs are released where the Lease is ignored: those of another installation must not be.
func (o *options) choose(ctx context.Context, c client.Client) error {
	if o.installation.Namespace != "" {
		return nil
	}
	switch marked := o.marked(ctx, c); {
	case len(marked) == 1:
		o.installation.Namespace = marked[0]
	case len(marked) > 1 && len(o.names) == 0:
		return heldError("these HPAs belong to installations in several namespaces, and some may run: %s; choose one with "+
			"--leader-election-namespace", strings.Join(marked, ", "))
	default:
		if found, err := o.installation.Find(ctx, c, nil); err == nil {
			o.installation.Namespace = found.Namespace
		}
	}
	return nil
}

// readNotes reads what the last leader noted in its Lease: what it held, also where somebody has taken the annotations off.
func (r *releaser) readNotes(ctx context.Context, stderr io.Writer) error {
	if r.installation.Namespace == "" {
		return nil
	}
	lease := &coordinationv1.Lease{}
	switch err := r.client.Get(ctx, r.lease(), lease); {
	case err != nil && r.force && !apierrors.IsNotFound(err):
		fmt.Fprintf(stderr, "cannot read Lease %s, so HPAs whose annotations somebody took off are not found: %v\n", r.lease(), cluster.Advised(err))
	case client.IgnoreNotFound(err) != nil:
		return withExitCode(fmt.Errorf("cannot read Lease %s: %w", r.lease(), cluster.Advised(err)))
	}
	r.notes.Load(lease.Annotations[cli.AnnotationNotes])
	return nil
}

// heedController returns an error if a controller runs, or if that is unknown, unless it is stopped or ignored.
func (o *options) heedController(ctx context.Context, c client.Client, stderr io.Writer) error {
	switch {
	case o.force:
		return o.choose(ctx, c)
	case o.deployment.Name != "" && o.dryRun:
		return nil
	case o.deployment.Name != "":
		return o.stop(ctx, c, stderr)
	default:
		return o.checkLease(ctx, c, stderr)
	}
}

// checkLease returns an error if a controller holds the Lease, or if that is unknown. From then on the namespace of the
// installation is known.
func (o *options) checkLease(ctx context.Context, c client.Client, stderr io.Writer) error {
	found, err := o.find(ctx, c)
	switch {
	case err != nil:
		return err
	case found.Unknown != "":
		return heldError("it is unknown whether a controller runs: %s; if it is not installed any more, give --force", found.Unknown)
	}
	o.installation = found
	key := o.lease()
	holder, err := holderOf(ctx, c, key, stderr)
	switch {
	case apierrors.IsNotFound(err):
		return heldError("there is no Lease %s, so it is unknown whether a controller runs: if floorkeeper is installed in "+
			"another namespace, give --leader-election-namespace; if it is not installed any more, --force", key)
	case err != nil:
		return withExitCode(fmt.Errorf("cannot read Lease %s, so it is unknown whether a controller runs: %w", key, cluster.Advised(err)))
	case holder != "":
		return heldError("a controller runs, %s holds Lease %s: it would raise again what is released; stop it and wait until it "+
			"has ended: kubectl -n %s scale deployment --selector=app.kubernetes.io/name=floorkeeper --replicas=0", holder, key, key.Namespace)
	default:
		return nil
	}
}

// holderOf returns who holds the Lease, and "" if nobody does. It never compares clocks: as for a standby, a holder is
// dead once it has not renewed the Lease for as long as that lasts.
func holderOf(ctx context.Context, c client.Client, key types.NamespacedName, stderr io.Writer) (string, error) {
	first := &coordinationv1.Lease{}
	if err := c.Get(ctx, key, first); err != nil || cli.Holder(first) == "" {
		return "", err
	}
	lasts := cli.LeaseDuration(first)
	fmt.Fprintf(stderr, "Lease %s names %s; waiting up to %s to see whether it is alive\n", key, cli.Holder(first), lasts)
	now, err := cli.AwaitRenewal(ctx, c, first)
	if now == nil {
		return "", err
	}
	return cli.Holder(now), nil
}
