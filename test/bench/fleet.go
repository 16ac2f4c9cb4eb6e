package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// prefix begins the names of all namespaces with HPAs.
const prefix = "bench-"

const (
	baseline = 2 // of every HPA
	floor    = 10
	ceiling  = 1000
)

// fleet is the HPAs of the cluster. It only grows.
type fleet struct {
	client     kubernetes.Interface
	namespaces []string
	names      []types.NamespacedName
}

func newFleet(ctx context.Context, client kubernetes.Interface, namespaces int) (*fleet, error) {
	f := &fleet{client: client}
	for i := range namespaces {
		name := fmt.Sprintf("%s%02d", prefix, i)
		f.namespaces = append(f.namespaces, name)
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if _, err := client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil {
			return nil, fmt.Errorf("cannot create a namespace: %w", err)
		}
	}
	return f, nil
}

// grow adds HPAs until there are n.
func (f *fleet) grow(ctx context.Context, n int) error {
	first := len(f.names)
	if first > n {
		return fmt.Errorf("there are %d HPAs already: measure fewer first", first)
	}
	for i := first; i < n; i++ {
		f.names = append(f.names, types.NamespacedName{Namespace: f.namespaces[i%len(f.namespaces)], Name: fmt.Sprintf("service-%05d", i)})
	}
	return parallel(32, n-first, func(i int) error {
		hpa := newHPA(f.names[first+i])
		_, err := f.client.AutoscalingV2().HorizontalPodAutoscalers(hpa.Namespace).Create(ctx, hpa, metav1.CreateOptions{FieldManager: "helm"})
		return err
	})
}

// newHPA returns an HPA as a chart writes one.
func newHPA(name types.NamespacedName) *autoscalingv2.HorizontalPodAutoscaler {
	resource := func(name corev1.ResourceName, percent int32) autoscalingv2.MetricSpec {
		return autoscalingv2.MetricSpec{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{
			Name: name, Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: &percent},
		}}
	}
	return &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{
			Name: name.Name, Namespace: name.Namespace,
			Labels: map[string]string{
				"app.kubernetes.io/name": name.Name, "app.kubernetes.io/instance": name.Name, "app.kubernetes.io/managed-by": "Helm",
			},
			Annotations: map[string]string{"meta.helm.sh/release-name": name.Name, "meta.helm.sh/release-namespace": name.Namespace},
		},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: name.Name},
			MinReplicas:    new(int32(baseline)), MaxReplicas: ceiling,
			Metrics: []autoscalingv2.MetricSpec{resource(corev1.ResourceCPU, 70), resource(corev1.ResourceMemory, 80)},
		},
	}
}

// list returns all HPAs as the API server has them, in the order of names.
func (f *fleet) list(ctx context.Context) ([]autoscalingv2.HorizontalPodAutoscaler, error) {
	all, err := f.client.AutoscalingV2().HorizontalPodAutoscalers("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("cannot list the HPAs: %w", err)
	}
	found := make(map[types.NamespacedName]autoscalingv2.HorizontalPodAutoscaler, len(all.Items))
	for _, hpa := range all.Items {
		found[types.NamespacedName{Namespace: hpa.Namespace, Name: hpa.Name}] = hpa
	}
	hpas := make([]autoscalingv2.HorizontalPodAutoscaler, len(f.names))
	for i, name := range f.names {
		hpas[i] = found[name]
	}
	return hpas, nil
}

// reset gives all HPAs their first state, as a person would do it.
func (f *fleet) reset(ctx context.Context) error {
	data := fmt.Appendf(nil, `{"metadata":{"annotations":{"floorkeeper.dev/baseline":null,"floorkeeper.dev/floor":null,
		"floorkeeper.dev/because":null,"floorkeeper.dev/since":null,"floorkeeper.dev/until":null,
		"floorkeeper.dev/managed-by":null}},"spec":{"minReplicas":%d}}`, baseline)
	return parallel(32, len(f.names), func(i int) error {
		_, err := f.client.AutoscalingV2().HorizontalPodAutoscalers(f.names[i].Namespace).
			Patch(ctx, f.names[i].Name, types.MergePatchType, data, metav1.PatchOptions{FieldManager: "helm"})
		return err
	})
}

// head begins every schedule.
const head = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: UTC\n"

// occasion is a one-off event for every HPA.
type occasion struct {
	name        string
	start       time.Time
	minReplicas int
}

// end returns when it ends: after the run.
func (o occasion) end() time.Time { return o.start.Add(24 * time.Hour) }

// schedule returns a schedule with these events, and with windows of single namespaces that do not open during the run
// until it has so many entries.
func (f *fleet) schedule(entries int, occasions ...occasion) string {
	var text strings.Builder
	text.WriteString(head)
	if entries < 2 {
		text.WriteString("windows: []\n")
	} else {
		text.WriteString("windows:\n")
	}
	for i := range entries - 1 {
		start := time.Now().UTC().Add(4*time.Hour + time.Duration(i%720)*time.Minute)
		fmt.Fprintf(&text, "- {name: other-%d, start: %q, duration: 1h, targets: [{namespace: %s, minReplicas: 5}]}\n",
			i, start.Format("15:04"), f.namespaces[i%len(f.namespaces)])
	}
	if len(occasions) > 0 {
		text.WriteString("events:\n")
	}
	for _, o := range occasions {
		fmt.Fprintf(&text, "- name: %s\n  start: %q\n  end: %q\n  targets:\n", o.name,
			o.start.UTC().Format(time.RFC3339), o.end().UTC().Format(time.RFC3339))
		for _, namespace := range f.namespaces {
			fmt.Fprintf(&text, "  - {namespace: %s, minReplicas: %d}\n", namespace, o.minReplicas)
		}
	}
	return text.String()
}

// parallel calls a function for 0 to n-1, so many at a time, and returns the first error.
func parallel(atATime, n int, do func(i int) error) error {
	var (
		wg    sync.WaitGroup
		once  sync.Once
		first error
	)
	next := make(chan int)
	for range min(atATime, n) {
		wg.Go(func() {
			for i := range next {
				if err := do(i); err != nil {
					once.Do(func() { first = err })
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	return first
}
