package cluster

import (
	"context"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Options are what is read of a cluster.
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
		quotas, err := List[corev1.ResourceQuota](ctx, c, &corev1.ResourceQuotaList{}, client.InNamespace(o.Namespace))
		if err == nil {
			l.snapshot.Quotas = quotas
		} else {
			l.snapshot.note("whether ResourceQuotas hold it is not known, because those of %s cannot be listed: %s", l.where(), oneLine(err))
		}
		l.snapshot.noteTargets(unread, "the cluster has none of this name")
		l.snapshot.noteQuotas()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.snapshot.sort()
	return l.snapshot, nil
}

type lister struct {
	client   client.Reader
	options  Options
	snapshot *Snapshot
}

func (l *lister) listHPAs(ctx context.Context) (err error) {
	s, where, other := l.snapshot, l.where(), "give their manifests with --hpas"
	if l.options.Namespace == "" {
		other = "give --namespace NAMESPACE, one that you may see"
	}
	s.HPAs, err = List[autoscalingv2.HorizontalPodAutoscaler](ctx, l.client, &autoscalingv2.HorizontalPodAutoscalerList{}, client.InNamespace(l.options.Namespace))
	if apierrors.IsForbidden(err) {
		return fmt.Errorf("cannot list the HorizontalPodAutoscalers of %s: %w; or %s", where, Advised(err), other)
	}
	if err != nil {
		return fmt.Errorf("cannot list the HorizontalPodAutoscalers of %s: %w", where, Advised(err))
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
	for _, each := range []struct {
		kind string
		list client.ObjectList
	}{{"Deployment", &appsv1.DeploymentList{}}, {"ReplicaSet", &appsv1.ReplicaSetList{}}, {"StatefulSet", &appsv1.StatefulSetList{}}} {
		if !kinds[each.kind] {
			continue
		}
		if err := Each(ctx, l.client, each.list, func() {}, add, client.InNamespace(l.options.Namespace)); err != nil {
			unread[each.kind] = true
			l.snapshot.note("what their Pods request is not known, because the %ss of %s cannot be listed: %s", each.kind, l.where(), oneLine(err))
		}
	}
	return unread
}

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

func oneLine(err error) string { return strings.Join(strings.Fields(Advised(err).Error()), " ") }

// List lists objects as Each does, and returns them.
func List[T any, Object interface {
	*T
	runtime.Object
}](ctx context.Context, c client.Reader, empty client.ObjectList, options ...client.ListOption) (all []T, err error) {
	err = Each(ctx, c, empty, func() { all = nil }, func(object runtime.Object) {
		if item, ok := object.(Object); ok {
			all = append(all, *item)
		}
	}, options...)
	return all, err
}

// pageSize is how many objects are requested at a time, as kubectl does it.
const pageSize = 500

// Each lists objects page by page into copies of an empty list, and calls do with each. begin is called before the first
// object, and once more if the list changed so much meanwhile that the API server lost the thread: then all objects are
// requested at once. The pager of client-go gives up there, or holds all objects in memory.
func Each(ctx context.Context, c client.Reader, empty client.ObjectList, begin func(), do func(runtime.Object), options ...client.ListOption) error {
	begin()
	limit, next := client.Limit(pageSize), ""
	for {
		page := empty.DeepCopyObject().(client.ObjectList)
		err := c.List(ctx, page, append([]client.ListOption{limit, client.Continue(next)}, options...)...)
		if apierrors.IsResourceExpired(err) && next != "" {
			limit, next = 0, ""
			begin()
			continue
		}
		if err != nil {
			return err
		}
		if err := meta.EachListItem(page, func(object runtime.Object) error {
			do(object)
			return nil
		}); err != nil {
			return err
		}
		if next = page.GetContinue(); next == "" {
			return nil
		}
	}
}
