package autoscaler_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// TestTrimChangesNoVerdict trims HPAs as an API server returns them, and compares all that is read of them.
func TestTrimChangesNoVerdict(t *testing.T) {
	at := metav1.NewTime(evening.KickOff().Add(-2 * time.Hour))
	entry := func(manager, subresource, fields string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Manager: manager, Operation: "Update", Subresource: subresource, Time: &at, FieldsV1: metav1.NewFieldsV1(fields)}
	}
	const both = `{"f:metadata":{"f:annotations":{"f:a":{},"f:floorkeeper.dev/floor":{}}},"f:spec":{"f:maxReplicas":{},"f:minReplicas":{}}}`
	for name, entries := range map[string][]metav1.ManagedFieldsEntry{
		"nobody":          nil,
		"its owner":       {entry("helm", "", `{"f:spec":{"f:metrics":{},"f:minReplicas":{}}}`), entry("kube-controller-manager", "status", `{"f:status":{}}`)},
		"ours is last":    {entry("helm", "", `{"f:spec":{"f:maxReplicas":{}}}`), entry(autoscaler.FieldManager, "", both)},
		"a copy":          {entry("argocd", "", both)},
		"another's key":   {entry("helm", "", `{"f:metadata":{"f:annotations":{"f:minReplicas":{}}}}`)},
		"of the baseline": {entry("kubectl-annotate", "", `{"f:metadata":{"f:annotations":{"f:floorkeeper.dev/baseline":{}}}}`)},
		"what is no JSON": {entry("helm", "", `{"f:minReplicas"`)},
	} {
		t.Run(name, func(t *testing.T) {
			full := evening.HPA(autoscaler.State{
				Condition: autoscaler.Held, Mark: autoscaler.Mark{Baseline: 4, Floor: 24, Because: "prime-time"}, MinReplicas: 20, MaxReplicas: 100,
			})
			full.Annotations["kubectl.kubernetes.io/last-applied-configuration"] = strings.Repeat("x", 1000)
			full.ManagedFields = entries
			full.Spec.Metrics = []autoscalingv2.MetricSpec{
				{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{Name: "cpu"}},
				{Type: autoscalingv2.ExternalMetricSourceType, External: &autoscalingv2.ExternalMetricSource{}},
			}
			full.Status.CurrentMetrics = make([]autoscalingv2.MetricStatus, 2)
			full.Status.Conditions = []autoscalingv2.HorizontalPodAutoscalerCondition{{Type: autoscalingv2.ScalingActive, Status: "True", Message: "it works"}}
			trimmed, err := autoscaler.Trim(full.DeepCopy())
			if err != nil {
				t.Fatal(err)
			}
			hpa := trimmed.(*autoscalingv2.HorizontalPodAutoscaler)
			if small, large := hpa.Size(), full.Size(); small > large/2 {
				t.Errorf("%d bytes are left of %d", small, large)
			}
			read := func(hpa *autoscalingv2.HorizontalPodAutoscaler) []any {
				schedule, mark := evening.Schedule(t, 0), autoscaler.Mark{Baseline: 6, Floor: 24, Because: "prime-time"}
				v := autoscaler.Scope{}.JudgeKnowing(schedule, hpa, evening.Clock(t, "20:30:00"), autoscaler.Known{Seen: true, Mark: mark})
				notices := v.GuardNotices(schedule)
				v.HPA = nil
				index, owned := autoscaler.OwnEntry(hpa)
				return []any{v, notices, v.Direction(), index, owned, autoscaler.MinReplicasManager(hpa), autoscaler.BelowFloor(hpa), hpa.Status.Conditions, hpa.Spec.ScaleTargetRef}
			}
			if diff := cmp.Diff(read(full), read(hpa)); diff != "" {
				t.Errorf("what is read differs (-full +trimmed):\n%s", diff)
			}
		})
	}
	if left, err := autoscaler.Trim("a tombstone"); left != "a tombstone" || err != nil {
		t.Errorf("of something else %v is left: %v", left, err)
	}
}
