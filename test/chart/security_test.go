package chart

import (
	"path/filepath"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/floorkeeper/floorkeeper/test/kit/objects"
)

// Every Pod of the chart meets the restricted Pod Security Standard, as the API server's own code evaluates it.
func TestPodsAreRestricted(t *testing.T) {
	t.Parallel()
	for _, file := range valueFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			pods := 0
			for _, object := range helms[0].template(t, "--values="+file) {
				pod := podOf(t, object)
				if pod == nil {
					continue
				}
				pods++
				if verdict := restricted(t, pod); !verdict.Allowed {
					t.Errorf("%s %s: %s: %s", object.GetKind(), object.GetName(), verdict.ForbiddenReason(), verdict.ForbiddenDetail())
				}
			}
			if pods < 2 { // the controller and the test; the Job is optional
				t.Errorf("the chart has %d Pods", pods)
			}
		})
	}
	for _, object := range helms[0].template(t, "--set=podSecurityContext.runAsNonRoot=false") {
		if pod := podOf(t, object); pod != nil && restricted(t, pod).Allowed {
			t.Errorf("%s %s may run as root, and is allowed", object.GetKind(), object.GetName())
		}
	}
}

func restricted(t *testing.T, pod *corev1.PodTemplateSpec) policy.AggregateCheckResult {
	t.Helper()
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	return policy.AggregateCheckResults(evaluator.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec))
}

// podOf returns the Pod of an object, or nil.
func podOf(t *testing.T, object unstructured.Unstructured) *corev1.PodTemplateSpec {
	t.Helper()
	switch object.GetKind() {
	case "Deployment":
		return &as[appsv1.Deployment](t, object).Spec.Template
	case "Job":
		return &as[batchv1.Job](t, object).Spec.Template
	case "Pod":
		pod := as[corev1.Pod](t, object)
		return &corev1.PodTemplateSpec{ObjectMeta: pod.ObjectMeta, Spec: pod.Spec}
	default:
		return nil
	}
}

func as[T any](t *testing.T, object unstructured.Unstructured) *T {
	t.Helper()
	typed, err := objects.As[T](object)
	if err != nil {
		t.Fatal(err)
	}
	return &typed
}
