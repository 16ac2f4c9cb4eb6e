package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// declaring is the annotation with which an owner declares a baseline, for an HPA whose minReplicas nobody restores.
const declaring = prefix + "declared-baseline"

func declared(value string) map[string]string { return map[string]string{declaring: value} }

// declare writes the annotation, as its owner.
func (s *scene) declare(t *testing.T, name, value string) {
	t.Helper()
	s.kubectl(t, "annotate", "--overwrite", "hpa", name, "--namespace="+s.namespace, declaring+"="+value)
}

// declaredIsNotImposed: a declaration alone is no reason to write, before, between and after entries.
func declaredIsNotImposed(t *testing.T, s *scene) {
	h := s.deployDeclared(t, app{name: "uncovered", min: 6, max: 20, annotations: declared("3")})
	later := s.deployDeclared(t, app{name: "later", min: 6, max: 20, annotations: declared("3")})
	s.deploy(t, app{name: "web", min: 2, max: 20})
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("web: 8")), window(s.named("evening"), from(time.Hour, time.Hour), s.targets("later: 9")))
	s.awaitHeld(t, "web", 8, 2, name)
	s.declare(t, "uncovered", "4")
	s.patch(t, "uncovered", `{"metadata":{"labels":{"team":"video"}}}`)
	s.publish(t)
	s.awaitFree(t, "web", 2)
	h.wantAlways(t, state{Min: 6, Max: 20})
	later.wantAlways(t, state{Min: 6, Max: 20})
	for _, hpa := range []string{"uncovered", "later"} {
		if writes := s.audit.hpaWrites(t, s.namespace, hpa); len(writes) > 0 {
			t.Errorf("floorkeeper wrote to an HPA that no entry covers: %+v", writes)
		}
	}
}

// deployDeclared is deploy with a history of the HPA.
func (s *scene) deployDeclared(t *testing.T, a app) *recording {
	t.Helper()
	h := s.record(t, a.name)
	s.deploy(t, a)
	return h
}

// declaredIsTheBaseline: what is recorded, what percentages and multipliers are of, and what is given back is the
// declared value, also when it changes while the floor is in effect.
func declaredIsTheBaseline(t *testing.T, s *scene) {
	for _, name := range []string{"absolute", "percent", "multiplied"} {
		s.deploy(t, app{name: name, min: 6, max: 30, annotations: declared("4")})
	}
	evening, gala, open := s.named("evening"), s.named("gala"), openNow()
	s.publish(t, window(evening, open, s.targets("absolute: 9", `percent: "250%"`)),
		event(gala, open, s.targets("multiplied"), "multiplier: 3"))
	s.awaitHeld(t, "absolute", 9, 4, evening)
	s.awaitHeld(t, "percent", 10, 4, evening)
	s.awaitHeld(t, "multiplied", 12, 4, gala)

	for _, name := range []string{"absolute", "percent", "multiplied"} {
		s.declare(t, name, "5")
		s.setOwned(s.namespace, name, 5)
	}
	s.awaitHeld(t, "absolute", 9, 5, evening)
	s.awaitHeld(t, "percent", 13, 5, evening)
	s.awaitHeld(t, "multiplied", 15, 5, gala)
	for _, name := range []string{"absolute", "percent", "multiplied"} {
		s.awaitEvent(t, name, kubeEvent{"Normal", "BaselineChanged", "baseline 4 -> 5, from " + declaring})
	}
	s.publish(t)
	for _, name := range []string{"absolute", "percent", "multiplied"} {
		s.awaitFree(t, name, 5)
	}
	s.awaitEvent(t, "absolute", kubeEvent{
		"Normal", "FloorReleased", "minReplicas 9 -> 5, the baseline: entry " + evening + " no longer covers it",
	})
	s.wantEventCounts(t, "absolute", map[string]int{"FloorRaised": 1, "BaselineChanged": 1, "FloorReleased": 1, "DeclarationIgnored": 0})
}

// declaredOutlastsAWriter: a tool that applies another minReplicas while the floor is in effect changes nothing of what
// is given back.
func declaredOutlastsAWriter(t *testing.T, s *scene) {
	s.writeOverDeclared(t, func() {
		s.await(t, "the floor to be put back", func(ctx context.Context) error {
			if text := s.eventList(ctx, "web"); !strings.Contains(text, "was written by gitops; put back to 8") {
				return fmt.Errorf("%s", text)
			}
			return nil
		})
	})
}

// writeOverDeclared lets the tool do so, and a check follow.
func (s *scene) writeOverDeclared(t *testing.T, check func()) {
	t.Helper()
	s.deploy(t, app{name: "web", min: 3, max: 20, annotations: declared("3")})
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("web: 8")))
	s.awaitHeld(t, "web", 8, 3, name)
	s.gitOps(t, "web", 2)
	s.awaitHeld(t, "web", 8, 3, name)
	check()
	s.gitOps(t, "web", 10) // above the floor, it stays, and is no baseline either
	s.awaitState(t, "web", state{Min: 10, Max: 20, Baseline: "3", Floor: "8", Because: name})
	s.publish(t, event(name, open.soon(), s.targets("web: 8")))
	s.awaitFree(t, "web", 3)
	if hpa, err := s.hpa(t.Context(), "web"); err != nil || hpa.Annotations[declaring] != "3" {
		t.Errorf("the declaration is gone: %v, %v", hpa.Annotations, err)
	}
}

// gitOps is a tool that applies its manifest, and knows no annotation.
func (s *scene) gitOps(t *testing.T, name string, minReplicas int32) {
	t.Helper()
	s.applyAs(t, "gitops", s.manifest(name, minReplicas))
}

// declaredHeals: damaged annotations are put right from the declaration, whether or not an entry is open.
func declaredHeals(t *testing.T, s *scene) {
	s.deploy(t, app{name: "inside", min: 3, max: 20, annotations: declared("3")})
	s.deploy(t, app{name: "outside", min: 8, max: 20, annotations: map[string]string{
		prefix + "baseline": "two", prefix + "floor": "8", prefix + "because": "yesterday",
	}})
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("inside: 8")))
	s.awaitHeld(t, "inside", 8, 3, name)
	s.kubectl(t, "annotate", "--overwrite", "hpa", "inside", "--namespace="+s.namespace, prefix+"baseline=two")
	s.awaitHeld(t, "inside", 8, 3, name)
	healed := kubeEvent{"Normal", "BaselineChanged", "baseline 3, from " + declaring + ": the other annotations were damaged"}
	s.awaitEvent(t, "inside", healed)

	s.awaitReason(t, "outside", "Warning", "BaselineLost")
	s.declare(t, "outside", "3")
	s.setOwned(s.namespace, "outside", 3)
	s.awaitFree(t, "outside", 3)
	s.awaitEvent(t, "outside", healed)
	s.publish(t)
	s.awaitFree(t, "inside", 3)
	s.wantEventCounts(t, "inside", map[string]int{"BaselineLost": 0})
}

// healingIsReported: the release of a healed HPA names no entry, since nobody knows which it was.
func healingIsReported(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 8, max: 20, annotations: map[string]string{
		prefix + "baseline": "two", prefix + "floor": "8", declaring: "3",
	}})
	s.setOwned(s.namespace, "web", 3)
	s.publish(t)
	s.awaitFree(t, "web", 3)
	s.awaitEvent(t, "web", kubeEvent{"Normal", "FloorReleased", "minReplicas 8 -> 3, the baseline: no entry is open"})
}

// declarationIsWithdrawn: while the floor is in effect, what was recorded remains the baseline.
func declarationIsWithdrawn(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 6, max: 20, annotations: declared("3")})
	s.deploy(t, app{name: "api", min: 2, max: 20})
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("web: 8", "api: 8")))
	s.awaitHeld(t, "web", 8, 3, name)
	s.kubectl(t, "annotate", "hpa", "web", "--namespace="+s.namespace, declaring+"-")
	s.setOwned(s.namespace, "web", 3)
	s.setMin(t, "api", 4) // seen later than the above, and answered
	s.awaitHeld(t, "api", 8, 4, name)
	s.awaitHeld(t, "web", 8, 3, name)
	s.publish(t, event(name, open.soon(), s.targets("web: 8", "api: 8")))
	s.awaitFree(t, "web", 3)
	s.awaitFree(t, "api", 4)
	s.wantEventCounts(t, "web", map[string]int{"BaselineChanged": 0})
}

// declarationIsIgnored where it is no number in the form that floorkeeper writes: that is reported, and nothing else is
// different.
func declarationIsIgnored(t *testing.T, s *scene) {
	invalid := map[string]string{"text": "abc", "zero-led": "03", "negative": "-3", "too-long": "1000000", "spaced": "3 "}
	var targets []string
	for name, value := range invalid {
		s.deploy(t, app{name: name, min: 2, max: 20, annotations: declared(value)})
		targets = append(targets, name+": 8")
	}
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets(targets...)))
	for hpa, value := range invalid {
		s.awaitHeld(t, hpa, 8, 2, name)
		s.awaitEvent(t, hpa, kubeEvent{
			"Warning", "DeclarationIgnored",
			fmt.Sprintf("%s %q is not applied: write a whole number from 0 to 999999; the baseline is 2", declaring, value),
		})
	}
	s.publish(t, event(name, open.soon(), s.targets(targets...)))
	for hpa := range invalid {
		s.awaitFree(t, hpa, 2)
		s.wantEventCounts(t, hpa, map[string]int{"DeclarationIgnored": 1, "BaselineChanged": 0, "FloorRaised": 1, "FloorReleased": 1})
	}
}

// illegalBaselineIsMoved to the nearest legal one, and that is a Warning: one declared above maxReplicas, one declared
// 0 without a metric that allows it, and one of 0 whose metric was removed meanwhile.
func illegalBaselineIsMoved(t *testing.T, s *scene) {
	s.deploy(t, app{name: "high", min: 2, max: 20, annotations: declared("50")})
	s.deploy(t, app{name: "low", min: 2, max: 20, cpu: true, annotations: declared("0")})
	s.deploy(t, app{name: "zero", min: 0, max: 20, annotations: declared("0")}) // legal
	s.deploy(t, app{name: "robbed", min: 0, max: 20})
	name, open := s.named("gala"), openNow()
	targets := s.targets("high: 8", "low: 8", "zero: 8", "robbed: 8")
	s.publish(t, event(name, open, targets))
	s.awaitHeld(t, "high", 20, 20, name)
	s.awaitHeld(t, "low", 8, 1, name)
	s.awaitHeld(t, "zero", 8, 0, name)
	s.awaitHeld(t, "robbed", 8, 0, name)
	metrics, err := json.Marshal([]autoscalingv2.MetricSpec{app{cpu: true}.metric()})
	if err != nil {
		t.Fatal(err)
	}
	s.patch(t, "robbed", fmt.Sprintf(`{"spec":{"metrics":%s}}`, metrics))
	s.awaitHeld(t, "robbed", 8, 0, name)

	s.publish(t)
	for hpa, want := range map[string]struct {
		minReplicas int32
		eventType   string
		note        string
	}{
		"high":   {20, "Warning", "minReplicas 20 -> 20, the baseline: entry %s no longer covers it; the owner's value 50 is not valid (maxReplicas is 20), so the nearest valid value is set"},
		"low":    {1, "Warning", "minReplicas 8 -> 1, the baseline: entry %s no longer covers it; the owner's value 0 is not valid (0 needs an Object or External metric), so the nearest valid value is set"},
		"zero":   {0, "Normal", "minReplicas 8 -> 0, the baseline: entry %s no longer covers it"},
		"robbed": {1, "Warning", "minReplicas 8 -> 1, the baseline: entry %s no longer covers it; the owner's value 0 is not valid (0 needs an Object or External metric), so the nearest valid value is set"},
	} {
		s.setOwned(s.namespace, hpa, want.minReplicas)
		s.awaitFree(t, hpa, want.minReplicas)
		s.awaitEvent(t, hpa, kubeEvent{want.eventType, "FloorReleased", fmt.Sprintf(want.note, name)})
		s.wantEventCounts(t, hpa, map[string]int{"FloorReleased": 1})
	}
}
