package status

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

const collectTimeout = 30 * time.Second // for all that is asked at once

type collector struct {
	*options
	client client.Client
	now    func() time.Time
}

// answers are what the API server answers beside what a report holds as it is.
type answers struct {
	hpas      []autoscalingv2.HorizontalPodAutoscaler
	missing   []types.NamespacedName // of those that were named
	err       error                  // without HPAs there is nothing to show
	lease     coordinationv1.Lease
	leaseErr  error
	reverts   []corev1.Event
	eventsErr error
}

// collect asks for everything at once and reports on it.
func (c *collector) collect(ctx context.Context) (*statusReport, error) {
	ctx, cancel := context.WithTimeout(ctx, collectTimeout)
	defer cancel()
	got, r := &answers{}, &statusReport{APIVersion: autoscaler.Prefix + "v1", Kind: "Status", HPAs: []hpaReport{}, location: c.location}
	var group sync.WaitGroup
	group.Go(func() { got.hpas, got.missing, got.err = c.hpas(ctx) })
	group.Go(func() {
		key := client.ObjectKey{Namespace: c.electionNamespace, Name: cli.LeaseName}
		got.leaseErr = c.client.Get(ctx, key, &got.lease)
	})
	group.Go(func() { r.Schedule = c.schedule(ctx) })
	group.Go(func() { got.reverts, got.eventsErr = c.reverts(ctx) })
	group.Go(func() { r.FloorGuard = c.floorGuard(ctx) })
	group.Wait()
	if got.err != nil {
		return nil, got.err
	}
	r.At = c.now()
	r.Leader = c.leader(got, r.At)
	r.Schedule.compare(r.Leader, got.lease.Labels)
	if got.eventsErr != nil {
		r.Unknown = append(r.Unknown, "Events, which show what is contested: "+errorLine(got.eventsErr))
	}
	if r.location == nil {
		r.location = r.Schedule.zone()
	}
	c.judge(r, got)
	return r, nil
}

func (c *collector) hpas(ctx context.Context) (hpas []autoscalingv2.HorizontalPodAutoscaler, missing []types.NamespacedName, err error) {
	for _, name := range c.names {
		hpa := autoscalingv2.HorizontalPodAutoscaler{}
		switch err := c.client.Get(ctx, name, &hpa); {
		case apierrors.IsNotFound(err):
			missing = append(missing, name)
		case err != nil:
			return nil, nil, fmt.Errorf("cannot read HorizontalPodAutoscaler %s: %w", name, err)
		default:
			hpas = append(hpas, hpa)
		}
	}
	if len(c.names) > 0 {
		return hpas, missing, nil
	}
	hpas, err = cluster.List[autoscalingv2.HorizontalPodAutoscaler](ctx, c.client, &autoscalingv2.HorizontalPodAutoscalerList{}, client.InNamespace(c.namespace))
	switch {
	case apierrors.IsForbidden(err) && c.allNamespaces:
		err = fmt.Errorf("cannot list the HorizontalPodAutoscalers of all namespaces; try --namespace: %w", err)
	case err != nil:
		err = fmt.Errorf("cannot list HorizontalPodAutoscalers: %w", err)
	}
	return hpas, nil, err
}

// reverts returns the Events about floors that somebody lowered.
func (c *collector) reverts(ctx context.Context) (reverts []corev1.Event, err error) {
	for _, namespace := range c.namespaces() {
		found, listErr := cluster.List[corev1.Event](ctx, c.client, &corev1.EventList{}, client.InNamespace(namespace),
			client.MatchingFields{"reason": autoscaler.ReasonFloorReverted})
		reverts, err = append(reverts, found...), errors.Join(err, listErr)
	}
	return reverts, err
}

func (c *collector) namespaces() (namespaces []string) {
	if len(c.names) == 0 {
		return []string{c.namespace}
	}
	for _, name := range c.names {
		if !slices.Contains(namespaces, name.Namespace) {
			namespaces = append(namespaces, name.Namespace)
		}
	}
	return namespaces
}

// errorLine describes why something is not known.
func errorLine(err error) string {
	switch {
	case apierrors.IsNotFound(err):
		return "it does not exist"
	case apierrors.IsForbidden(err):
		return "you may not read it"
	case meta.IsNoMatchError(err):
		return "the API server does not serve it"
	default:
		return strings.Join(strings.Fields(err.Error()), " ")
	}
}
