package gitops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

const (
	app    = "web" // the name of every Deployment and HPA here
	floor  = 8     // what every schedule here asks for
	prefix = "floorkeeper.dev/"
)

// scene is what one row plays in: a namespace with a Deployment, the HPA that a writer makes for it, and a file in the
// schedule.
type scene struct {
	*cluster
	keeper    *keeper
	namespace string
	inForce
	opened time.Time
}

// newScene makes the namespace and the Deployment.
func (c *cluster) newScene(t *testing.T, k *keeper, namespace string, p inForce) *scene {
	t.Helper()
	ctx := t.Context()
	object := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	if _, err := c.client.CoreV1().Namespaces().Create(ctx, object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{"app": app}
	deployment := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: app},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(2)),
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
	if _, err := c.client.AppsV1().Deployments(namespace).Create(ctx, deployment, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return &scene{cluster: c, keeper: k, namespace: namespace, inForce: p}
}

// open lets an event of the schedule begin that covers the HPA, and close ends it, both as a person does: in the file.
func (s *scene) open(t *testing.T) {
	t.Helper()
	s.opened = time.Now().UTC().Add(-5 * time.Second)
	s.publish(t, s.opened.Add(time.Hour))
}

func (s *scene) close(t *testing.T) {
	t.Helper()
	s.publish(t, time.Now().UTC())
}

func (s *scene) publish(t *testing.T, end time.Time) {
	t.Helper()
	s.keeper.publish(t, s.namespace, fmt.Sprintf(`events:
- name: %[1]s
  start: %[2]q
  end: %[3]q
  targets: [{namespace: %[1]s, name: %[4]s, minReplicas: %[5]d}]
`, s.namespace, s.opened.Format(time.RFC3339), end.Format(time.RFC3339), app, floor))
}

func (s *scene) hpa(ctx context.Context) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	return s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Get(ctx, app, metav1.GetOptions{})
}

// state is the part of the HPA that concerns floorkeeper.
type state struct {
	Min                      int32
	Baseline, Floor, Because string
	Owned                    bool // floorkeeper owns a field
}

func stateOf(hpa *autoscalingv2.HorizontalPodAutoscaler) state {
	return state{
		Min:      *hpa.Spec.MinReplicas,
		Baseline: hpa.Annotations[prefix+"baseline"], Floor: hpa.Annotations[prefix+"floor"], Because: hpa.Annotations[prefix+"because"],
		Owned: slices.ContainsFunc(hpa.ManagedFields, func(e metav1.ManagedFieldsEntry) bool { return e.Manager == "floorkeeper" }),
	}
}

// awaitHeld waits until the HPA is at the floor over a baseline, and floorkeeper has handed its ownership back.
func (s *scene) awaitHeld(t *testing.T, baseline int32) {
	t.Helper()
	s.await(t, state{Min: floor, Baseline: fmt.Sprint(baseline), Floor: fmt.Sprint(floor), Because: s.namespace})
}

// awaitFree waits until the HPA is as its owner wants it, and nothing of floorkeeper's is left on it.
func (s *scene) awaitFree(t *testing.T, minReplicas int32) {
	t.Helper()
	hpa := s.await(t, state{Min: minReplicas})
	for key := range hpa.Annotations {
		if strings.HasPrefix(key, prefix) {
			t.Errorf("after the release the HPA has the annotation %s", key)
		}
	}
}

func (s *scene) await(t *testing.T, want state) *autoscalingv2.HorizontalPodAutoscaler {
	t.Helper()
	var found *autoscalingv2.HorizontalPodAutoscaler
	await.Success(t, fmt.Sprintf("HPA %s/%s to stand at %d", s.namespace, app, want.Min), func(context.Context) error {
		hpa, err := s.hpa(t.Context())
		if err != nil {
			return err
		}
		if diff := cmp.Diff(want, stateOf(hpa)); diff != "" {
			return fmt.Errorf("it differs (-want +got):\n%s%s", diff, s.keeper.about(s.namespace))
		}
		found = hpa
		return nil
	})
	return found
}

// awaitScaled waits until the HPA controller has scaled the Deployment to the floor.
func (s *scene) awaitScaled(t *testing.T) {
	t.Helper()
	await.Success(t, "the Deployment to be scaled to the floor", func(context.Context) error {
		d, err := s.client.AppsV1().Deployments(s.namespace).Get(t.Context(), app, metav1.GetOptions{})
		if err == nil && *d.Spec.Replicas != floor {
			err = fmt.Errorf("it has %d replicas", *d.Spec.Replicas)
		}
		return err
	})
}

// events counts those of a reason, which come after the change.
func (s *scene) events(t *testing.T, reason string) (n int32) {
	t.Helper()
	await.Success(t, "an Event "+reason, func(context.Context) error {
		list, err := s.client.EventsV1().Events(s.namespace).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			return err
		}
		n = 0
		for _, e := range list.Items {
			if e.Reason == reason {
				n++
				if e.Series != nil {
					n = e.Series.Count
				}
			}
		}
		if n == 0 {
			return errors.New("there is none")
		}
		return nil
	})
	return n
}

// reverts returns the notes of the Events about a floor that somebody lowered.
func (s *scene) reverts(ctx context.Context) (notes []string, err error) {
	list, err := s.client.EventsV1().Events(s.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for _, e := range list.Items {
		if e.Reason == "FloorReverted" {
			notes = append(notes, e.Note)
		}
	}
	return notes, nil
}

// wantReverted checks that an Event names the writer, and that the metrics count its writes.
func (s *scene) wantReverted(t *testing.T, wrote int32, manager string, times int) {
	t.Helper()
	want := fmt.Sprintf("minReplicas %d was written by %s; put back to %d", wrote, manager, floor)
	if err := await.Poll(t.Context(), 30*time.Second, func(context.Context) error {
		notes, err := s.reverts(t.Context())
		if err == nil && !slices.ContainsFunc(notes, func(note string) bool { return strings.HasPrefix(note, want) }) {
			err = fmt.Errorf("none begins with %q: %q", want, notes)
		}
		return err
	}); err != nil {
		t.Errorf("waited in vain for the Event FloorReverted: %v", err)
	}
	series := fmt.Sprintf("floorkeeper_reverts_total{manager=%q,namespace=%q}", manager, s.namespace)
	if samples, err := s.keeper.Samples(t.Context()); err != nil || samples[series] != float64(times) {
		t.Errorf("%s is %v (%v), want %d", series, samples[series], err, times)
	}
}
