package cluster

import (
	"context"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Options say what is read of a cluster.
type Options struct {
	Namespace string // empty for all
	Sums      bool   // also what PodOf and Exceeded need: workloads and ResourceQuotas
}

// pageSize is how many objects are asked for at a time, as kubectl does it.
const pageSize = 500

// Live reads a snapshot from an API server: it lists, and does nothing else. The user must be allowed to list HPAs;
// what else cannot be listed is told in the notes. A cluster without HPAs has an empty snapshot.
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

// pages lists objects page by page. Each page replaces the list, and is given to add. begin is called before the first;
// and once more if the list changed so much meanwhile that the API server lost the thread: then all are asked for at
// once.
func (l *lister) pages(ctx context.Context, list client.ObjectList, begin, add func()) error {
	options := &client.ListOptions{Namespace: l.options.Namespace, Limit: pageSize}
	begin()
	for {
		list.SetContinue("") // a decoder leaves alone what the last page does not mention
		err := l.client.List(ctx, list, options)
		if apierrors.IsResourceExpired(err) && options.Continue != "" {
			options.Limit, options.Continue = 0, ""
			begin()
			continue
		}
		if err != nil {
			return err
		}
		add()
		if options.Continue = list.GetContinue(); options.Continue == "" {
			return nil
		}
	}
}

func (l *lister) listHPAs(ctx context.Context) error {
	list := &autoscalingv2.HorizontalPodAutoscalerList{}
	s := l.snapshot
	err := l.pages(ctx, list, func() { s.HPAs = nil }, func() {
		s.HPAs = append(s.HPAs, list.Items...)
		list.Items = nil
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
	add := func(kind string, o client.Object, template *corev1.PodTemplateSpec, running int32) {
		workload := Workload{o.GetNamespace(), kind, o.GetName()}
		if wanted[workload] {
			l.snapshot.Pods[workload] = podOf(&template.Spec, &running)
		}
	}
	unread = map[string]bool{}
	for _, w := range workloads(add) {
		if !kinds[w.kind] {
			continue
		}
		if err := l.pages(ctx, w.list, func() {}, w.add); err != nil {
			unread[w.kind] = true
			l.snapshot.note("what their Pods request is not known, because the %ss of %s cannot be listed: %s", w.kind, l.where(), oneLine(err))
		}
	}
	return unread
}

// listed is a kind of workload, its list, and what is done with each page.
type listed struct {
	kind string
	list client.ObjectList
	add  func()
}

// workloads returns the kinds that have a Pod template. Each object is given to add, with how many Pods it has.
func workloads(add func(string, client.Object, *corev1.PodTemplateSpec, int32)) []listed {
	deployments, replicaSets, statefulSets := &appsv1.DeploymentList{}, &appsv1.ReplicaSetList{}, &appsv1.StatefulSetList{}
	return []listed{
		{"Deployment", deployments, func() {
			for i := range deployments.Items {
				add("Deployment", &deployments.Items[i], &deployments.Items[i].Spec.Template, deployments.Items[i].Status.Replicas)
			}
			deployments.Items = nil
		}},
		{"ReplicaSet", replicaSets, func() {
			for i := range replicaSets.Items {
				add("ReplicaSet", &replicaSets.Items[i], &replicaSets.Items[i].Spec.Template, replicaSets.Items[i].Status.Replicas)
			}
			replicaSets.Items = nil
		}},
		{"StatefulSet", statefulSets, func() {
			for i := range statefulSets.Items {
				add("StatefulSet", &statefulSets.Items[i], &statefulSets.Items[i].Spec.Template, statefulSets.Items[i].Status.Replicas)
			}
			statefulSets.Items = nil
		}},
	}
}

func (l *lister) listQuotas(ctx context.Context) {
	list := &corev1.ResourceQuotaList{}
	s := l.snapshot
	err := l.pages(ctx, list, func() { s.Quotas = nil }, func() {
		s.Quotas = append(s.Quotas, list.Items...)
		list.Items = nil
	})
	if err != nil {
		s.Quotas = nil
		s.note("whether ResourceQuotas hold it is not known, because those of %s cannot be listed: %s", l.where(), oneLine(err))
	}
}

// oneLine is what went wrong, in one line.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
