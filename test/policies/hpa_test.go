package policies

import (
	"context"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
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
func (in *installation) handBack(t *testing.T, hpa *autoscalingv2.HorizontalPodAutoscaler) *autoscalingv2.HorizontalPodAutoscaler {
	t.Helper()
	index, owned := autoscaler.OwnEntry(hpa)
	if !owned {
		t.Fatalf("floorkeeper owns nothing of HPA %s", hpa.Name)
	}
	patch, err := autoscaler.HandBackPatch(index)
	if err != nil {
		t.Fatal(err)
	}
	after, err := in.keepers().Patch(t.Context(), hpa.Name, types.JSONPatchType, patch, metav1.PatchOptions{FieldManager: "floorkeeper"})
	if err != nil {
		t.Fatal(err)
	}
	return after
}
