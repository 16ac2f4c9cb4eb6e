package gitops

import (
	"context"
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// switchGuardOn applies the overlay of somebody who switches the guard on, until the end of the test.
func (c *cluster) switchGuardOn(t *testing.T) {
	t.Helper()
	if _, err := c.kubectl(t.Context(), "", "apply", "-k", kit.Overlay(t, kit.Guarded)); err != nil {
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
	await.Success(t, fmt.Sprintf("the guard to be in force: %t", inForce), func(context.Context) error {
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
