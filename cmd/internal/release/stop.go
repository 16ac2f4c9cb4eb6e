package release

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
)

const (
	stopTimeout = 2 * time.Minute // a Pod has 30 s to end in the manifests in deploy/, and needs milliseconds
	stopPoll    = time.Second
)

// stop scales the controller's Deployment to 0 and waits until its Pods are gone and nobody holds the Lease. It is a second
// replica that takes over for a moment while both end, which the Lease alone would not show.
func (o *options) stop(ctx context.Context, c client.Client, stderr io.Writer) error {
	if o.helmHook {
		if err := o.isHooked(ctx, c); err != nil {
			return err
		}
	}
	pods, err := o.scaleToZero(ctx, c)
	if err != nil {
		return err
	}
	if o.gone = pods == nil; o.gone {
		fmt.Fprintf(stderr, "Deployment %s does not exist\n", o.deployment)
	} else {
		fmt.Fprintf(stderr, "Deployment %s is scaled to 0; waiting up to %s until its controller has ended\n", o.deployment, stopTimeout)
	}
	var runs error // what was seen last: the end of the timeout may interrupt a look
	err = wait.PollUntilContextTimeout(ctx, stopPoll, stopTimeout, true, func(ctx context.Context) (bool, error) {
		now, err := o.stillRuns(ctx, c, pods)
		if err == nil {
			runs = now
		}
		return now == nil, err
	})
	switch {
	case ctx.Err() != nil:
		return heldError("interrupted; run it again")
	case wait.Interrupted(err):
		return heldError("the controller has not ended within %s: %w", stopTimeout, cmp.Or(runs, err))
	case err != nil:
		return withExitCode(err)
	default:
		return nil
	}
}

// isHooked returns an error unless whoever installed the Deployment knows hooks: Helm and Argo CD mark what they install.
func (o *options) isHooked(ctx context.Context, c client.Client) error {
	deployment := &appsv1.Deployment{}
	switch err := c.Get(ctx, o.deployment, deployment); {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return withExitCode(fmt.Errorf("cannot read Deployment %s: %w", o.deployment, cluster.Advised(err)))
	}
	for _, mark := range []string{"meta.helm.sh/release-name", "argocd.argoproj.io/tracking-id"} {
		if deployment.Annotations[mark] != "" {
			return nil
		}
	}
	return heldError("neither Helm nor Argo CD has installed Deployment %s, so this is no uninstall, and nothing is done; render the "+
		"chart with helm template --no-hooks, and run floorkeeper release yourself before you delete it", o.deployment)
}

// scaleToZero returns the selector of the Deployment's Pods, or nil if the Deployment does not exist.
func (o *options) scaleToZero(ctx context.Context, c client.Client) (labels.Selector, error) {
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: o.deployment.Namespace, Name: o.deployment.Name}}
	scale := &autoscalingv1.Scale{}
	zero := client.RawPatch(types.MergePatchType, []byte(`{"spec":{"replicas":0}}`))
	err := c.SubResource("scale").Patch(ctx, deployment, zero, client.WithSubResourceBody(scale))
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, withExitCode(fmt.Errorf("cannot scale Deployment %s to 0: %w", o.deployment, cluster.Advised(err)))
	}
	selector, err := labels.Parse(scale.Status.Selector)
	if err != nil || selector.Empty() {
		return nil, fmt.Errorf("cannot read the selector %q of Deployment %s: %w", scale.Status.Selector, o.deployment, err)
	}
	return selector, nil
}

// stillRuns returns what shows that the controller runs, or nil; err means that this is unknown.
func (o *options) stillRuns(ctx context.Context, c client.Client, pods labels.Selector) (runs, err error) {
	if pods != nil {
		left, err := cluster.List[corev1.Pod](ctx, c, &corev1.PodList{}, client.InNamespace(o.deployment.Namespace), client.MatchingLabelsSelector{Selector: pods})
		switch {
		case err != nil:
			return nil, fmt.Errorf("cannot list the Pods of Deployment %s: %w", o.deployment, cluster.Advised(err))
		case len(left) > 0:
			return fmt.Errorf("its Pod %s is still there", client.ObjectKeyFromObject(&left[0])), nil
		}
	}
	key := o.lease()
	holder, err := holderOf(ctx, c, key, io.Discard)
	switch {
	case apierrors.IsNotFound(err): // no replica of it has ever led
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("cannot read Lease %s: %w", key, cluster.Advised(err))
	case holder != "":
		return fmt.Errorf("%s still holds Lease %s", holder, key), nil
	default:
		return nil, nil
	}
}
