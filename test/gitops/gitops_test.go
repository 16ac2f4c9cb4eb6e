package gitops

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// ownWrites is how many writes of one HPA floorkeeper needs for one window that nobody disturbs: the raise, the release,
// and a hand-back of ownership after each.
const ownWrites = 4

func TestWithoutGuard(t *testing.T) { everyRow(t, false) }

func TestWithGuard(t *testing.T) {
	shared.switchGuardOn(t)
	everyRow(t, true)
}

// everyRow plays every writer against one floorkeeper, side by side.
func everyRow(t *testing.T, guarded bool) {
	shared.awaitGuard(t, guarded)
	suffix := "-off"
	if guarded {
		suffix = "-on"
	}
	k := shared.keep(t, "keeper"+suffix)
	t.Run("rows", func(t *testing.T) {
		for _, w := range everyWriter() {
			for _, c := range changes() {
				name := w.name + ", " + c.name
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					s := shared.newScene(t, k, strings.NewReplacer(" ", "-", ",", "").Replace(strings.ToLower(name))+suffix, guarded)
					s.play(t, w, c)
				})
			}
		}
	})
}

// change is what becomes of minReplicas in Git, from 2 on, while the floor stands.
type change struct {
	name   string
	writes []string
}

func changes() []change {
	return []change{
		{"unchanged", []string{"2"}},
		{"changed", []string{"3"}},
		{"left out", []string{""}},
		{"several times", []string{"2", "3", "3"}},
	}
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
	s.open(t)
	s.awaitHeld(t, 2)
	s.awaitScaled(t)
	wish, disturbed := s.writeInWindow(t, w, c)

	s.close(t)
	s.awaitFree(t, wish)
	want := ownWrites
	if !s.guarded {
		want += 2 * disturbed // put back, and handed back
	}
	s.write(t, w, fmt.Sprint(wish))
	s.awaitFree(t, wish)
	s.write(t, w, "4")
	s.awaitFree(t, 4)
	if got := s.keeperWrites(t); got != want {
		t.Errorf("floorkeeper wrote the HPA %d times, want %d:\n%s", got, want, s.keeper.about(s.namespace))
	}
}

// writeInWindow returns the writer's wish in the end, and how many of its writes the floor had to be put back after.
func (s *scene) writeInWindow(t *testing.T, w writer, c change) (wish int32, disturbed int) {
	t.Helper()
	seen := s.witness(t)
	wish = 2
	for _, value := range c.writes {
		s.write(t, w, value)
		wrote, touches := w.meaning(value)
		if touches {
			wish = wrote
			disturbed++
		}
		if touches && disturbed == 1 && !s.guarded { // one Event in a minute is enough
			s.awaitReverted(t, wrote, w.manager)
		}
		s.awaitHeld(t, wish)
	}
	s.awaitScaled(t)
	seen.catchUp(t, s)
	if s.guarded || disturbed == 0 {
		seen.wantUndisturbed(t)
		if notes, err := s.reverts(t.Context()); err != nil || len(notes) > 0 {
			t.Errorf("the floor was never lowered, and yet floorkeeper says %q (%v)", notes, err)
		}
		return wish, disturbed
	}
	if got := s.keeper.reverts(t, s.namespace, w.manager); got != disturbed {
		t.Errorf("floorkeeper counts %d reverts by %s, want %d", got, w.manager, disturbed)
	}
	if minReplicas, replicas := seen.lowest(); minReplicas >= floor {
		t.Errorf("minReplicas never went below %d: the writer did not write", floor)
	} else {
		t.Logf("without the guard minReplicas went down to %d and the Deployment to %d", minReplicas, replicas)
	}
	return wish, disturbed
}

// meaning is what a write makes of minReplicas without a guard, and whether it touches it at all.
func (w writer) meaning(value string) (minReplicas int32, touches bool) {
	if value == "" {
		return 1, !w.keeps
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

// switchGuardOn applies the overlay of somebody who switches the guard on, until the end of the test.
func (c *cluster) switchGuardOn(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "deploy"))); err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay")
	if err := os.Mkdir(overlay, 0o755); err != nil {
		t.Fatal(err)
	}
	text := "resources: [../kustomize]\ncomponents: [../kustomize/policies/floor-guard]\n"
	if err := os.WriteFile(filepath.Join(overlay, "kustomization.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := c.kubectl(t.Context(), "", "apply", "-k", overlay); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		const guard = "/floorkeeper-floor-guard"
		_, err := c.kubectl(context.Background(), "", "delete", "mutatingadmissionpolicybinding"+guard, "mutatingadmissionpolicy"+guard)
		if err != nil {
			t.Error(err)
		}
	})
}

// awaitGuard waits until the guard is in force, or no longer. It tries writes, and stores none of them.
func (c *cluster) awaitGuard(t *testing.T, inForce bool) {
	t.Helper()
	s := &scene{cluster: c, namespace: metav1.NamespaceDefault}
	hpa, err := s.object("10")
	if err != nil {
		t.Fatal(err)
	}
	hpa.Annotations = map[string]string{prefix + "baseline": "2", prefix + "floor": "10"}
	hpas := c.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace)
	if _, err := hpas.Create(t.Context(), hpa, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, fmt.Sprintf("the guard to be in force: %t", inForce), func() error {
		after, err := hpas.Patch(t.Context(), app, types.MergePatchType, []byte(mergePatch("3")), metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}})
		if err == nil && (*after.Spec.MinReplicas == 10) != inForce {
			err = fmt.Errorf("a write of minReplicas 3 gives %d", *after.Spec.MinReplicas)
		}
		return err
	})
	if err := hpas.Delete(t.Context(), app, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
}
