package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	reloaded  = "floorkeeper_schedule_last_reload_successful"
	configMap = "floorkeeper-schedule" // as deploy/kustomize names it
	lease     = "floorkeeper"
)

// broken is an edit with two mistakes: a misspelt field, and an amount that other readers would take for 8.
func broken(s *scene) string {
	return "apiVersion: floorkeeper.dev/v1\nkind: Schedule\nwindwos: []\nevents:\n" +
		strings.ReplaceAll(event(s.named("broken"), openNow(), s.targets("web: 010")).text, ", ", ",\n   ")
}

// brokenEditChangesNothing: the last good schedule stays in force, also for an HPA that comes later, and the refusal is
// reported. A good edit works again.
func brokenEditChangesNothing(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	name, open := s.named("gala"), openNow()
	good := "targets: [{namespace: " + s.namespace + ", minReplicas: 8}]"
	s.publish(t, event(name, open, good))
	keeper := s.keep(t, "only", s.mount)
	s.awaitHeld(t, "web", 8, 2, name)
	s.awaitSample(t, reloaded, 1)
	h := s.record(t, "web")

	s.mount.put(t, s.namespace+".yaml", broken(s))
	s.awaitSample(t, reloaded, 0)
	s.awaitRefusal(t, s.namespace+".yaml:3:1: ", "windwos")
	if err := keeper.Ready(t.Context()); err != nil {
		t.Errorf("with a good schedule in force, floorkeeper is not ready: %v", err)
	}
	s.deploy(t, app{name: "late", min: 3, max: 20})
	s.awaitHeld(t, "late", 8, 3, name)
	h.wantAlways(t, state{Min: 8, Max: 20, Baseline: "2", Floor: "8", Because: name})

	s.publish(t, event(name, open, strings.Replace(good, "8", "9", 1)))
	s.awaitHeld(t, "web", 9, 2, name)
	s.awaitSample(t, reloaded, 1)
	s.publish(t, event(name, open.soon(), strings.Replace(good, "8", "9", 1)))
	s.awaitFree(t, "web", 2)
	s.awaitFree(t, "late", 3)
}

// entryRemoved: an entry that leaves the file while it is open releases at once.
func entryRemoved(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	evening, gala, open := s.named("evening"), s.named("gala"), openNow()
	first := window(evening, open, s.targets("web: 5"))
	s.publish(t, first, event(gala, open, s.targets("web: 8")))
	s.awaitHeld(t, "web", 8, 2, gala)
	s.publish(t, first)
	s.awaitHeld(t, "web", 5, 2, evening)
	s.publish(t, first, event(gala, open, s.targets("web: 8")))
	s.awaitHeld(t, "web", 8, 2, gala)
	s.publish(t)
	s.awaitFree(t, "web", 2)
	s.awaitEvent(t, "web", kubeEvent{"Normal", "FloorReleased", "minReplicas 8 -> 2, the baseline: entry " + gala + " no longer covers it"})
	if time.Now().After(open.end) {
		t.Error("the entry was over before it was removed: this proves nothing")
	}
}

// manyEditsInARow, good and broken ones, never let the floor down, and the last good one counts.
func manyEditsInARow(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 30})
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("web: 8")))
	s.keep(t, "only", s.mount)
	s.awaitHeld(t, "web", 8, 2, name)
	h := s.record(t, "web")
	for i := range int32(20) {
		s.mount.put(t, "broken.yaml", broken(s))
		s.publish(t, event(name, open, s.targets(fmt.Sprintf("web: %d", 8+i))))
		if i%3 == 0 {
			s.awaitSample(t, reloaded, 0)
		}
		s.mount.drop(t, "broken.yaml")
		if i%5 == 0 {
			s.awaitHeld(t, "web", 8+i, 2, name)
		}
	}
	s.awaitHeld(t, "web", 27, 2, name)
	climb := minima(h.until(t, s, "the last edit", func(v version) bool { return v.Min == 27 }))
	if !slices.IsSorted(climb) || climb[0] != 8 {
		t.Errorf("minReplicas went through %v, want it never to fall", climb)
	}
	s.publish(t, event(name, open.soon(), s.targets("web: 27")))
	s.awaitFree(t, "web", 2)
}

// fileRemoved: an entry whose file leaves the directory is over as well, and the other files stay in force.
func fileRemoved(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	evening, gala, open := s.named("evening"), s.named("gala"), openNow()
	s.publish(t, window(evening, open, s.targets("web: 5")))
	extra := s.namespace + "-extra.yaml"
	s.mount.put(t, extra, schedule(event(gala, open, s.targets("web: 8"))))
	s.awaitHeld(t, "web", 8, 2, gala)
	s.mount.drop(t, extra)
	s.awaitHeld(t, "web", 5, 2, evening)
	s.mount.drop(t, s.namespace+".yaml")
	s.awaitFree(t, "web", 2)
}

// tomorrowsProblemsAreReported when the schedule is loaded, and not at kick-off.
func tomorrowsProblemsAreReported(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 8})
	in := func(hours time.Duration) span {
		start := time.Now().Add(hours * time.Hour)
		return span{start, start.Add(time.Hour)}
	}
	misspelt, big := s.named("misspelt"), s.named("big")
	s.publish(t, event(misspelt, in(3), s.targets("wbe: 4")), event(big, in(4), s.targets("web: 20")))
	s.keep(t, "only", s.mount)
	s.awaitSample(t, fmt.Sprintf("floorkeeper_entry_targets{entry=%q}", misspelt), 0)
	s.awaitSample(t, fmt.Sprintf("floorkeeper_entry_targets{entry=%q}", big), 1)
	s.awaitWarning(t, configMap, "FloorAtRisk", "event "+misspelt+", from ", ": it covers no HorizontalPodAutoscaler; check its targets")
	s.awaitWarning(t, "web", "FloorAtRisk", "event "+big+", from ",
		": the floor 20 is above maxReplicas 8 and will be clamped to it; raise maxReplicas before then")
	s.awaitSample(t, `floorkeeper_upcoming_problems{kind="clamped-floor"}`, 1)
	s.awaitSample(t, `floorkeeper_upcoming_problems{kind="matches-nothing"}`, 1)
	s.awaitSample(t, `floorkeeper_upcoming_problems{kind="owned-by-keda"}`, 0)
	s.awaitFree(t, "web", 2)
}

// awaitRefusal waits for the Event on the ConfigMap that names the place of the mistake.
func (s *scene) awaitRefusal(t *testing.T, parts ...string) {
	t.Helper()
	s.awaitWarning(t, configMap, "ScheduleRefused", parts...)
	described := s.kubectl(t, "describe", "configmap", configMap, "--namespace="+s.namespace)
	if err := containsAll(described, append(parts, "ScheduleRefused")); err != nil {
		t.Errorf("kubectl describe configmap: %v", err)
	}
}

// awaitWarning waits for an Event of type Warning on an object that contains all the parts.
func (s *scene) awaitWarning(t *testing.T, name, reason string, parts ...string) {
	t.Helper()
	s.await(t, "the Event "+reason, func(ctx context.Context) error {
		events, err := s.events(ctx, name)
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.reason == reason && e.eventType == "Warning" && containsAll(e.note, parts) == nil {
				return nil
			}
		}
		return fmt.Errorf("none contains %q among %s", parts, s.eventList(ctx, name))
	})
}

func containsAll(text string, parts []string) error {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return fmt.Errorf("%q is not in\n%s", part, text)
		}
	}
	return nil
}

// invalidStartTouchesNothing: without any valid schedule floorkeeper is alive and not ready, stays out of the election
// and writes nothing, until the file is put right.
func invalidStartTouchesNothing(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.mount.put(t, s.namespace+".yaml", broken(s))
	keeper := s.launch(t, "only", s.mount)
	s.awaitSample(t, reloaded, 0)
	if err := keeper.Ready(t.Context()); err == nil {
		t.Error("floorkeeper is ready without a valid schedule")
	}
	if err := keeper.Live(t.Context()); err != nil {
		t.Errorf("floorkeeper is not healthy: %v", err)
	}
	// It reads the file again every 10 s at the latest; another refusal shows that it has not given up.
	s.mount.put(t, s.namespace+".yaml", strings.ReplaceAll(broken(s), "windwos", "widnows"))
	s.await(t, "the second refusal", func(context.Context) error {
		return containsAll(keeper.Tail(100), []string{"widnows"})
	})
	if holder, err := s.leader(t.Context()); !apierrors.IsNotFound(err) {
		t.Errorf("the Lease is held by %q (%v), want none", holder, err)
	}
	if writes := s.audit.writes(t, s.namespace); len(writes) > 0 {
		t.Errorf("without a valid schedule floorkeeper wrote %+v", writes)
	}
	s.awaitFree(t, "web", 2)

	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("web: 8")))
	s.await(t, "floorkeeper to be ready", keeper.Ready)
	s.awaitHeld(t, "web", 8, 2, name)
	if holder, err := s.leader(t.Context()); err != nil || holder == "" {
		t.Errorf("the Lease is held by %q (%v)", holder, err)
	}
	s.publish(t, event(name, open.soon(), s.targets("web: 8")))
	s.awaitFree(t, "web", 2)
}

// leader returns who holds the Lease.
func (s *scene) leader(ctx context.Context) (string, error) {
	object, err := s.client.CoordinationV1().Leases(s.namespace).Get(ctx, lease, metav1.GetOptions{})
	if err != nil || object.Spec.HolderIdentity == nil {
		return "", err
	}
	return *object.Spec.HolderIdentity, nil
}
