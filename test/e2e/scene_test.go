package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/demand"
	"github.com/floorkeeper/floorkeeper/test/kit/history"
)

const prefix = "floorkeeper.dev/"

// scene is what one test plays in: a namespace of its own, and its file in the schedule directory of the floorkeepers
// that keep it.
type scene struct {
	*cluster
	namespace string
	mount     *mount
	keepers   []*process
	unjudged  string             // why its history is not checked
	maxFloor  int32              // of its floorkeepers; 0 for none
	gaps      []history.Interval // in which the API server ended
}

// newScene makes the namespace.
func (c *cluster) newScene(t *testing.T, namespace string, m *mount) *scene {
	t.Helper()
	object := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	if _, err := c.client.CoreV1().Namespaces().Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return &scene{cluster: c, namespace: namespace, mount: m}
}

// keep starts a floorkeeper for the scene's namespace alone, which is its home as well, and waits until it is ready.
func (s *scene) keep(t *testing.T, name string, m *mount, args ...string) *process {
	t.Helper()
	p := s.launch(t, name, m, args...)
	s.await(t, p.name+" to be ready", p.Ready)
	return p
}

// launch is keep without waiting.
func (s *scene) launch(t *testing.T, name string, m *mount, args ...string) *process {
	t.Helper()
	p := s.start(t, s.namespace+"-"+name, s.namespace, m, append([]string{"--namespaces=" + s.namespace}, args...)...)
	s.keepers = append(s.keepers, p)
	return p
}

// await is await.Success that ends with the lines of the logs about the scene.
func (s *scene) await(t *testing.T, what string, check func(context.Context) error) {
	t.Helper()
	err := await.Poll(t.Context(), await.Patience, check)
	if err == nil {
		return
	}
	var logs strings.Builder
	for _, p := range s.keepers {
		fmt.Fprintf(&logs, "\nthe log of %s ends with\n%s\nand about %s with\n%s", p.name, p.Tail(5), s.namespace,
			p.Tail(30, s.namespace))
	}
	t.Fatalf("waited in vain for %s: %v%s", what, err, &logs)
}

// publish makes the entries the only ones of the scene's schedule.
func (s *scene) publish(t *testing.T, entries ...entry) {
	t.Helper()
	s.mount.put(t, s.namespace+".yaml", schedule(entries...))
}

// named makes an entry name that no other scene uses.
func (s *scene) named(name string) string { return s.namespace + "-" + name }

// targets selects HPAs of the scene's namespace by name, each with an amount: "web: 12".
func (s *scene) targets(amounts ...string) string {
	var list []string
	for _, amount := range amounts {
		name, replicas, found := strings.Cut(amount, ": ")
		target := fmt.Sprintf("{namespace: %s, name: %s", s.namespace, name)
		if found {
			target += ", minReplicas: " + replicas
		}
		list = append(list, target+"}")
	}
	return "targets: [" + strings.Join(list, ", ") + "]"
}

// app is a Deployment and the HPA of the same name over it.
type app struct {
	name        string
	min, max    int32
	labels      map[string]string
	annotations map[string]string
	owners      []metav1.OwnerReference
	cpu         bool // scale on CPU, which nobody measures here, rather than on the external metric
	replicas    int32
}

// deploy creates the app and notes its minReplicas as its owner's word.
func (s *scene) deploy(t *testing.T, a app) {
	t.Helper()
	labels := map[string]string{"app": a.name}
	deployment := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: a.name},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(max(a.min, a.replicas)),
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					TerminationGracePeriodSeconds: new(int64(0)),
					Containers:                    []corev1.Container{{Name: "fake", Image: "fake"}},
				},
			},
		},
	}
	if _, err := s.client.AppsV1().Deployments(s.namespace).Create(t.Context(), deployment, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	s.createHPA(t, a)
}

// createHPA creates the HPA alone.
func (s *scene) createHPA(t *testing.T, a app) {
	t.Helper()
	s.createHPAFor(t, a, autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: a.name})
}

// createHPAFor is createHPA for another target.
func (s *scene) createHPAFor(t *testing.T, a app, target autoscalingv2.CrossVersionObjectReference) {
	t.Helper()
	hpa := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: a.name, Labels: a.labels, Annotations: a.annotations, OwnerReferences: a.owners},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: target,
			MinReplicas:    new(a.min),
			MaxReplicas:    a.max,
			Metrics:        []autoscalingv2.MetricSpec{a.metric()},
			Behavior: &autoscalingv2.HorizontalPodAutoscalerBehavior{
				ScaleDown: &autoscalingv2.HPAScalingRules{StabilizationWindowSeconds: new(int32(0))},
			},
		},
	}
	_, err := s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Create(t.Context(), hpa, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s.setOwned(s.namespace, a.name, a.min)
}

func (a app) metric() autoscalingv2.MetricSpec {
	if a.cpu {
		return autoscalingv2.MetricSpec{
			Type: autoscalingv2.ResourceMetricSourceType,
			Resource: &autoscalingv2.ResourceMetricSource{
				Name:   corev1.ResourceCPU,
				Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: new(int32(70))},
			},
		}
	}
	one := resource.MustParse("1")
	return autoscalingv2.MetricSpec{
		Type: autoscalingv2.ExternalMetricSourceType,
		External: &autoscalingv2.ExternalMetricSource{
			Metric: autoscalingv2.MetricIdentifier{Name: demand.Metric},
			Target: autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, AverageValue: &one},
		},
	}
}

// hpa reads an HPA.
func (s *scene) hpa(ctx context.Context, name string) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	return s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Get(ctx, name, metav1.GetOptions{})
}

// state is what floorkeeper does to an HPA: minReplicas, and the annotations that explain it. Since and until are left
// out, because they are instants.
type state struct {
	Min, Max                 int32
	Baseline, Floor, Because string
}

func stateOf(hpa *autoscalingv2.HorizontalPodAutoscaler) state {
	return state{
		Min: *hpa.Spec.MinReplicas, Max: hpa.Spec.MaxReplicas,
		Baseline: hpa.Annotations[prefix+"baseline"],
		Floor:    hpa.Annotations[prefix+"floor"],
		Because:  hpa.Annotations[prefix+"because"],
	}
}

// managedBy reports whether a field manager owns any field.
func managedBy(hpa *autoscalingv2.HorizontalPodAutoscaler, manager string) bool {
	return slices.ContainsFunc(hpa.ManagedFields, func(entry metav1.ManagedFieldsEntry) bool { return entry.Manager == manager })
}

// awaitHeld waits until an open entry holds an HPA at a floor over a baseline.
func (s *scene) awaitHeld(t *testing.T, name string, floor, baseline int32, because string) {
	t.Helper()
	s.awaitState(t, name, state{
		Min: floor, Baseline: fmt.Sprint(baseline), Floor: fmt.Sprint(floor), Because: because,
	})
}

// awaitFree waits until an HPA is as its owner wants it, without an annotation of floorkeeper.
func (s *scene) awaitFree(t *testing.T, name string, baseline int32) {
	t.Helper()
	s.awaitState(t, name, state{Min: baseline})
}

func (s *scene) awaitState(t *testing.T, name string, want state) {
	t.Helper()
	what := fmt.Sprintf("HPA %s/%s to have minReplicas %d", s.namespace, name, want.Min)
	s.await(t, what, func(ctx context.Context) error {
		hpa, err := s.hpa(ctx, name)
		if err != nil {
			return err
		}
		got := stateOf(hpa)
		if want.Max == 0 {
			got.Max = 0 // the test does not care
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("it differs (-want +got):\n%s%s", diff, s.eventList(ctx, name))
		}
		if want.Floor == "" && managedBy(hpa, "floorkeeper") {
			return errors.New("floorkeeper has not handed back the ownership of its fields")
		}
		return nil
	})
}

// awaitReady waits until a Deployment has a number of Ready Pods and no other.
func (s *scene) awaitReady(t *testing.T, name string, pods int32) {
	t.Helper()
	what := fmt.Sprintf("Deployment %s/%s to have %d Ready Pods", s.namespace, name, pods)
	s.await(t, what, func(ctx context.Context) error {
		d, err := s.client.AppsV1().Deployments(s.namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if d.Status.ReadyReplicas != pods || d.Status.Replicas != pods || d.Status.ObservedGeneration != d.Generation {
			conditions, _ := json.Marshal(d.Status.Conditions)
			return fmt.Errorf("it has %d, %d of them Ready: %s; %s", d.Status.Replicas, d.Status.ReadyReplicas, conditions,
				s.eventList(ctx, name))
		}
		return nil
	})
}

// patch changes an HPA with kubectl patch, as a person does.
func (s *scene) patch(t *testing.T, name, mergePatch string) {
	t.Helper()
	s.kubectl(t, "patch", "hpa", name, "--namespace="+s.namespace, "--type=merge", "--patch="+mergePatch)
}

// setMin is an edit by the owner.
func (s *scene) setMin(t *testing.T, name string, minReplicas int32) {
	t.Helper()
	s.patch(t, name, fmt.Sprintf(`{"spec":{"minReplicas":%d}}`, minReplicas))
	s.setOwned(s.namespace, name, minReplicas)
}
