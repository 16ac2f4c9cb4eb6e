package gitops

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// ownWrites is how many writes of one HPA floorkeeper needs for one window that nobody disturbs: the raise, the release, and a
// hand-back of ownership after each, unless the API server hands it back in the same write.
func (p inForce) ownWrites() int { return 2 * p.writesPerChange() }

func (p inForce) writesPerChange() int {
	if p.handBack {
		return 1
	}
	return 2
}

func TestWithoutPolicies(t *testing.T) { everyRow(t, inForce{}) }

func TestWithGuard(t *testing.T) {
	kit.Need(t, shared.ControlPlane, controlplane.MutatingPolicies)
	everyRow(t, inForce{guard: true, handBack: true})
}

func TestWithHandBackAlone(t *testing.T) {
	kit.Need(t, shared.ControlPlane, controlplane.MutatingPolicies)
	everyRow(t, inForce{handBack: true})
}

// everyRow plays every writer against one floorkeeper, side by side.
func everyRow(t *testing.T, p inForce) {
	if p != (inForce{}) {
		shared.switchOn(t, p)
	}
	shared.awaitPolicies(t, p)
	suffix := "-" + p.String()
	k := shared.keep(t, "keeper"+suffix)
	t.Run("rows", func(t *testing.T) {
		t.Run("nobody writes", func(t *testing.T) {
			t.Parallel()
			s := shared.newScene(t, k, "nobody-writes"+suffix, p)
			s.play(t, everyWriter()[1], change{})
			if raises, releases := s.events(t, "FloorRaised"), s.events(t, "FloorReleased"); raises != 1 || releases != 1 {
				t.Errorf("floorkeeper wrote %d Events for the raise and %d for the release, want one each", raises, releases)
			}
		})
		t.Run("drift as Flux sees it", func(t *testing.T) {
			t.Parallel()
			shared.newScene(t, k, "drift"+suffix, p).drift(t)
		})
		t.Run("applied without force at once", func(t *testing.T) {
			t.Parallel()
			shared.newScene(t, k, "at-once"+suffix, p).appliedAtOnce(t)
		})
		t.Run("the guard in the metrics", func(t *testing.T) {
			t.Parallel()
			await.Success(t, "floorkeeper_floor_guard_active", func(context.Context) error {
				samples, err := k.Samples(t.Context())
				if active := samples["floorkeeper_floor_guard_active"]; err == nil && (active == 1) != p.guard {
					err = fmt.Errorf("it is %v", active)
				}
				return err
			})
		})
		for _, w := range everyWriter() {
			for _, c := range w.changes() {
				name := w.name + ", " + c.name
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					p := p
					p.guard = p.guard && !w.unguarded
					s := shared.newScene(t, k, strings.NewReplacer(" ", "-", ",", "").Replace(strings.ToLower(name))+suffix, p)
					s.play(t, w, c)
				})
			}
		}
	})
}

// change is what becomes of minReplicas in Git, from 2 on, while the floor is in effect.
type change struct {
	name   string
	writes []string
}

// changes lists them. Nobody goes back to a release without minReplicas to leave it out.
func (w writer) changes() []change {
	simple := []change{{"unchanged", []string{"2"}}, {"changed", []string{"3"}}}
	if w.goesBack {
		return simple
	}
	return append(simple, []change{
		{"left out", []string{""}},
		{"repeated", []string{"2", "3", "3", ""}},
	}...)
}

// play lets a window open, the writer write in it, the window close, and the writer write again.
func (s *scene) play(t *testing.T, w writer, c change) {
	create := w.create
	if create == nil {
		create = w.write
	}
	if err := create(t.Context(), s, "2"); err != nil {
		t.Fatal(err)
	}
	owners := s.witness(t)
	s.open(t)
	s.awaitHeld(t, 2)
	s.awaitScaled(t)
	minReplicas, disturbed := s.writeInWindow(t, w, c)

	s.close(t)
	s.awaitFree(t, minReplicas)
	want := s.ownWrites()
	if !s.guard || w.recreates {
		want += s.writesPerChange() * disturbed // put back, and handed back
	}
	s.write(t, w, fmt.Sprint(minReplicas))
	s.awaitFree(t, minReplicas)
	s.write(t, w, "4")
	s.awaitFree(t, 4)
	owners.catchUp(t, s)
	if owned := owners.ownedVersions(); (owned == 0) != s.handBack {
		t.Errorf("floorkeeper owned fields of %d versions of the HPA", owned)
	}
	if got := s.keeperWrites(t); got != want {
		t.Errorf("floorkeeper wrote the HPA %d times, want %d:\n%s", got, want, s.keeper.about(s.namespace))
	}
}

// writeInWindow returns the minReplicas that the writer asks for in the end, and how many of its writes the floor had
// to be put back after.
func (s *scene) writeInWindow(t *testing.T, w writer, c change) (minReplicas int32, disturbed int) {
	t.Helper()
	seen := s.witness(t)
	minReplicas = 2
	first := int32(0)
	for _, value := range c.writes {
		s.write(t, w, value)
		if wrote, touches := w.meaning(value, s.guard && disturbed > 0); touches {
			minReplicas = wrote
			disturbed++
			if disturbed == 1 {
				first = wrote
			}
		}
		s.awaitHeld(t, minReplicas)
	}
	s.awaitScaled(t)
	seen.catchUp(t, s)
	if w.recreates {
		return minReplicas, disturbed // no update, which nobody can prevent or tell from a new HPA
	}
	if s.guard || disturbed == 0 {
		seen.wantUndisturbed(t)
		if notes, err := s.reverts(t.Context()); err != nil || len(notes) > 0 {
			t.Errorf("the floor was never lowered, and yet floorkeeper says %q (%v)", notes, err)
		}
		return minReplicas, disturbed
	}
	s.wantReverted(t, first, w.manager, disturbed) // in one Event a minute
	if minReplicas, replicas := seen.lowest(); minReplicas >= floor {
		t.Errorf("minReplicas never went below %d: the writer did not write", floor)
	} else {
		t.Logf("without the guard minReplicas went down to %d and the Deployment to %d", minReplicas, replicas)
	}
	return minReplicas, disturbed
}

// meaning is what a write asks minReplicas to be, and whether it touches it at all.
func (w writer) meaning(value string, owns bool) (minReplicas int32, touches bool) {
	if value == "" {
		return 1, !w.keeps || owns
	}
	n, err := strconv.ParseInt(value, 10, 32)
	if err != nil {
		panic(err)
	}
	return int32(n), true
}

// write must succeed. A writer that puts what it read before tries again, as it would anyway, if the HPA controller has
// written the status meanwhile; a conflict over the ownership of fields is an error.
func (s *scene) write(t *testing.T, w writer, minReplicas string) {
	t.Helper()
	for range 10 {
		err := w.write(t.Context(), s, minReplicas)
		if err == nil {
			return
		}
		if !strings.Contains(err.Error(), "the object has been modified") {
			t.Fatalf("%s cannot write minReplicas %q: %v", w.name, minReplicas, err)
		}
	}
	t.Fatalf("%s always finds the object modified", w.name)
}
