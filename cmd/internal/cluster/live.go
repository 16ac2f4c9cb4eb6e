package cluster

import (
	"context"
	"fmt"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Options say what is read of a cluster.
type Options struct {
	Namespace string // empty for all
	Sums      bool   // also what PodOf and Exceeded need: workloads and ResourceQuotas
}

// pageSize is how many objects are asked for at a time, as kubectl does it.
const pageSize = 500

// Live reads a snapshot from an API server. It needs to list HPAs; what the user may not list beyond that is told in the
// notes.
func Live(ctx context.Context, c client.Reader, o Options) (*Snapshot, error) {
	s := &Snapshot{Templates: map[Workload]corev1.PodTemplateSpec{}}
	list := &autoscalingv2.HorizontalPodAutoscalerList{}
	if err := c.List(ctx, list, client.InNamespace(o.Namespace)); err != nil {
		return nil, fmt.Errorf("cannot list HorizontalPodAutoscalers: %w", err)
	}
	s.HPAs = list.Items
	return s, nil
}
