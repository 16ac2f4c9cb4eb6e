package gitops

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// appliedAtOnce: where the API server hands ownership back in the same write, a server-side apply without force meets no
// conflict in the middle of a ramp, nor right after a raise. Elsewhere it does in the ramp, which lasts for all of the test.
func (s *scene) appliedAtOnce(t *testing.T) {
	if err := s.applyWithoutForce(t, "2"); err != nil {
		t.Fatal(err)
	}
	owners := s.witness(t)
	start := time.Now().UTC().Add(330 * time.Minute) // for half an hour, 4 of 10 steps: 2 + 40% of 6
	s.keeper.publish(t, s.namespace, fmt.Sprintf(`events:
- name: %[1]s
  start: %[2]q
  duration: 2h
  rampUp: 10h
  targets: [{namespace: %[1]s, name: %[3]s, minReplicas: %[4]d}]
`, s.namespace, start.Format(time.RFC3339), app, floor))
	s.await(t, state{Min: 5, Baseline: "2", Floor: "5", Because: s.namespace, Owned: !s.handBack})
	switch err := s.applyWithoutForce(t, "3"); {
	case s.handBack && err != nil:
		t.Errorf("in a ramp: %v", err)
	case !s.handBack && (!apierrors.IsConflict(err) || !strings.Contains(err.Error(), `"floorkeeper"`)):
		t.Errorf("in a ramp, without the hand-back: %v, want a conflict with floorkeeper", err)
	case !s.handBack:
		return
	}
	s.await(t, state{Min: 5, Baseline: "3", Floor: "5", Because: s.namespace})

	raised := make(chan struct{})
	go func() {
		defer close(raised)
		owners.await(t.Context(), floor)
	}()
	s.open(t)
	<-raised
	if err := s.applyWithoutForce(t, "4"); err != nil {
		t.Errorf("right after the raise: %v", err)
	}
	s.awaitHeld(t, 4)
	s.close(t)
	s.awaitFree(t, 4)
	if owned := owners.ownedVersions(); owned != 0 {
		t.Errorf("floorkeeper owned fields of %d versions of the HPA", owned)
	}
}

// applyWithoutForce is a server-side apply by a pipeline that has applied the HPA before.
func (s *scene) applyWithoutForce(t *testing.T, minReplicas string) error {
	t.Helper()
	hpas := s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace)
	_, err := hpas.Patch(t.Context(), app, types.ApplyYAMLPatchType, []byte(s.manifest(minReplicas)), metav1.PatchOptions{FieldManager: "pipeline"})
	return err
}

// await returns when the witness has seen a minReplicas.
func (w *witness) await(ctx context.Context, minReplicas int32) {
	for ctx.Err() == nil {
		w.mu.Lock()
		last := w.minima[len(w.minima)-1]
		w.mu.Unlock()
		if last == minReplicas {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
