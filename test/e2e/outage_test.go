package e2e

import (
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/history"
)

// outageIsMadeUpFor: a boundary that passes while the API server is away takes effect when it is back. Meanwhile
// floorkeeper cannot renew its Lease, and does not end by that.
func outageIsMadeUpFor(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.deploy(t, app{name: "held", min: 2, max: 20})
	name, open := s.named("gala"), openNow()
	now := event(name, open, s.targets("held: 6"))
	s.publish(t, now)
	s.keep(t, "first", s.mount).mortal = true // its log holds what the API server answered while it started
	s.awaitHeld(t, "held", 6, 2, name)

	gap := history.Interval{From: time.Now().Add(-time.Second)}
	if err := s.StopComponent(controlplane.APIServer); err != nil {
		t.Fatal(err)
	}
	later := from(3*time.Second, 10*time.Minute)
	s.publish(t, now, event(s.named("later"), later, s.targets("web: 8")))
	<-time.After(time.Until(later.start.Add(5 * time.Second))) // its Lease has ended by then
	if err := s.StartComponent(t.Context(), controlplane.APIServer); err != nil {
		t.Fatal(err)
	}
	gap.To = time.Now()
	s.gaps = append(s.gaps, gap)
	s.awaitHeld(t, "web", 8, 2, s.named("later"))
	s.awaitHeld(t, "held", 6, 2, name)
	s.publish(t)
	s.awaitFree(t, "web", 2)
	s.awaitFree(t, "held", 2)
}
