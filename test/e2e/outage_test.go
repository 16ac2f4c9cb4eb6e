package e2e

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/controlplane"
)

// outageIsMadeUpFor: a boundary that passes while the API server is away takes effect when it is back. Floorkeeper may
// end meanwhile, because it cannot renew the Lease, and is then started again, as the kubelet does it.
func outageIsMadeUpFor(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.deploy(t, app{name: "held", min: 2, max: 20})
	name, open := s.named("gala"), openNow()
	later := from(8*time.Second, 10*time.Minute)
	entries := []entry{event(name, open, s.targets("held: 6")), event(s.named("later"), later, s.targets("web: 8"))}
	s.publish(t, entries...)
	keeper := s.keep(t, "first", s.mount)
	keeper.mortal = true
	s.awaitHeld(t, "held", 6, 2, name)

	if err := s.StopComponent(controlplane.APIServer); err != nil {
		t.Fatal(err)
	}
	if now := time.Now(); now.After(later.start) {
		t.Errorf("the API server stopped %s after the boundary: this proves nothing", now.Sub(later.start))
	}
	<-time.After(time.Until(later.start.Add(time.Second)))
	if err := s.StartComponent(t.Context(), controlplane.APIServer); err != nil {
		t.Fatal(err)
	}
	s.await(t, "floorkeeper to lead or to end", func(ctx context.Context) error {
		select {
		case <-keeper.exited:
			return nil
		default:
		}
		if hpa, err := s.hpa(ctx, "web"); err != nil || *hpa.Spec.MinReplicas != 8 {
			return errors.Join(errors.New("the floor is not raised"), err)
		}
		return nil
	})
	select {
	case <-keeper.exited:
		t.Logf("floorkeeper ended (%v) and is started again", keeper.err)
		s.restart(t, "second")
	default:
	}
	s.awaitHeld(t, "web", 8, 2, s.named("later"))
	s.awaitHeld(t, "held", 6, 2, name)
	s.publish(t)
	s.awaitFree(t, "web", 2)
	s.awaitFree(t, "held", 2)
}
