package policies

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func (in *installation) get(t *testing.T, name string) *autoscalingv2.HorizontalPodAutoscaler {
	t.Helper()
	hpa, err := in.hpas().Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return hpa
}

func (in *installation) remove(t *testing.T, name string) {
	t.Helper()
	err := in.hpas().Delete(context.Background(), name, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		t.Error(err)
	}
}

// handBack removes floorkeeper's entry from managedFields, with the JSON patch that floorkeeper sends.
func (in *installation) handBack(t *testing.T, hpa *autoscalingv2.HorizontalPodAutoscaler, options metav1.PatchOptions) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	t.Helper()
	index := slices.IndexFunc(hpa.ManagedFields, func(entry metav1.ManagedFieldsEntry) bool { return entry.Manager == "floorkeeper" })
	if index < 0 {
		t.Fatalf("floorkeeper owns nothing of HPA %s", hpa.Name)
	}
	entry := fmt.Sprintf("/metadata/managedFields/%d", index)
	patch, err := json.Marshal([]map[string]any{
		{"op": "test", "path": entry + "/manager", "value": "floorkeeper"},
		{"op": "remove", "path": entry},
	})
	if err != nil {
		t.Fatal(err)
	}
	return in.keepers().Patch(t.Context(), hpa.Name, types.JSONPatchType, patch, options)
}
