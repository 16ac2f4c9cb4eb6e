package autoscaler_test

import (
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// primary is an HPA as Flagger creates it from front, at 19:20 UTC: with its minReplicas and without its annotations.
func primary(minReplicas int32, change ...func(*autoscalingv2.HorizontalPodAutoscaler)) *autoscalingv2.HorizontalPodAutoscaler {
	hpa := evening.HPA(autoscaler.State{MinReplicas: minReplicas, MaxReplicas: 100})
	hpa.Name, hpa.UID, hpa.CreationTimestamp = "front-primary", "2", metav1.NewTime(evening.KickOff().Add(5*time.Minute))
	for _, c := range change {
		c(hpa)
	}
	return hpa
}

func ownedBy(kind, apiVersion string) func(*autoscalingv2.HorizontalPodAutoscaler) {
	return func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		hpa.Name = "front-2"
		hpa.OwnerReferences = []metav1.OwnerReference{{APIVersion: apiVersion, Kind: kind, Name: "front", UID: "c"}}
	}
}

func TestCopyIn(t *testing.T) {
	annotate := func(key, value string) func(*autoscalingv2.HorizontalPodAutoscaler) {
		return func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Annotations[key] = value }
	}
	created := func(at time.Time) func(*autoscalingv2.HorizontalPodAutoscaler) {
		return func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.CreationTimestamp = metav1.NewTime(at) }
	}
	promoted := func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		at := metav1.NewTime(evening.KickOff().Add(time.Hour))
		hpa.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "flagger", Time: &at, FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:minReplicas":{}}}`)}}
	}
	raised := func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		promoted(hpa)
		hpa.ManagedFields[0].Manager = autoscaler.FieldManager
	}
	long := evening.KickOff().AddDate(0, -1, 0)
	for name, test := range map[string]struct {
		hpa    *autoscalingv2.HorizontalPodAutoscaler
		copied bool
	}{
		"created while the floor is in effect":     {primary(24), true},
		"with another number":                      {primary(23), false},
		"created before":                           {primary(24, created(long)), false},
		"created before, and promoted since":       {primary(24, created(long), promoted), true},
		"created before, and raised since":         {primary(24, created(long), raised), false},
		"with another name":                        {primary(24, func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Name = "web-primary" }), false},
		"in another namespace":                     {primary(24, func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Namespace = "shop" }), false},
		"of the same Canary":                       {primary(24, ownedBy("Canary", "flagger.app/v1beta1")), true},
		"of the same Deployment":                   {primary(24, ownedBy("Deployment", "apps/v1")), false},
		"with a declared baseline":                 {primary(24, annotate(autoscaler.AnnotationDeclaredBaseline, "4")), false},
		"with our annotations, which say the rest": {primary(24, annotate(autoscaler.AnnotationBaseline, "4"), annotate(autoscaler.AnnotationFloor, "24")), false},
	} {
		front := evening.HPA(autoscaler.State{Condition: autoscaler.Held, Mark: evening.Mark(4, 24), MinReplicas: 24, MaxReplicas: 100})
		front.OwnerReferences = test.hpa.OwnerReferences
		want := autoscaler.Copy{}
		if test.copied {
			want = autoscaler.Copy{Of: "front", Baseline: 4, Floor: 24}
		}
		if got := autoscaler.CopyIn([]autoscalingv2.HorizontalPodAutoscaler{*test.hpa, *front}, test.hpa); got != want {
			t.Errorf("%s: it is a copy of %+v, want %+v", name, got, want)
		}
	}
	for name, state := range map[string]autoscaler.State{
		"a free HPA":                            {MinReplicas: 24, MaxReplicas: 100},
		"an HPA whose baseline is its floor":    {Condition: autoscaler.Held, Mark: evening.Mark(24, 24), MinReplicas: 24, MaxReplicas: 100},
		"an HPA whose owner has a wish already": {Condition: autoscaler.Held, Mark: evening.Mark(4, 30), MinReplicas: 24, MaxReplicas: 100},
	} {
		if got := autoscaler.CopyIn([]autoscalingv2.HorizontalPodAutoscaler{*evening.HPA(state)}, primary(24)); got != (autoscaler.Copy{}) {
			t.Errorf("%s: it is a copy of %+v", name, got)
		}
	}
}

// TestCopied: a floor of 300% is not 300% of a copied floor, and the number to restore is reported as long as it is not.
func TestCopied(t *testing.T) {
	schedule := schedules.New(nil, []schedules.Event{{
		Entry: schedules.Entry{Name: "cup-final", Location: evening.Paris(t), Targets: []schedules.Target{{
			Namespace: "video", Amount: schedules.Amount{Ratio: 3000},
		}}},
		Start: evening.KickOff(), End: evening.Whistle(),
	}})
	known := autoscaler.Known{Copy: autoscaler.Copy{Of: "front", Baseline: 4, Floor: 12}}
	judge := func(hpa *autoscalingv2.HorizontalPodAutoscaler, at time.Time) autoscaler.Verdict {
		return autoscaler.Scope{}.JudgeKnowing(schedule, hpa, at, known)
	}
	during, after := evening.KickOff().Add(time.Hour), evening.Whistle().Add(time.Minute)
	v := judge(primary(12), during)
	if v.Desired.MinReplicas != 12 || v.Desired.Mark.Baseline != 12 {
		t.Errorf("a copied floor of 12 becomes %+v", v.Desired)
	}
	held := primary(12)
	held.Annotations = evening.HPA(v.Desired).Annotations
	if v = judge(held, during); v.Desired != v.State {
		t.Errorf("it then becomes %+v", v.Desired)
	}
	wants := func(v autoscaler.Verdict, command string) {
		t.Helper()
		n, found := v.PersistentProblem(schedule)
		if !found || n.Reason != autoscaler.ReasonFloorCopied || !strings.Contains(n.Note, "copy of the floor of HPA front, whose baseline is 4") || !strings.Contains(n.Note, command) {
			t.Errorf("the problem is %+v, want one with %s", n, command)
		}
	}
	wants(v, "kubectl annotate hpa front-primary --namespace=video floorkeeper.dev/declared-baseline=4.")
	wants(judge(primary(12), after), `--patch='{"spec":{"minReplicas":4}}'`)
	if v = judge(primary(4), during); v.Copied() || v.Desired.MinReplicas != 12 || v.Desired.Mark.Baseline != 4 {
		t.Errorf("when its owner has set 4, it becomes %+v", v.Desired)
	}
}
