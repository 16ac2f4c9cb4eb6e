package e2e

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// outageIsMadeUpFor: a boundary that passes while the API server is away takes effect when it is back. Meanwhile
// floorkeeper ends, because it cannot renew the Lease, and is then started again, as the kubelet does it.
func outageIsMadeUpFor(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.deploy(t, app{name: "held", min: 2, max: 20})
	name, open := s.named("gala"), openNow()
	now := event(name, open, s.targets("held: 6"))
	s.publish(t, now)
	keeper := s.keep(t, "first", s.mount)
	s.awaitHeld(t, "held", 6, 2, name)

	if err := s.StopComponent(controlplane.APIServer); err != nil {
		t.Fatal(err)
	}
	later := from(3*time.Second, 10*time.Minute)
	s.publish(t, now, event(s.named("later"), later, s.targets("web: 8")))
	keeper.mortal = true
	s.await(t, "floorkeeper to end", func(context.Context) error {
		if keeper.Alive() {
			return errors.New("it runs")
		}
		return nil
	})
	if code := keeper.ExitCode(); code != 2 {
		t.Errorf("floorkeeper ended with code %d, want 2", code)
	}
	<-time.After(time.Until(later.start))
	if err := s.StartComponent(t.Context(), controlplane.APIServer); err != nil {
		t.Fatal(err)
	}
	s.restart(t, "second").mortal = true
	s.awaitHeld(t, "web", 8, 2, s.named("later"))
	s.awaitHeld(t, "held", 6, 2, name)
	s.publish(t)
	s.awaitFree(t, "web", 2)
	s.awaitFree(t, "held", 2)
}
