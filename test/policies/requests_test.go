package policies

import (
	"context"
	"strings"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// testRequests tries every other kind of request: none but an update of the HPA itself is floorkeeper's business.
func testRequests(t *testing.T, in *installation) {
	in.create(t, held("requests"))
	v2, v1 := in.keepers(), in.keeper.AutoscalingV1().HorizontalPodAutoscalers(shop)
	patch := []byte(`{"metadata":{"labels":{"team":"video"}},"spec":{"maxReplicas":21},"status":{"desiredReplicas":9}}`)
	cases := map[string]func(context.Context) error{
		"update CREATE": func(ctx context.Context) error {
			_, err := v2.Create(ctx, free("new", 2), metav1.CreateOptions{})
			return err
		},
		"not DELETE": func(ctx context.Context) error { return v2.Delete(ctx, "requests", metav1.DeleteOptions{}) },
		"not DELETE, in autoscaling/v1": func(ctx context.Context) error {
			return v1.Delete(ctx, "requests", metav1.DeleteOptions{})
		},
		"not DELETE, of a collection": func(ctx context.Context) error {
			return v2.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{FieldSelector: "metadata.name=requests"})
		},
		"not UPDATE of the subresource status": func(ctx context.Context) error {
			_, err := v2.Patch(ctx, "requests", types.MergePatchType, patch, metav1.PatchOptions{}, "status")
			return err
		},
		"not UPDATE of the subresource status, in autoscaling/v1": func(ctx context.Context) error {
			_, err := v1.Patch(ctx, "requests", types.MergePatchType, patch, metav1.PatchOptions{}, "status")
			return err
		},
		"not UPDATE of the subresource status, by PUT": func(ctx context.Context) error {
			hpa := held("requests")
			hpa.Status.DesiredReplicas = 9
			_, err := v2.UpdateStatus(ctx, hpa, metav1.UpdateOptions{})
			return err
		},
		"maxReplicas, in autoscaling/v1": func(ctx context.Context) error {
			_, err := v1.Patch(ctx, "requests", types.MergePatchType, patch, metav1.PatchOptions{})
			return err
		},
		"metrics, in autoscaling/v1": func(ctx context.Context) error {
			_, err := v1.Patch(ctx, "requests", types.MergePatchType, []byte(`{"spec":{"targetCPUUtilizationPercentage":7}}`), metav1.PatchOptions{})
			return err
		},
		"scaleTargetRef, in autoscaling/v1": func(ctx context.Context) error {
			_, err := v1.Patch(ctx, "requests", types.MergePatchType, []byte(`{"spec":{"scaleTargetRef":{"name":"x"}}}`), metav1.PatchOptions{})
			return err
		},
		"minReplicas by server-side apply": func(ctx context.Context) error {
			patch := []byte(`{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"requests"},"spec":{"minReplicas":1}}`)
			_, err := v2.Patch(ctx, "requests", types.ApplyPatchType, patch, metav1.PatchOptions{FieldManager: "floorkeeper", Force: new(true)})
			return err
		},
		"CREATE by server-side apply": func(ctx context.Context) error {
			patch := []byte(`{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"new"},
				"spec":{"maxReplicas":5,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}}}`)
			_, err := v2.Patch(ctx, "new", types.ApplyPatchType, patch, metav1.PatchOptions{FieldManager: "floorkeeper"})
			return err
		},
	}
	for name, request := range cases {
		t.Run(name, func(t *testing.T) {
			if err := request(t.Context()); err == nil || !strings.Contains(err.Error(), "floor-scope") {
				t.Errorf("want the scope's refusal, got %v", err)
			}
		})
	}
}

// testHandBack checks that floorkeeper may give up its own field ownership, really, and nobody else's.
func testHandBack(t *testing.T, in *installation) {
	in.raised(t, "hand-back")
	in.answer(t, "hand-back", 10)
	before := in.handBack(t, in.get(t, "hand-back")) // which the scope lets pass
	if owner, ok := entry(before, "floorkeeper"); ok {
		t.Errorf("after the hand-back floorkeeper still owns %s", owner.FieldsV1)
	}
	if _, ok := entry(before, "kubectl-client-side-apply"); !ok {
		t.Error("after the hand-back the owner owns nothing")
	}
	for name, patch := range map[string]string{
		"all entries":      `[{"op":"replace","path":"/metadata/managedFields","value":[{}]}]`,
		"another's entry":  `[{"op":"remove","path":"/metadata/managedFields/0"}]`,
		"another's name":   `[{"op":"replace","path":"/metadata/managedFields/0/manager","value":"x"}]`,
		"another's fields": `[{"op":"replace","path":"/metadata/managedFields/0/fieldsV1","value":{"f:spec":{"f:maxReplicas":{}}}}]`,
		"a new entry": `[{"op":"add","path":"/metadata/managedFields/-","value":{"manager":"x","operation":"Apply",
			"apiVersion":"autoscaling/v2","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:maxReplicas":{}}}}}]`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := in.keepers().Patch(t.Context(), "hand-back", types.JSONPatchType, []byte(patch), asFloorkeeper())
			if err == nil || !strings.Contains(err.Error(), "floor-scope") || !strings.Contains(err.Error(), "managedFields") {
				t.Errorf("want the scope's refusal, got %v", err)
			}
		})
	}
}

func entry(hpa *autoscalingv2.HorizontalPodAutoscaler, manager string) (metav1.ManagedFieldsEntry, bool) {
	for _, entry := range hpa.ManagedFields {
		if entry.Manager == manager && entry.Subresource == "" {
			return entry, true
		}
	}
	return metav1.ManagedFieldsEntry{}, false
}
