package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/history"
)

// scene is what one test plays in: a namespace of its own, and the schedule file of the floorkeepers that keep it.
type scene struct {
	*cluster
	namespace string
	path      string // what --schedule names
	random    *rand.Rand
	keepers   []*keeper
	inForce   []history.InForce
	metrics   string           // where its keepers serve their metrics; empty if they do not
	hasty     bool             // its keepers are started again at once, however often they end
	owner     map[string]int32 // the owner's last word on minReplicas
	// Of floorkeeper's clocks: from an instant to what they show then, and how far they are apart. Nil is as it should
	// be.
	clock func(time.Time) time.Time
	skew  time.Duration
	end   time.Time          // zero while it plays
	gaps  []history.Interval // in which the API server ended
}

// play plays in a scene of its own.
func (c *cluster) play(t *testing.T, name string, play func(*testing.T, *scene)) {
	t.Helper()
	s := c.newScene(t, name)
	play(t, s)
	s.close(t)
}

// newScene makes the namespace, with a schedule that asks for nothing.
func (c *cluster) newScene(t *testing.T, namespace string) *scene {
	t.Helper()
	object := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	if _, err := c.client.CoreV1().Namespaces().Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := c.Beside(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	s := &scene{cluster: c, namespace: namespace, owner: map[string]int32{}, random: newRandom(c.seed, namespace)}
	s.path = filepath.Join(t.TempDir(), "schedule.yaml")
	s.publish(t)
	return s
}

// publish replaces the schedule file as a whole.
func (s *scene) publish(t *testing.T, events ...string) {
	t.Helper()
	text := schedule(events...)
	s.note(t, text)
	if err := errors.Join(os.WriteFile(s.path+".new", []byte(text), 0o644), os.Rename(s.path+".new", s.path)); err != nil {
		t.Fatal(err)
	}
}

// note notes a schedule that is in force from now on, or as soon as it is read, and returns it.
func (s *scene) note(t *testing.T, text string) *schedules.Schedule {
	t.Helper()
	parsed, err := config.Parse(source.File{Name: "schedule.yaml", Data: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	s.inForce = append(s.inForce, history.InForce{From: time.Now(), Schedule: parsed})
	return parsed
}

// schedule is the text of a schedule with these events.
func schedule(events ...string) string {
	text := "apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: UTC\nevents:"
	if len(events) == 0 {
		return text + " []\n"
	}
	return text + "\n" + strings.Join(events, "")
}

// span is the time from start to end.
type span struct{ start, end time.Time }

// openFrom is a span that begins a while after now, and that a test ends itself, with until.
func openFrom(delay time.Duration) span {
	start := time.Now().UTC().Add(delay).Truncate(time.Second)
	return span{start, start.Add(time.Hour)}
}

// until is the same span with an end that comes a while after now.
func (s span) until(delay time.Duration) span {
	return span{s.start, time.Now().UTC().Add(delay).Truncate(time.Second)}
}

// gala is an event over the span with a floor for the HPA web of the scene, and other HPAs.
func (s *scene) gala(open span, floor int32, others ...string) string {
	return s.event("gala", open, floor, append(others, "web")...)
}

// event is an entry of the schedule over the span with a floor for some HPAs of the scene.
func (s *scene) event(name string, open span, floor int32, hpas ...string) string {
	var targets []string
	for _, hpa := range hpas {
		targets = append(targets, fmt.Sprintf("{namespace: %s, name: %s, minReplicas: %d}", s.namespace, hpa, floor))
	}
	return fmt.Sprintf("- {name: %s, start: %q, end: %q, targets: [%s]}\n",
		name, open.start.Format(time.RFC3339), open.end.Format(time.RFC3339), strings.Join(targets, ", "))
}

// create creates an HPA and notes its minReplicas as its owner's word.
func (s *scene) create(t *testing.T, name string, minReplicas int32) {
	t.Helper()
	_, err := s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Create(t.Context(), newHPA(name, minReplicas), metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s.owner[name] = minReplicas
}

func newHPA(name string, minReplicas int32) *autoscalingv2.HorizontalPodAutoscaler {
	return &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: name},
			MinReplicas:    &minReplicas,
			MaxReplicas:    50,
		},
	}
}

// edit writes a minReplicas as the owner. Where the API server cannot be reached, the owner tries again.
func (s *scene) edit(t *testing.T, name string, minReplicas int32) {
	t.Helper()
	patch := fmt.Appendf(nil, `{"spec":{"minReplicas":%d}}`, minReplicas)
	await.Success(t, "the owner's edit", func(ctx context.Context) error {
		_, err := s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).
			Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: "owner"})
		return err
	})
	s.owner[name] = minReplicas
}

// drop deletes an HPA.
func (s *scene) drop(t *testing.T, name string) {
	t.Helper()
	err := s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Delete(t.Context(), name, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		t.Fatal(err)
	}
	delete(s.owner, name)
}

// hpa reads an HPA.
func (s *scene) hpa(ctx context.Context, name string) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	return s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Get(ctx, name, metav1.GetOptions{})
}

// state is what floorkeeper does to an HPA. A floor of "" is that of an HPA that is not held.
type state struct {
	Min             int32
	Baseline, Floor string
}

func stateOf(hpa *autoscalingv2.HorizontalPodAutoscaler) state {
	return state{*hpa.Spec.MinReplicas, hpa.Annotations[autoscaler.AnnotationBaseline], hpa.Annotations[autoscaler.AnnotationFloor]}
}

// held is an HPA at a floor over a baseline.
func held(floor, baseline int32) state {
	return state{floor, fmt.Sprint(baseline), fmt.Sprint(floor)}
}

// awaitHeld waits until the HPA is at the floor over what its owner wrote last.
func (s *scene) awaitHeld(t *testing.T, name string, floor int32) {
	t.Helper()
	s.awaitState(t, name, held(max(floor, s.owner[name]), s.owner[name]))
}

// awaitFree waits until the HPA is as its owner wrote it last.
func (s *scene) awaitFree(t *testing.T, name string) {
	t.Helper()
	s.awaitState(t, name, state{Min: s.owner[name]})
}

// awaitState waits until the HPA is in a state, with nothing of floorkeeper's in managedFields.
func (s *scene) awaitState(t *testing.T, name string, want state) {
	t.Helper()
	await.Success(t, fmt.Sprintf("HPA %s/%s to have minReplicas %d", s.namespace, name, want.Min), func(ctx context.Context) error {
		hpa, err := s.hpa(ctx, name)
		if err != nil {
			return err
		}
		if diff := cmp.Diff(want, stateOf(hpa)); diff != "" {
			return fmt.Errorf("it differs (-want +got):\n%s", diff)
		}
		return handedBack(hpa)
	})
}

// handedBack checks that floorkeeper owns no field of the HPA.
func handedBack(hpa *autoscalingv2.HorizontalPodAutoscaler) error {
	if slices.ContainsFunc(hpa.ManagedFields, func(e metav1.ManagedFieldsEntry) bool { return e.Manager == autoscaler.FieldManager }) {
		return errors.New("floorkeeper has not handed back the ownership of its fields")
	}
	return nil
}

// wantFree checks that nothing was lost: every HPA is as its owner wrote it last, and nothing of floorkeeper's is left.
func (s *scene) wantFree(t *testing.T) {
	t.Helper()
	for name := range s.owner {
		s.awaitFree(t, name)
		hpa, err := s.hpa(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		for key := range hpa.Annotations {
			if strings.HasPrefix(key, autoscaler.Prefix) {
				t.Errorf("HPA %s/%s has the annotation %s", s.namespace, name, key)
			}
		}
	}
}

// wantState checks the state of the HPA web.
func (s *scene) wantState(t *testing.T, want state) {
	t.Helper()
	hpa, err := s.hpa(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, stateOf(hpa)); diff != "" {
		t.Errorf("HPA %s/web differs (-want +got):\n%s", s.namespace, diff)
	}
}

// awaitMin waits until the HPA web has a minReplicas, whatever else.
func (s *scene) awaitMin(t *testing.T, want int32) {
	t.Helper()
	await.Success(t, fmt.Sprintf("minReplicas %d of HPA %s/web", want, s.namespace), func(ctx context.Context) error {
		hpa, err := s.hpa(ctx, "web")
		if err == nil && *hpa.Spec.MinReplicas != want {
			err = fmt.Errorf("it is %d", *hpa.Spec.MinReplicas)
		}
		return err
	})
}
