package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// multiplierOverTwoWindows multiplies what the windows give, whether or not they are open, and nothing else: neither
// the floor in effect nor the live minReplicas.
func multiplierOverTwoWindows(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 50})
	s.deploy(t, app{name: "api", min: 3, max: 50})
	s.deploy(t, app{name: "other", min: 3, max: 50})
	today := openNow()
	later := span{today.start.Add(8 * time.Hour), today.start.Add(9 * time.Hour)}
	day, night, gala := s.named("day"), s.named("night"), s.named("gala")
	windows := []entry{window(day, today, s.targets("web: 4")), window(night, later, s.targets("web: 3", "api: 5"))}
	s.publish(t, windows...)
	s.awaitHeld(t, "web", 4, 2, day)
	s.awaitReady(t, "web", 4)

	triple := []string{"multiplier: 3", "targets: [{namespace: " + s.namespace + "}]"}
	s.publish(t, append(windows, event(gala, today, triple...))...)
	s.awaitHeld(t, "web", 12, 2, gala)
	s.awaitHeld(t, "api", 15, 3, gala)
	s.awaitHeld(t, "other", 9, 3, gala) // no window selects it: three times its baseline
	s.awaitReady(t, "web", 12)
	s.awaitReady(t, "api", 15)
	keeper := s.keepers[0]
	series := fmt.Sprintf("floorkeeper_event_multiplier{event=%q}", gala)
	if value, err := keeper.sample(t.Context(), series); err != nil || value != 3 {
		t.Errorf("%s is %v (%v), want 3", series, value, err)
	}

	s.publish(t, append(windows, event(gala, today.soon(), triple...))...)
	s.awaitHeld(t, "web", 4, 2, day) // the window is still open
	s.awaitFree(t, "api", 3)
	s.awaitFree(t, "other", 3)
	s.publish(t)
	s.awaitFree(t, "web", 2)
	s.awaitReady(t, "web", 2)
}

// selectorCoversEveryNamespace raises by label and leaves alone what does not match.
func selectorCoversEveryNamespace(t *testing.T, s *scene) {
	other := s.newScene(t, s.namespace+"-too", s.mount)
	other.keepers = s.keepers
	front := map[string]string{"tier": "front", "scene": s.namespace}
	s.deploy(t, app{name: "web", min: 2, max: 20, labels: front})
	s.deploy(t, app{name: "jobs", min: 2, max: 20, labels: map[string]string{"tier": "back", "scene": s.namespace}})
	s.deploy(t, app{name: "canary", min: 2, max: 20, labels: map[string]string{"tier": "front", "scene": s.namespace, "canary": ""}})
	other.deploy(t, app{name: "shop", min: 3, max: 20, labels: front})
	name := s.named("front")
	selector := "targets: [{minReplicas: 7, selector: {matchLabels: {scene: " + s.namespace + "}, matchExpressions: [" +
		"{key: tier, operator: In, values: [front]}, {key: canary, operator: DoesNotExist}]}}]"
	open := openNow()
	s.publish(t, event(name, open, selector))
	s.awaitHeld(t, "web", 7, 2, name)
	other.awaitHeld(t, "shop", 7, 3, name)
	other.awaitReady(t, "shop", 7)
	s.awaitSample(t, fmt.Sprintf("floorkeeper_entry_targets{entry=%q}", name), 2)
	s.awaitFree(t, "jobs", 2)
	s.awaitFree(t, "canary", 2)

	s.publish(t, event(name, open.soon(), selector))
	s.awaitFree(t, "web", 2)
	other.awaitFree(t, "shop", 3)
}

// percentOfTheBaseline is rounded up, and follows the baseline.
func percentOfTheBaseline(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 3, max: 20})
	name, open := s.named("half-more"), openNow()
	s.publish(t, event(name, open, s.targets("web: 150%")))
	s.awaitHeld(t, "web", 5, 3, name)
	s.awaitReady(t, "web", 5)
	s.setMin(t, "web", 7)
	s.awaitHeld(t, "web", 11, 7, name)
	s.publish(t, event(name, open.soon(), s.targets("web: 150%")))
	s.awaitFree(t, "web", 7)
}

// zeroIsGivenBack: with an External metric minReplicas may be 0, and the HPA itself keeps one Pod.
func zeroIsGivenBack(t *testing.T, s *scene) {
	s.deploy(t, app{name: "queue", min: 0, max: 20, replicas: 1})
	s.awaitReady(t, "queue", 1)
	name, open := s.named("rush"), openNow()
	s.publish(t, event(name, open, s.targets("queue: 5")))
	s.awaitHeld(t, "queue", 5, 0, name)
	s.awaitReady(t, "queue", 5)
	s.publish(t, event(name, open.soon(), s.targets("queue: 5")))
	s.awaitFree(t, "queue", 0)
	s.awaitReady(t, "queue", 1)
}

// zeroIsNotGivenBack declares a baseline of 0, which the API server refuses: 1 is the nearest value.
func zeroIsNotGivenBack(t *testing.T, s *scene) {
	s.deploy(t, app{name: "queue", min: 2, max: 20, annotations: declared("0")})
	s.publish(t)
	s.keep(t, "only", s.mount)
	for i := range 2 {
		name := s.named(fmt.Sprint("rush-", i))
		s.publish(t, event(name, openNow(), s.targets("queue: 5")))
		s.awaitHeld(t, "queue", 5, 0, name)
		s.publish(t)
		s.awaitFree(t, "queue", 1)
		s.awaitEvent(t, "queue", kubeEvent{"Warning", "FloorReleased", "minReplicas 5 -> 1, the baseline: entry " + name +
			" no longer covers it; the owner's value 0 is not valid (the API server refuses 0; is its feature gate HPAScaleToZero off?), so the nearest valid value is set"})
	}
	s.setOwned(s.namespace, "queue", 1)
	s.wantEventCounts(t, "queue", map[string]int{"PatchRefused": 0})
}

// annotationsTakenOff removes floorkeeper's annotations and keeps minReplicas, as a tool does that owns the annotations
// and ignores minReplicas. The floor must not become the baseline: the next floor would be 300% of it. The command in the
// Event heals it.
func annotationsTakenOff(t *testing.T, s *scene) { s.takeAnnotationsOff(t, false) }

// annotationsTakenOffMeanwhile removes them while nobody leads: the Lease has kept the baseline.
func annotationsTakenOffMeanwhile(t *testing.T, s *scene) { s.takeAnnotationsOff(t, true) }

func (s *scene) takeAnnotationsOff(t *testing.T, restart bool) {
	t.Helper()
	s.deploy(t, app{name: "web", min: 4, max: 500})
	name, next, open := s.named("gala"), s.named("encore"), openNow()
	s.publish(t, event(name, open, s.targets("web: 300%")))
	keeper := s.keep(t, "first", s.mount)
	s.awaitHeld(t, "web", 12, 4, name)
	h := s.record(t, "web")
	remove := []string{"annotate", "hpa", "web", "--namespace=" + s.namespace}
	for _, annotation := range []string{"baseline", "floor", "because", "since", "until", "managed-by"} {
		remove = append(remove, prefix+annotation+"-")
	}
	s.awaitNoted(t)
	if restart {
		keeper.kill()
	}
	s.kubectl(t, remove...)
	if restart {
		s.keep(t, "second", s.mount)
	}
	heal := "annotate hpa web --namespace=" + s.namespace + " floorkeeper.dev/declared-baseline=4"
	s.awaitEvent(t, "web", kubeEvent{"Warning", "BaselineLost", "the annotations floorkeeper.dev/* were removed and minReplicas 12, " +
		"which is a floor, was kept, so minReplicas is left as it is. The baseline was 4; to restore it: kubectl " + heal})
	s.publish(t, event(next, open, s.targets("web: 300%")))
	s.publish(t, event(name, open, s.targets("web: 300%")))
	s.kubectl(t, strings.Fields(heal)...)
	s.awaitHeld(t, "web", 12, 4, name)
	s.publish(t)
	s.awaitFree(t, "web", 4)
	for _, v := range h.until(t, s, "the release", func(v version) bool { return v.Min == 4 }) {
		if v.Min > 12 {
			t.Errorf("minReplicas was raised to %d, on top of the floor", v.Min)
		}
	}
}

// awaitNoted waits until the leader has renewed its Lease with what it holds.
func (s *scene) awaitNoted(t *testing.T) {
	t.Helper()
	s.await(t, "the Lease to have notes", func(ctx context.Context) error {
		lease, err := s.client.CoordinationV1().Leases(s.namespace).Get(ctx, "floorkeeper", metav1.GetOptions{})
		if err == nil && lease.Annotations[prefix+"notes"] == "" {
			err = errors.New("it has none")
		}
		return err
	})
}

// clampedToMax raises to maxReplicas, reports that, and never changes maxReplicas.
func clampedToMax(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 8})
	name, open := s.named("crowd"), openNow()
	s.publish(t, event(name, open, s.targets("web: 20")))
	s.awaitState(t, "web", state{Min: 8, Max: 8, Baseline: "2", Floor: "8", Because: name})
	s.awaitReady(t, "web", 8)
	s.awaitEvent(t, "web", kubeEvent{
		"Warning", "FloorClamped",
		"floor 20 (event " + name + ") is above maxReplicas and is clamped to 8; raise maxReplicas to get it",
	})
	s.patch(t, "web", `{"spec":{"maxReplicas":30}}`)
	s.awaitState(t, "web", state{Min: 20, Max: 30, Baseline: "2", Floor: "20", Because: name})
	s.publish(t, event(name, open.soon(), s.targets("web: 20")))
	s.awaitState(t, "web", state{Min: 2, Max: 30})
}
