package policies

import (
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// testSameWrite: the policy floor-hand-back takes floorkeeper's entries out of managedFields in the write that adds one, and
// changes nothing else.
func testSameWrite(t *testing.T, in *installation) {
	withoutControllerManager(t)
	ours := metav1.PatchOptions{FieldManager: autoscaler.FieldManager}
	lower := []byte(`{"metadata":{"annotations":{"floorkeeper.dev/floor":"9"}},"spec":{"minReplicas":9}}`)
	for name, c := range map[string]struct {
		prepare func(t *testing.T, hpa *autoscalingv2.HorizontalPodAutoscaler)
		write   func(t *testing.T, name string) error
		left    int // entries of floorkeeper
	}{
		"in autoscaling/v2": {},
		"in autoscaling/v1": {write: func(t *testing.T, name string) error {
			_, err := in.keeper.AutoscalingV1().HorizontalPodAutoscalers(shop).Patch(t.Context(), name, types.MergePatchType, lower, ours)
			return err
		}},
		"by PUT": {write: func(t *testing.T, name string) error {
			hpa := in.get(t, name)
			hpa.Annotations["floorkeeper.dev/floor"], hpa.Spec.MinReplicas = "9", new(int32(9))
			_, err := in.keepers().Update(t.Context(), hpa, metav1.UpdateOptions{FieldManager: "floorkeeper"})
			return err
		}},
		"entries of before": {prepare: func(t *testing.T, hpa *autoscalingv2.HorizontalPodAutoscaler) {
			in.answer(t, hpa.Name, 10)
			manifest := strings.ReplaceAll(ownersManifest, "NAME", hpa.Name)
			mustKubectl(t, strings.ReplaceAll(manifest, "minReplicas: 2", "minReplicas: 10"), "apply", "--server-side", "--field-manager=floorkeeper",
				"--force-conflicts", "--filename=-")
			v1 := in.administrator.AutoscalingV1().HorizontalPodAutoscalers(shop)
			if _, err := v1.Patch(t.Context(), hpa.Name, types.MergePatchType, []byte(`{"spec":{"minReplicas":10}}`), ours); err != nil {
				t.Fatal(err)
			}
			if owned := entriesOf(in.get(t, hpa.Name)); owned < 2 {
				t.Errorf("floorkeeper has %d entries, want at least 2", owned)
			}
		}},
		"an entry of the status stays": {left: 1, prepare: func(t *testing.T, hpa *autoscalingv2.HorizontalPodAutoscaler) {
			status := []byte(`{"status":{"desiredReplicas":9}}`)
			if _, err := in.hpas().Patch(t.Context(), hpa.Name, types.MergePatchType, status, ours, "status"); err != nil {
				t.Fatal(err)
			}
		}},
		"by a person": {left: 1, write: func(t *testing.T, name string) error {
			_, err := in.hpas().Patch(t.Context(), name, types.MergePatchType, lower, ours)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			hpa := full("same-write")
			hpa.Finalizers, hpa.Annotations = nil, marks("2", "10")
			hpa.Spec.MinReplicas, hpa.Spec.MaxReplicas = new(int32(10)), 20
			if strings.HasSuffix(name, "v1") { // with other metrics, see below
				hpa.Spec.Metrics = nil
			}
			in.create(t, hpa)
			if c.prepare != nil {
				c.prepare(t, hpa)
			}
			before := in.get(t, hpa.Name)
			if c.write == nil {
				c.write = func(t *testing.T, name string) error {
					_, err := in.keepers().Patch(t.Context(), name, types.MergePatchType, lower, ours)
					return err
				}
			}
			if err := c.write(t, hpa.Name); err != nil {
				t.Fatal(err)
			}
			after := in.get(t, hpa.Name)
			if left := entriesOf(after); left != c.left {
				t.Errorf("%d entries of floorkeeper are left, want %d: %v", left, c.left, after.ManagedFields)
			}
			if diff := gocmp.Diff(others(before), others(after)); diff != "" {
				t.Errorf("other managers (-before +after):\n%s", diff)
			}
			before.Annotations["floorkeeper.dev/floor"], before.Spec.MinReplicas = "9", new(int32(9))
			moved := cmpopts.IgnoreFields(metav1.ObjectMeta{}, "ManagedFields", "ResourceVersion", "Generation")
			if diff := gocmp.Diff(before, after, moved, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("more was changed (-before +after):\n%s", diff)
			}
		})
	}
	t.Run("metrics in an annotation", in.leavesMetricsAlone)
	t.Run("a dry run", in.handsBackInADryRun)
}

// entriesOf counts floorkeeper's entries in managedFields.
func entriesOf(hpa *autoscalingv2.HorizontalPodAutoscaler) int {
	return len(hpa.ManagedFields) - len(others(hpa))
}

// others are the managers of the other entries.
func others(hpa *autoscalingv2.HorizontalPodAutoscaler) (managers []string) {
	for _, e := range hpa.ManagedFields {
		if e.Manager != autoscaler.FieldManager {
			managers = append(managers, e.Manager)
		}
	}
	return managers
}

// leavesMetricsAlone: in autoscaling/v1, metrics are in an annotation, and a mutation would store them twice. Such a write is
// left to the second patch.
func (in *installation) leavesMetricsAlone(t *testing.T) {
	hpa := held("metrics")
	hpa.Spec.Metrics = []autoscalingv2.MetricSpec{externalMetric()}
	in.create(t, hpa)
	lower := []byte(`{"metadata":{"annotations":{"floorkeeper.dev/floor":"9"}},"spec":{"minReplicas":9}}`)
	v1 := in.keeper.AutoscalingV1().HorizontalPodAutoscalers(shop)
	if _, err := v1.Patch(t.Context(), hpa.Name, types.MergePatchType, lower, metav1.PatchOptions{FieldManager: "floorkeeper"}); err != nil {
		t.Fatal(err)
	}
	after := in.get(t, hpa.Name)
	if entriesOf(after) != 1 || len(after.Spec.Metrics) != 1 {
		t.Errorf("want one entry and one metric, got %v and %v", after.ManagedFields, after.Spec.Metrics)
	}
}

// handsBackInADryRun: the answer is what would be stored.
func (in *installation) handsBackInADryRun(t *testing.T) {
	hpa := in.create(t, held("dry-run"))
	lower := []byte(`{"metadata":{"annotations":{"floorkeeper.dev/floor":"9"}},"spec":{"minReplicas":9}}`)
	answer, err := in.keepers().Patch(t.Context(), hpa.Name, types.MergePatchType, lower, asFloorkeeper())
	if err != nil || entriesOf(answer) != 0 || *answer.Spec.MinReplicas != 9 {
		t.Errorf("the answer is %v, minReplicas %d, %v", err, *answer.Spec.MinReplicas, answer.ManagedFields)
	}
	if after := in.get(t, hpa.Name); fmt.Sprint(after.ManagedFields) != fmt.Sprint(hpa.ManagedFields) || *after.Spec.MinReplicas != 10 {
		t.Errorf("it has stored %v", after)
	}
}
