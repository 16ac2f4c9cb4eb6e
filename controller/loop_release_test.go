package controller

import (
	"context"
	"errors"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// invalid is the API server's answer to a patch with this cause.
func invalid(field, message string) error {
	err := apierrors.NewInvalid(schema.GroupKind{Group: "autoscaling", Kind: "HorizontalPodAutoscaler"}, "images", nil)
	err.ErrStatus.Details.Causes = []metav1.StatusCause{{Field: "spec.metrics"}, {Field: field, Message: message}}
	return err
}

// answering is an API server that gives these errors to patches, and stores those that follow.
func answering(all ...error) interceptor.Funcs {
	answer := answers(all...)
	return interceptor.Funcs{Patch: func(ctx context.Context, c client.WithWatch, o client.Object, patch client.Patch, options ...client.PatchOption) error {
		return answer(func() error { return c.Patch(ctx, o, patch, options...) })
	}}
}

func TestReleaseInspiteOfAnswers(t *testing.T) {
	zero := invalid("spec.minReplicas", "Invalid value: 0: must be greater than or equal to 1")
	resource := autoscalingv2.Resource("horizontalpodautoscalers")
	for name, test := range map[string]struct {
		answers []error
		want    int32
		fails   bool
	}{
		"zero is taken":             {nil, 0, false},
		"zero is refused":           {[]error{zero}, 1, false},
		"and one as well":           {[]error{zero, zero}, 24, true},
		"another field is refused":  {[]error{invalid("spec.maxReplicas", "Invalid value: 0: no")}, 24, true},
		"another number is refused": {[]error{invalid("spec.minReplicas", "Invalid value: -1: no")}, 24, true},
		"a policy denies":           {[]error{apierrors.NewForbidden(resource, "images", errors.New("no"))}, 24, true},
		"no answer is understood":   {[]error{errors.New("connection refused")}, 24, true},
		"the API server is busy":    {[]error{apierrors.NewTooManyRequests("later", 0), apierrors.NewServiceUnavailable("starting")}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			hpa := match()
			hpa.Annotations[autoscaler.AnnotationBaseline] = "0"
			hpa.Spec.Metrics = []autoscalingv2.MetricSpec{{Type: autoscalingv2.ExternalMetricSourceType}}
			c := stored(t, hpa, answering(test.answers...))
			_, after, err := Release(t.Context(), c, client.ObjectKeyFromObject(hpa), NewNotes())
			if (err != nil) != test.fails || !test.fails && after.MinReplicas != test.want {
				t.Errorf("released to %d: %v, want %d", after.MinReplicas, err, test.want)
			}
			if err := c.Get(t.Context(), client.ObjectKeyFromObject(hpa), hpa); err != nil || *hpa.Spec.MinReplicas != test.want {
				t.Errorf("stored is %d: %v, want %d", *hpa.Spec.MinReplicas, err, test.want)
			}
		})
	}
}

func TestHandBackReportsWhatIsRefused(t *testing.T) {
	hpa := match()
	no := apierrors.NewForbidden(autoscalingv2.Resource("horizontalpodautoscalers"), "images", errors.New("no"))
	c := stored(t, hpa, answering(nil, no))
	if _, _, err := Release(t.Context(), c, client.ObjectKeyFromObject(hpa), NewNotes()); err != nil {
		t.Fatal(err)
	}
	if _, err := HandBack(t.Context(), c, client.ObjectKeyFromObject(hpa)); !apierrors.IsForbidden(err) {
		t.Errorf("it is refused with %v", err)
	}
}
