package autoscaler_test

import (
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

func TestMinReplicasManager(t *testing.T) {
	at := func(seconds int) *metav1.Time {
		return &metav1.Time{Time: evening.KickOff().Add(time.Duration(seconds) * time.Second)}
	}
	owning := metav1.NewFieldsV1(`{"f:spec":{"f:minReplicas":{},"f:maxReplicas":{}}}`)
	other := metav1.NewFieldsV1(`{"f:spec":{"f:maxReplicas":{}},"f:metadata":{"f:annotations":{"f:minReplicas":{}}}}`)
	for name, test := range map[string]struct {
		entries []metav1.ManagedFieldsEntry
		want    string
	}{
		"nobody":                    {nil, "unknown"},
		"an owner of other fields":  {[]metav1.ManagedFieldsEntry{{Manager: "helm", FieldsV1: other, Time: at(0)}}, "unknown"},
		"a process of ours":         {[]metav1.ManagedFieldsEntry{{Manager: autoscaler.FieldManager, FieldsV1: owning, Time: at(0)}}, "floorkeeper"},
		"the last of two":           {[]metav1.ManagedFieldsEntry{{Manager: "b", FieldsV1: owning, Time: at(2)}, {Manager: "a", FieldsV1: owning, Time: at(1)}}, "b"},
		"an entry without its time": {[]metav1.ManagedFieldsEntry{{Manager: "helm", FieldsV1: owning}}, "helm"},
		"fields that are no JSON":   {[]metav1.ManagedFieldsEntry{{Manager: "helm", FieldsV1: metav1.NewFieldsV1("{"), Time: at(0)}}, "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			hpa := &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{ManagedFields: test.entries}}
			if got := autoscaler.MinReplicasManager(hpa); got != test.want {
				t.Errorf("manager %q, want %q", got, test.want)
			}
		})
	}
}
