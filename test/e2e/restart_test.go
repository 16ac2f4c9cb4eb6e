package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// restartKeepsFloors: neither a crash nor an orderly end lets a floor down or loses a baseline, and a multiplier does
// not compound. What the owner writes meanwhile is the baseline afterwards.
func restartKeepsFloors(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 50})
	s.deploy(t, app{name: "api", min: 2, max: 50})
	evening, gala, open := s.named("evening"), s.named("gala"), openNow()
	first := window(evening, open, s.targets("web: 4", "api: 4"))
	s.publish(t, first, event(gala, open, "multiplier: 3")) // every HPA that a window selects
	keeper := s.keep(t, "first", s.mount)
	s.awaitHeld(t, "web", 12, 2, gala)
	s.awaitHeld(t, "api", 12, 2, gala)
	h := s.record(t, "web")

	keeper.kill()
	s.awaitHeld(t, "web", 12, 2, gala)
	s.setMin(t, "api", 5)
	s.awaitState(t, "api", state{Min: 5, Max: 50, Baseline: "2", Floor: "12", Because: gala})
	keeper = s.restart(t, "after-crash")
	s.awaitHeld(t, "api", 12, 5, gala)

	if err := keeper.Stop(await.Patience); err != nil {
		t.Errorf("after SIGTERM floorkeeper ended with %v", err)
	}
	if holder, err := s.leader(t.Context()); err != nil || holder != "" {
		t.Errorf("after SIGTERM the Lease is held by %q (%v), want nobody", holder, err)
	}
	s.awaitHeld(t, "web", 12, 2, gala)
	s.awaitHeld(t, "api", 12, 5, gala)
	s.restart(t, "after-term")
	s.awaitReady(t, "web", 12)
	// A change that only the new process can have made: it leads, and has looked at everything.
	s.deploy(t, app{name: "late", min: 1, max: 50})
	s.publish(t, first, event(gala, open, "multiplier: 3"), event(s.named("late"), open, s.targets("late: 3")))
	s.awaitHeld(t, "late", 3, 1, s.named("late"))
	h.wantAlways(t, state{Min: 12, Max: 50, Baseline: "2", Floor: "12", Because: gala})

	s.publish(t, window(evening, open.soon(), s.targets("web: 4", "api: 4")), event(gala, open.soon(), "multiplier: 3"))
	s.awaitFree(t, "web", 2)
	s.awaitFree(t, "api", 5)
	s.awaitFree(t, "late", 1)
}

// missedBoundariesAreMadeUpFor: what began and ended while no floorkeeper ran follows from now. The settle time does
// not delay the end of a floor that was promised up to then.
func missedBoundariesAreMadeUpFor(t *testing.T, s *scene) {
	s.deploy(t, app{name: "over", min: 2, max: 20})
	s.deploy(t, app{name: "begun", min: 2, max: 20})
	first, second, open := s.named("first"), s.named("second"), openNow()
	s.publish(t, event(first, open, s.targets("over: 8")))
	keeper := s.keep(t, "first", s.mount)
	s.awaitHeld(t, "over", 8, 2, first)
	one, two := open.within(7*time.Second), from(8*time.Second, 10*time.Minute)
	s.publish(t, event(first, one, s.targets("over: 8")), event(second, two, s.targets("begun: 6")))
	s.await(t, "the promise of the near end", func(ctx context.Context) error {
		hpa, err := s.hpa(ctx, "over")
		if err != nil {
			return err
		}
		if until := hpa.Annotations[prefix+"until"]; until != one.end.Format(time.RFC3339Nano) {
			return fmt.Errorf("it is %q", until)
		}
		return nil
	})
	keeper.kill()
	<-time.After(time.Until(two.start.Add(time.Second)))
	s.restart(t, "second", "--settle-time=1h")
	s.awaitHeld(t, "begun", 6, 2, second)
	s.awaitFree(t, "over", 2)
	s.publish(t)
	s.awaitFree(t, "begun", 2)
}

// restart starts the successor of the scene's floorkeepers, all of which have ended.
func (s *scene) restart(t *testing.T, name string, args ...string) *process {
	t.Helper()
	s.keepers = nil
	return s.keep(t, name, s.mount, args...)
}

// settleTimeTrustsThePromise: a fresh process may read a file that is older than what its predecessor read. It raises
// at once, and lowers a floor that was promised only when the settle time is over.
func settleTimeTrustsThePromise(t *testing.T, s *scene) {
	const settle = 8 * time.Second
	h, began := s.startWithOldFile(t, "--settle-time="+settle.String())
	s.awaitFree(t, "web", 2)
	versions := h.until(t, s, "the release", func(v version) bool { return v.Floor == "" })
	waited := versions[len(versions)-1].seen.Sub(began)
	t.Logf("the floor was released %s after the start", waited.Round(time.Millisecond))
	if waited < settle {
		t.Errorf("the floor was released %s after the start, before the settle time of %s", waited, settle)
	}
	s.publish(t)
	s.awaitFree(t, "api", 2)
}

// settleTimeEndsWithTheFile: when the file changes it is current, and the schedule is followed at once.
func settleTimeEndsWithTheFile(t *testing.T, s *scene) {
	s.startWithOldFile(t, "--settle-time=1h")
	s.publish(t)
	s.awaitFree(t, "web", 2)
	s.awaitFree(t, "api", 2)
}

// settleTimeHeedsIgnore: what a person asks for on the HPA itself is done at once.
func settleTimeHeedsIgnore(t *testing.T, s *scene) {
	s.startWithOldFile(t, "--settle-time=1h")
	s.kubectl(t, "annotate", "hpa", "web", "--namespace="+s.namespace, prefix+"ignore=true")
	s.awaitFree(t, "web", 2)
	s.publish(t)
	s.awaitFree(t, "api", 2)
}

// startWithOldFile lets a floorkeeper hold web, and starts its successor with a file in which web does not occur yet.
// It returns once the successor has raised api, and web is as it was.
func (s *scene) startWithOldFile(t *testing.T, args ...string) (*recording, time.Time) {
	t.Helper()
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.deploy(t, app{name: "api", min: 2, max: 20})
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("web: 8")))
	keeper := s.keep(t, "first", s.mount)
	s.awaitHeld(t, "web", 8, 2, name)
	if err := keeper.Stop(await.Patience); err != nil {
		t.Errorf("floorkeeper ended with %v", err)
	}
	h := s.record(t, "web")
	s.publish(t, event(s.named("old"), open, s.targets("api: 6")))
	began := time.Now()
	s.restart(t, "second", args...)
	s.awaitHeld(t, "api", 6, 2, s.named("old"))
	held := state{Min: 8, Max: 20, Baseline: "2", Floor: "8", Because: name}
	h.until(t, s, "the held HPA", func(v version) bool { return v.state == held })
	h.wantAlways(t, held)
	return h, began
}

// dryRunWritesNothing: the log and the metrics show what would be done, and nothing else does.
func dryRunWritesNothing(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.awaitReady(t, "web", 2)
	h := s.record(t, "web")
	s.publish(t, event(s.named("gala"), openNow(), s.targets("web: 8")))
	keeper := s.keep(t, "dry", s.mount, "--dry-run")
	s.awaitSample(t, s.floorOf("web"), 8)
	s.await(t, "the log to show what would be done", func(context.Context) error {
		return containsAll(keeper.Tail(100), []string{"would change floor", `"to":8`})
	})
	// A refused edit and an HPA that leaves would be reported otherwise.
	s.mount.put(t, s.namespace+".yaml", broken(s))
	s.awaitSample(t, reloaded, 0)
	s.publish(t)
	s.awaitSample(t, reloaded, 1)
	if err := keeper.Stop(await.Patience); err != nil {
		t.Errorf("floorkeeper ended with %v", err)
	}
	if writes := s.audit.writes(t, s.namespace); len(writes) > 0 {
		t.Errorf("with --dry-run floorkeeper wrote %+v", writes)
	}
	h.wantAlways(t, state{Min: 2, Max: 20})
	if holder, err := s.leader(t.Context()); err == nil {
		t.Errorf("there is a Lease, held by %q", holder)
	}
	for _, name := range []string{"web", configMap} {
		if events, err := s.events(t.Context(), name); err != nil || len(events) > 0 {
			t.Errorf("the Events of %s are %q (%v), want none", name, events, err)
		}
	}
}

// patchesAreBounded: one patch for each transition of an HPA, and a second to hand the field back.
func patchesAreBounded(t *testing.T, s *scene) {
	const hpas = 5
	var names, targets []string
	for i := range hpas {
		names = append(names, fmt.Sprintf("web-%d", i))
		targets = append(targets, fmt.Sprintf("web-%d: 8", i))
		s.deploy(t, app{name: names[i], min: 2, max: 20})
	}
	s.publish(t)
	s.keep(t, "only", s.mount)
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets(targets...)))
	for _, hpa := range names {
		s.awaitHeld(t, hpa, 8, 2, name)
	}
	s.awaitSample(t, `floorkeeper_patches_total{direction="raise",result="success"}`, hpas)
	soon := open.soon()
	s.publish(t, event(name, soon, s.targets(targets...)))
	for _, hpa := range names {
		s.awaitFree(t, hpa, 2)
	}
	s.awaitSample(t, `floorkeeper_patches_total{direction="release",result="success"}`, hpas)
	// Three transitions: the raise, the shorter promise (perhaps too late to be made), the release.
	const most = 3 * 2
	for _, hpa := range names {
		writes := s.audit.hpaWrites(t, s.namespace, hpa)
		successes := 0
		for _, r := range writes {
			if r.Verb != "patch" {
				t.Errorf("floorkeeper did not patch but %s", r.Verb)
			}
			if r.ResponseStatus.Code == 200 {
				successes++
			}
		}
		if successes < 2 || successes > most {
			t.Errorf("%s was patched %d times, want between 2 and %d", hpa, successes, most)
		}
	}
}
