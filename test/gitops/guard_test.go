package gitops

import (
	"context"
	"errors"
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// inForce are the optional policies of floorkeeper that change what is stored.
type inForce struct {
	guard    bool
	handBack bool
}

func (p inForce) String() string {
	return map[inForce]string{{}: "off", {true, true}: "on", {false, true}: "back"}[p]
}

// switchOn applies the overlay of somebody who switches the guard on, until the end of the test, and deletes what shall not be
// in force.
func (c *cluster) switchOn(t *testing.T, p inForce) {
	t.Helper()
	if _, err := c.kubectl(t.Context(), "", "apply", "-k", kit.Overlay(t, kit.Guarded)); err != nil {
		t.Fatal(err)
	}
	remove := func(policy string) {
		t.Helper()
		name := "/floorkeeper-" + policy
		_, err := c.kubectl(context.Background(), "", "delete", "--ignore-not-found", "mutatingadmissionpolicybinding"+name, "mutatingadmissionpolicy"+name)
		if err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(func() {
		remove("floor-guard")
		remove("floor-hand-back")
	})
	if !p.guard {
		remove("floor-guard")
	}
}

// awaitPolicies waits until these policies are in force, and no others. It tries writes, and stores none of them.
func (c *cluster) awaitPolicies(t *testing.T, p inForce) {
	t.Helper()
	s := &scene{cluster: c, namespace: metav1.NamespaceDefault}
	hpa, err := s.object("10")
	if err != nil {
		t.Fatal(err)
	}
	hpa.Annotations = map[string]string{
		prefix + "baseline": "2", prefix + "floor": "10", prefix + "because": "gala",
		prefix + "since": "2026-12-18T19:15:00Z", prefix + "until": "2096-12-18T19:15:00Z",
	}
	hpas, ours := c.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace), c.as(t, c.Account).AutoscalingV2().HorizontalPodAutoscalers(s.namespace)
	if _, err := hpas.Create(t.Context(), hpa, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	dryRun := metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}}
	await.Success(t, fmt.Sprintf("the policies to be in force: %+v", p), func(context.Context) error {
		after, err := hpas.Patch(t.Context(), app, types.MergePatchType, []byte(mergePatch("3")), dryRun)
		if err == nil && (*after.Spec.MinReplicas == 10) != p.guard {
			err = fmt.Errorf("a write of minReplicas 3 gives %d", *after.Spec.MinReplicas)
		}
		return err
	})
	dryRun.FieldManager = "floorkeeper"
	lower := []byte(`{"metadata":{"annotations":{"` + prefix + `floor":"9"}},"spec":{"minReplicas":9}}`)
	await.Success(t, "the hand-back too", func(context.Context) error {
		after, err := ours.Patch(t.Context(), app, types.MergePatchType, lower, dryRun)
		if err == nil && stateOf(after).Owned == p.handBack {
			err = errors.New("it is not as it shall be")
		}
		return err
	})
	if err := hpas.Delete(t.Context(), app, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
}

// as is a client with the rights of a kubeconfig file.
func (c *cluster) as(t *testing.T, kubeconfig string) kubernetes.Interface {
	t.Helper()
	client, err := controlplane.ClientOf(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	return client
}
