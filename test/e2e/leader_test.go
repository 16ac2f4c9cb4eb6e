package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// standbyTakesOver: when the leader dies shortly before a boundary, the other replica raises the floor.
func standbyTakesOver(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.publish(t)
	first := s.keep(t, "a", s.mount)
	var leader string
	s.await(t, "the first to lead", func(ctx context.Context) (err error) {
		if leader, err = s.leader(ctx); err == nil && leader == "" {
			err = fmt.Errorf("nobody leads")
		}
		return err
	})
	standby := s.keep(t, "b", s.mount)

	name := s.named("gala")
	gala := from(8*time.Second, 10*time.Minute)
	s.publish(t, event(name, gala, s.targets("web: 8")))
	for _, keeper := range s.keepers {
		s.await(t, keeper.name+" to know the schedule", func(ctx context.Context) error {
			_, err := keeper.sample(ctx, fmt.Sprintf("floorkeeper_entry_targets{entry=%q}", name))
			return err
		})
	}
	h := s.record(t, "web")
	<-time.After(time.Until(gala.start.Add(-time.Second)))
	first.kill()
	died := time.Now()
	h.wantAlways(t, state{Min: 2, Max: 20}) // the leader did not live to raise it

	s.awaitHeld(t, "web", 8, 2, name)
	versions := h.until(t, s, "the floor", func(v version) bool { return v.Min == 8 })
	raised := versions[len(versions)-1].seen
	t.Logf("the leader died %s before the start; the standby raised the floor %s after its death, %s after the start",
		gala.start.Sub(died).Round(time.Millisecond), raised.Sub(died).Round(time.Millisecond),
		raised.Sub(gala.start).Round(time.Millisecond))
	if holder, err := s.leader(t.Context()); err != nil || holder == leader || holder == "" {
		t.Errorf("the Lease is held by %q (%v), and was by %q", holder, err, leader)
	}
	s.awaitReady(t, "web", 8)
	s.keepers = []*process{standby}
	s.publish(t, event(name, gala.soon(), s.targets("web: 8")))
	s.awaitFree(t, "web", 2)
}

// steadyStateIsSilent: while nothing changes there are renewals of the Lease, and watches, and no other request.
func steadyStateIsSilent(t *testing.T, s *scene) {
	s.deploy(t, app{name: "held", min: 2, max: 20})
	s.deploy(t, app{name: "clamped", min: 2, max: 5})
	s.deploy(t, app{name: "free", min: 2, max: 20})
	s.deploy(t, app{name: "ignored", min: 2, max: 20, annotations: map[string]string{prefix + "ignore": "true"}})
	s.deploy(t, app{name: "damaged", min: 2, max: 20, annotations: map[string]string{prefix + "floor": "many"}})
	name, open := s.named("gala"), openNow()
	targets := s.targets("held: 8", "clamped: 8", "ignored: 8", "damaged: 8")
	s.publish(t, event(name, open, targets), window(s.named("misspelt"), open, s.targets("hedl: 8")))
	s.keep(t, "only", s.mount)
	s.awaitHeld(t, "held", 8, 2, name)
	s.awaitHeld(t, "clamped", 5, 2, name)
	s.awaitReady(t, "held", 8)
	s.awaitReady(t, "clamped", 5)

	mark := s.awaitRenewals(t, 0, 5)
	s.awaitRenewals(t, mark, 15)
	for _, r := range s.requestsHere(t)[mark:] {
		if r.Verb != "watch" && !r.renewal() {
			t.Errorf("while nothing changed floorkeeper sent %+v", r)
		}
	}

	s.publish(t, event(name, open.soon(), targets))
	s.awaitFree(t, "held", 2)
	s.awaitFree(t, "clamped", 2)
	s.patch(t, "damaged", `{"metadata":{"annotations":{"`+prefix+`floor":null}}}`)
}

func (r request) renewal() bool { return r.Verb == "update" && r.ObjectRef.Resource == "leases" }

// requestsHere are those of the scene's floorkeepers, whose whole world is its namespace.
func (s *scene) requestsHere(t *testing.T) []request {
	t.Helper()
	var here []request
	for _, r := range s.audit.requests(t) {
		if r.ObjectRef.Namespace == s.namespace {
			here = append(here, r)
		}
	}
	return here
}

// awaitRenewals waits until the Lease has been renewed a number of times in a row since a place in the requests, where
// other requests start the count anew unless that place is given. It returns how many requests there are now.
func (s *scene) awaitRenewals(t *testing.T, since, count int) int {
	t.Helper()
	var requests []request
	s.await(t, fmt.Sprintf("%d renewals of the Lease", count), func(context.Context) error {
		requests = s.requestsHere(t)
		renewals, other := 0, request{}
		for _, r := range requests[since:] {
			if r.renewal() {
				renewals++
				continue
			}
			if other = r; since == 0 {
				renewals = 0
			}
		}
		if renewals < count {
			return fmt.Errorf("there are %d, and the last other request is %+v", renewals, other)
		}
		return nil
	})
	return len(requests)
}
