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
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

const collectTimeout = 30 * time.Second // for all that is asked at once

type collector struct {
	*options
	client client.Client
	now    func() time.Time
}

type answers struct {
	hpas      []autoscalingv2.HorizontalPodAutoscaler
	missing   []types.NamespacedName // of those that were named
	err       error                  // without HPAs there is nothing to show
	lease     coordinationv1.Lease
	leaseErr  error
	configMap corev1.ConfigMap
	configErr error
	reverts   []corev1.Event
	eventsErr error
	guarded   bool
	unguarded string // why
	guardErr  error
	at        time.Time
}

// collect asks for everything at once and reports on it.
func (a *collector) collect(ctx context.Context) (*statusReport, error) {
	ctx, cancel := context.WithTimeout(ctx, collectTimeout)
	defer cancel()
	got := &answers{}
	var group sync.WaitGroup
	group.Go(func() { got.hpas, got.missing, got.err = a.hpas(ctx) })
	group.Go(func() {
		key := client.ObjectKey{Namespace: a.electionNamespace, Name: cli.LeaseName}
		got.leaseErr = a.client.Get(ctx, key, &got.lease)
	})
	group.Go(func() { got.configErr = a.client.Get(ctx, a.configMap, &got.configMap) })
	group.Go(func() { got.reverts, got.eventsErr = a.reverts(ctx) })
	group.Go(func() {
		policies := controller.Policies{Prefix: a.policyPrefix, Namespace: a.electionNamespace}
		got.guarded, got.unguarded, got.guardErr = controller.FloorGuard(ctx, a.client, policies)
	})
	group.Wait()
	if got.err != nil {
		return nil, got.err
	}
	got.at = a.now()
	return a.report(got), nil
}

func (a *collector) hpas(ctx context.Context) (hpas []autoscalingv2.HorizontalPodAutoscaler, missing []types.NamespacedName, err error) {
	for _, name := range a.names {
		hpa := autoscalingv2.HorizontalPodAutoscaler{}
		switch err := a.client.Get(ctx, name, &hpa); {
		case apierrors.IsNotFound(err):
			missing = append(missing, name)
		case err != nil:
			return nil, nil, fmt.Errorf("cannot read HorizontalPodAutoscaler %s: %w", name, err)
		default:
			hpas = append(hpas, hpa)
		}
	}
	if len(a.names) > 0 {
		return hpas, missing, nil
	}
	err = cluster.Each(ctx, a.client, &autoscalingv2.HorizontalPodAutoscalerList{}, func() { hpas = nil }, func(object runtime.Object) {
		if hpa, ok := object.(*autoscalingv2.HorizontalPodAutoscaler); ok {
			hpas = append(hpas, *hpa)
		}
	}, client.InNamespace(a.namespace))
	switch {
	case apierrors.IsForbidden(err) && a.allNamespaces:
		err = fmt.Errorf("cannot list the HorizontalPodAutoscalers of all namespaces; try --namespace: %w", err)
	case err != nil:
		err = fmt.Errorf("cannot list HorizontalPodAutoscalers: %w", err)
	}
	return hpas, nil, err
}

// reverts returns the Events about floors that somebody lowered.
func (a *collector) reverts(ctx context.Context) (reverts []corev1.Event, err error) {
	for _, namespace := range a.namespaces() {
		found := []corev1.Event(nil)
		err = errors.Join(err, cluster.Each(ctx, a.client, &corev1.EventList{}, func() { found = nil }, func(object runtime.Object) {
			if event, ok := object.(*corev1.Event); ok {
				found = append(found, *event)
			}
		}, client.InNamespace(namespace), client.MatchingFields{"reason": autoscaler.ReasonFloorReverted}))
		reverts = append(reverts, found...)
	}
	return reverts, err
}

func (a *collector) namespaces() (namespaces []string) {
	if len(a.names) == 0 {
		return []string{a.namespace}
	}
	for _, name := range a.names {
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
