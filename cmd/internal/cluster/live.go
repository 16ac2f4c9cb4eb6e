package cluster

import (
	"context"
	"fmt"
	"iter"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Options say what is read of a cluster.
type Options struct {
	Namespace string // empty for all
	Sums      bool   // also what PodOf and Exceeded need: workloads and ResourceQuotas
}

// Live reads a snapshot from an API server: it lists, and does nothing else. The user must be allowed to list HPAs;
// the notes name what else cannot be listed. A cluster without HPAs has an empty snapshot.
func Live(ctx context.Context, c client.Reader, o Options) (*Snapshot, error) {
	l := &lister{client: c, options: o, snapshot: &Snapshot{Pods: map[Workload]Pod{}}}
	if err := l.listHPAs(ctx); err != nil {
		return nil, err
	}
	if o.Sums {
		unread := l.listWorkloads(ctx)
		l.listQuotas(ctx)
		l.snapshot.noteTargets(unread, "the cluster has none of this name")
		l.snapshot.noteQuotas()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.snapshot.sort()
	return l.snapshot, nil
}

// lister fills a snapshot.
type lister struct {
	client   client.Reader
	options  Options
	snapshot *Snapshot
}

// each lists the objects of the namespaces that are read.
func (l *lister) each(ctx context.Context, list client.ObjectList, begin func(), do func(runtime.Object)) error {
	return Each(ctx, l.client, list, begin, do, client.InNamespace(l.options.Namespace))
}

func (l *lister) listHPAs(ctx context.Context) error {
	s := l.snapshot
	err := l.each(ctx, &autoscalingv2.HorizontalPodAutoscalerList{}, func() { s.HPAs = nil }, func(object runtime.Object) {
		if hpa, ok := object.(*autoscalingv2.HorizontalPodAutoscaler); ok {
			s.HPAs = append(s.HPAs, *hpa)
		}
	})
	if apierrors.IsForbidden(err) {
		return fmt.Errorf("cannot list the HorizontalPodAutoscalers of %s: %w; %s", l.where(), err, l.advice())
	}
	if err != nil {
		return fmt.Errorf("cannot list the HorizontalPodAutoscalers of %s: %w", l.where(), err)
	}
	for i := range s.HPAs {
		if s.HPAs[i].Spec.MinReplicas == nil {
			s.HPAs[i].Spec.MinReplicas = new(int32(1))
		}
	}
	return nil
}

func (l *lister) where() string {
	if l.options.Namespace == "" {
		return "all namespaces"
	}
	return "namespace " + l.options.Namespace
}

// advice says what to do where HPAs may not be listed.
func (l *lister) advice() string {
	if l.options.Namespace == "" {
		return "give --namespace NAMESPACE, one that you may see"
	}
	return "ask for the right to list them, or give their manifests with --hpas"
}

// listWorkloads lists the kinds that the HPAs scale, and returns those that could not be read.
func (l *lister) listWorkloads(ctx context.Context) (unread map[string]bool) {
	wanted, kinds := map[Workload]bool{}, map[string]bool{}
	for i := range l.snapshot.HPAs {
		if workload, ok := target(&l.snapshot.HPAs[i]); ok {
			wanted[workload], kinds[workload.Kind] = true, true
		}
	}
	add := func(object runtime.Object) {
		if workload, pod := podTemplate(object); wanted[workload] {
			l.snapshot.Pods[workload] = pod
		}
	}
	unread = map[string]bool{}
	for kind, list := range workloadLists() {
		if !kinds[kind] {
			continue
		}
		if err := l.each(ctx, list, func() {}, add); err != nil {
			unread[kind] = true
			l.snapshot.note("what their Pods request is not known, because the %ss of %s cannot be listed: %s", kind, l.where(), oneLine(err))
		}
	}
	return unread
}

// workloadLists yields the kinds that have a Pod template.
func workloadLists() iter.Seq2[string, client.ObjectList] {
	return func(yield func(string, client.ObjectList) bool) {
		_ = yield("Deployment", &appsv1.DeploymentList{}) &&
			yield("ReplicaSet", &appsv1.ReplicaSetList{}) &&
			yield("StatefulSet", &appsv1.StatefulSetList{})
	}
}

// podTemplate returns a workload and its Pods.
func podTemplate(object runtime.Object) (Workload, Pod) {
	switch o := object.(type) {
	case *appsv1.Deployment:
		return Workload{o.Namespace, "Deployment", o.Name}, podOf(&o.Spec.Template.Spec, &o.Status.Replicas)
	case *appsv1.ReplicaSet:
		return Workload{o.Namespace, "ReplicaSet", o.Name}, podOf(&o.Spec.Template.Spec, &o.Status.Replicas)
	case *appsv1.StatefulSet:
		return Workload{o.Namespace, "StatefulSet", o.Name}, podOf(&o.Spec.Template.Spec, &o.Status.Replicas)
	default:
		return Workload{}, Pod{}
	}
}

func (l *lister) listQuotas(ctx context.Context) {
	s := l.snapshot
	err := l.each(ctx, &corev1.ResourceQuotaList{}, func() { s.Quotas = nil }, func(object runtime.Object) {
		if quota, ok := object.(*corev1.ResourceQuota); ok {
			s.Quotas = append(s.Quotas, *quota)
		}
	})
	if err != nil {
		s.Quotas = nil
		s.note("whether ResourceQuotas hold it is not known, because those of %s cannot be listed: %s", l.where(), oneLine(err))
	}
}

// oneLine is what went wrong, in one line.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
