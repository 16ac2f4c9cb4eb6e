package gitops

import (
	"context"
	"fmt"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// drift asks Flux, by a dry run, whether the HPA is as in Git. With the guard it is, as soon as floorkeeper knows
// the number in Git; without, Flux sees the floor and would take it away.
func (s *scene) drift(t *testing.T) {
	see := func(verb, minReplicas, want string) {
		t.Helper()
		if got, err := s.flux(t.Context(), verb, minReplicas); err != nil || got != want {
			t.Errorf("flux %s with minReplicas %s says %q (%v), want %q", verb, minReplicas, got, err, want)
		}
	}
	// differs asks kubectl, as Argo CD's server-side diff does: by a forced apply as a dry run.
	differs := func(minReplicas string, want bool) {
		t.Helper()
		out, err := s.kubectl(t.Context(), s.manifest(minReplicas), "diff", "--server-side", "--force-conflicts", "--field-manager=argocd-controller", "--filename=-")
		if got := err != nil; got != want {
			t.Errorf("kubectl diff with minReplicas %s sees a difference: %t, want %t: %s", minReplicas, got, want, out)
		}
	}
	see("apply", "2", "created")
	s.open(t)
	s.awaitHeld(t, 2)
	s.awaitScaled(t)
	seen := s.witness(t)
	if !s.guard {
		see("diff", "2", "configured")
		differs("2", true)
	} else {
		see("diff", "2", "unchanged")
		differs("2", false)
		see("apply", "2", "unchanged")
		see("diff", "3", "configured")
		see("apply", "3", "configured")
		see("diff", "3", "unchanged")
		see("apply", "2", "configured")
	}
	s.awaitHeld(t, 2)
	seen.catchUp(t, s)
	seen.wantUndisturbed(t)
	s.close(t)
	s.awaitFree(t, 2)
	see("diff", "2", "unchanged")
	see("apply", "2", "unchanged")
}

// TestWitness sees a floor fall that nobody keeps. Whatever is said here never to fall would be seen to fall.
func TestWitness(t *testing.T) {
	s := shared.newScene(t, nil, "witness", inForce{})
	if err := createTyped(t.Context(), s, fmt.Sprint(floor)); err != nil {
		t.Fatal(err)
	}
	s.awaitScaled(t)
	seen := s.witness(t)
	if err := putBack(t.Context(), s, "2"); err != nil {
		t.Fatal(err)
	}
	await.Success(t, "the fall to be seen", func(context.Context) error {
		if minReplicas, replicas := seen.lowest(); minReplicas != 2 || replicas != 2 {
			return fmt.Errorf("minReplicas went down to %d and the Deployment to %d, want 2", minReplicas, replicas)
		}
		return nil
	})
	t.Run("by the generation", func(t *testing.T) {
		kit.Need(t, s.ControlPlane, controlplane.Generations)
		if first, last := seen.generations[0], seen.generations[len(seen.generations)-1]; first == last {
			t.Errorf("metadata.generation of the HPA stayed at %d", first)
		}
	})
}
