package controller

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// match is an HPA that its owner wrote with minReplicas 4, and that floorkeeper has raised to 24.
func match() *autoscalingv2.HorizontalPodAutoscaler {
	return &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "video", Name: "images", Annotations: map[string]string{
				"team": "video", autoscaler.AnnotationBaseline: "4", autoscaler.AnnotationFloor: "24", autoscaler.AnnotationBecause: "cup-final",
				autoscaler.AnnotationSince: "2026-12-18T19:15:00Z", autoscaler.AnnotationUntil: "2026-12-18T23:59:00Z",
			},
		},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: new(int32(24)), MaxReplicas: 100},
	}
}

// stored returns a client of an API server that stores an HPA and has these peculiarities.
func stored(t *testing.T, hpa *autoscalingv2.HorizontalPodAutoscaler, peculiar interceptor.Funcs) client.WithWatch {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := autoscalingv2.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(hpa).WithReturnManagedFields().WithInterceptorFuncs(peculiar).Build()
}

// intruder is somebody else, who writes to the HPA just before each of the first patches that reach the API server.
func intruder(t *testing.T, times int, write func(*autoscalingv2.HorizontalPodAutoscaler)) interceptor.Funcs {
	return interceptor.Funcs{Patch: func(ctx context.Context, c client.WithWatch, o client.Object, patch client.Patch, options ...client.PatchOption) error {
		if times--; times >= 0 {
			hpa := &autoscalingv2.HorizontalPodAutoscaler{}
			if err := c.Get(ctx, client.ObjectKeyFromObject(o), hpa); err != nil {
				t.Error(err)
			}
			write(hpa)
			if err := c.Update(ctx, hpa, client.FieldOwner("another")); err != nil {
				t.Error(err)
			}
		}
		return c.Patch(ctx, o, patch, options...)
	}}
}

func TestReleaseLeavesNothing(t *testing.T) {
	labelled := func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		hpa.Labels = map[string]string{"edit": hpa.ResourceVersion}
	}
	for name, test := range map[string]struct {
		peculiar interceptor.Funcs
		before   int32
		want     int32
	}{
		"at rest":                            {interceptor.Funcs{}, 24, 4},
		"with conflicts":                     {intruder(t, 3, labelled), 24, 4},
		"with an owner's wish at the moment": {intruder(t, 1, func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Spec.MinReplicas = new(int32(6)) }), 6, 6},
	} {
		t.Run(name, func(t *testing.T) {
			hpa := match()
			c, key := stored(t, hpa, test.peculiar), client.ObjectKeyFromObject(hpa)
			before, after, err := Release(t.Context(), c, key, NewNotes())
			if err != nil || before.Condition != autoscaler.Held || before.MinReplicas != test.before || after != (autoscaler.State{MinReplicas: test.want, MaxReplicas: 100}) {
				t.Errorf("released from %+v to %+v: %v", before, after, err)
			}
			if err := c.Get(t.Context(), key, hpa); err != nil || !autoscaler.Leftovers(hpa) && test.before != test.want {
				t.Errorf("before the hand-back there should be field ownership of ours: %v, %v", err, hpa.ManagedFields)
			}
			if state, err := HandBack(t.Context(), c, key); err != nil || state != after {
				t.Errorf("handed back with %+v: %v", state, err)
			}
			if err := c.Get(t.Context(), key, hpa); err != nil || autoscaler.Leftovers(hpa) {
				t.Errorf("something of ours is left: %v, %v, %v", err, hpa.Annotations, hpa.ManagedFields)
			}
			if diff := cmp.Diff(map[string]string{"team": "video"}, hpa.Annotations); diff != "" {
				t.Errorf("annotations (-want +got):\n%s", diff)
			}
			if before, after, err := Release(t.Context(), c, key, NewNotes()); err != nil || before != after {
				t.Errorf("released again from %+v to %+v: %v", before, after, err)
			}
		})
	}
}

// TestHandBackLooksAgain moves our entry in managedFields while it is removed: the patch names its place.
func TestHandBackLooksAgain(t *testing.T) {
	hpa := match()
	refusals := 3
	c := stored(t, hpa, interceptor.Funcs{Patch: func(ctx context.Context, c client.WithWatch, o client.Object, patch client.Patch, options ...client.PatchOption) error {
		if patch.Type() == types.JSONPatchType && refusals > 0 {
			refusals--
			return apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", schema.GroupResource{}, "", "a test failed", 0, false)
		}
		return c.Patch(ctx, o, patch, options...)
	}})
	key := client.ObjectKeyFromObject(hpa)
	if _, _, err := Release(t.Context(), c, key, NewNotes()); err != nil {
		t.Fatal(err)
	}
	if _, err := HandBack(t.Context(), c, key); err != nil || refusals != 0 {
		t.Errorf("not handed back: %v, %d refusals left", err, refusals)
	}
}

// TestReleaseWithoutAnAnswer loses the answer to a patch that was stored.
func TestReleaseWithoutAnAnswer(t *testing.T) {
	lost := false
	c := stored(t, match(), interceptor.Funcs{Patch: func(ctx context.Context, c client.WithWatch, o client.Object, patch client.Patch, options ...client.PatchOption) error {
		if err := c.Patch(ctx, o, patch, options...); err != nil || lost {
			return err
		}
		lost = true
		return apierrors.NewServerTimeout(autoscalingv2.Resource("horizontalpodautoscalers"), "patch", 1)
	}})
	before, after, err := Release(t.Context(), c, client.ObjectKeyFromObject(match()), NewNotes())
	if err != nil || before.MinReplicas != 24 || after.MinReplicas != 4 {
		t.Errorf("released from %+v to %+v: %v", before, after, err)
	}
}

func TestReleaseLeavesAlone(t *testing.T) {
	damaged := match()
	damaged.Annotations[autoscaler.AnnotationBaseline] = "four"
	free := match()
	free.Annotations = nil
	patched := interceptor.Funcs{Patch: func(context.Context, client.WithWatch, client.Object, client.Patch, ...client.PatchOption) error {
		t.Error("it is patched")
		return nil
	}}
	for name, hpa := range map[string]*autoscalingv2.HorizontalPodAutoscaler{"damaged": damaged, "free": free} {
		t.Run(name, func(t *testing.T) {
			c, key := stored(t, hpa, patched), client.ObjectKeyFromObject(hpa)
			if before, after, err := Release(t.Context(), c, key, NewNotes()); err != nil || before != after || after.MinReplicas != 24 {
				t.Errorf("released from %+v to %+v: %v", before, after, err)
			}
			if state, err := HandBack(t.Context(), c, key); err != nil || state.MinReplicas != 24 {
				t.Errorf("handed back with %+v: %v", state, err)
			}
		})
	}
	held := match()
	held.ManagedFields = []metav1.ManagedFieldsEntry{{
		Manager: autoscaler.FieldManager, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "autoscaling/v2",
		FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:minReplicas":{}}}`),
	}} // that of a controller in a ramp
	c := stored(t, held, patched)
	if state, err := HandBack(t.Context(), c, client.ObjectKeyFromObject(held)); err != nil || state.Condition != autoscaler.Held {
		t.Errorf("handed back with %+v: %v", state, err)
	}
	_, _, err := Release(t.Context(), c, client.ObjectKey{Namespace: "video", Name: "gone"}, NewNotes())
	if _, again := HandBack(t.Context(), c, client.ObjectKey{Namespace: "video", Name: "gone"}); !apierrors.IsNotFound(err) || !apierrors.IsNotFound(again) {
		t.Errorf("an HPA that is gone: %v, %v", err, again)
	}
}
