package controller

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// TestTheFloorGuardGoes: what becomes of the guard is seen by watches, without being asked.
func TestTheFloorGuardGoes(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := admissionregistrationv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	named := metav1.ObjectMeta{Name: "floorkeeper-floor-guard"}
	policy := &admissionregistrationv1.MutatingAdmissionPolicy{ObjectMeta: named}
	policy.Spec.Mutations = []admissionregistrationv1.Mutation{{
		ApplyConfiguration: &admissionregistrationv1.ApplyConfiguration{Expression: `{"` + autoscaler.AnnotationFloor + `": "24"}`},
	}}
	binding := &admissionregistrationv1.MutatingAdmissionPolicyBinding{ObjectMeta: named}
	binding.Spec.PolicyName = named.Name
	g := &guardCheck{
		api: fake.NewClientBuilder().WithScheme(scheme).WithObjects(policy, binding).Build(), policies: Policies{Prefix: "floorkeeper-"},
		leading: func() bool { return true }, active: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "active"}, nil),
		asked: make(chan struct{}, 1), reported: map[string]string{}, targets: true,
	}
	finds := func(when string, want float64) {
		t.Helper()
		if known := g.check(t.Context()); !known || testutil.ToFloat64(g.active.WithLabelValues()) != want {
			t.Errorf("%s the gauge is %v, want %v", when, testutil.ToFloat64(g.active.WithLabelValues()), want)
		}
	}
	asked := func(when string) {
		t.Helper()
		select {
		case <-g.asked:
		case <-time.After(30 * time.Second):
			t.Fatalf("%s nobody asks for another check", when)
		}
	}
	finds("with the guard", 1)
	asked("when the watches begin")
	for len(g.asked) > 0 { // of both
		asked("at once")
	}
	if err := g.api.Delete(t.Context(), binding); err != nil {
		t.Fatal(err)
	}
	asked("without the binding")
	finds("without the binding", 0)
	if got := g.reported["floorkeeper-floor-guard"]; got != "policy not in forceits binding does not exist" {
		t.Errorf("it logs %q", got)
	}
	for _, rest := range []string{floorHandBack, floorScope, targetScope} {
		if got := g.reported["floorkeeper-"+rest]; got != "policy not in forceits policy does not exist" {
			t.Errorf("of the %s it logs %q", rest, got)
		}
	}
}

// TestACopiedFloorIsReported: Flagger makes a primary of an HPA that is held.
func TestACopiedFloorIsReported(t *testing.T) {
	l := primeTime(t)
	primary := evening.HPA(autoscaler.State{MinReplicas: 24, MaxReplicas: 100})
	primary.Name, primary.UID, primary.CreationTimestamp = "front-primary", "2", metav1.NewTime(l.now)
	l.key = client.ObjectKeyFromObject(primary)
	l.create(primary)
	unowned := client.RawPatch(types.JSONPatchType, []byte(`[{"op":"replace","path":"/metadata/managedFields","value":[{}]}]`)) // the clock of its entries is another
	if err := l.api.Patch(t.Context(), primary, unowned); err != nil {
		t.Fatal(err)
	}
	l.until("20:01:00", `
		20:00:00 Warning FloorCopied the baseline 24 is a copy of the floor of HPA front, whose baseline is 4, ...
		20:00:00 sets 24 over 24
		23:30:00 wakes`)
	l.setsMin("kubectl-edit", 8)
	l.play("20:02:00")
	if got := l.stored(); *got.Spec.MinReplicas != 24 || got.Annotations[autoscaler.AnnotationBaseline] != "8" {
		t.Errorf("its owner's 8 became minReplicas %d with %v", *got.Spec.MinReplicas, got.Annotations)
	}
	value, _ := l.records.Load(l.key)
	if got := value.(record).copied; got != (autoscaler.Copy{}) {
		t.Errorf("it is remembered as a copy of %+v", got)
	}
}

// TestAnotherInstallationTakesOver: what it holds is neither written nor remembered as ours.
func TestAnotherInstallationTakesOver(t *testing.T) {
	l := primeTime(t)
	l.scope.Installation = "ops/floorkeeper"
	l.writes(autoscaler.FieldManager, func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		hpa.Annotations[autoscaler.AnnotationManagedBy] = "video/floorkeeper"
		hpa.Annotations[autoscaler.AnnotationFloor], hpa.Spec.MinReplicas = "12", new(int32(12))
	})
	l.until("20:01:00", `
		20:00:00.02 Warning TargetRefused window prime-time selects this HPA, but it gets no floor: it is held by another installation of floorkeeper, video/floorkeeper; ...
		23:30:00 wakes`)
	if text := l.notes.String(); text != "" {
		t.Errorf("it is noted as ours: %s", text)
	}
	l.writes("kubectl", func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		hpa.Annotations, hpa.Spec.MinReplicas = nil, new(int32(24))
	})
	l.until("20:02:00", `
		20:01:00.02 sets 24 over 24
		20:01:01.02 hands back
		23:30:00 wakes`)
}

// TestTheGuardRecordsABaseline: nothing is left to write, and the Event names who changed it.
func TestTheGuardRecordsABaseline(t *testing.T) {
	l := primeTime(t)
	l.writes("helm", func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Annotations[autoscaler.AnnotationBaseline] = "6" })
	l.until("20:01:00", `
		20:00:00.02 BaselineChanged baseline changed from 4 to 6 by helm; it applies when the window ends
		23:30:00 wakes`)
}

// TestEndlessConflictsAreReported: a webhook may answer each patch with the code of a conflict.
func TestEndlessConflictsAreReported(t *testing.T) {
	l := evening24(t)
	l.answer = func(func() error) error {
		return apierrors.NewConflict(autoscalingv2.Resource("horizontalpodautoscalers"), "front", nil)
	}
	l.play("19:22:00")
	story := strings.Join(l.story, "\n")
	if patches, refused := strings.Count(story, "Conflict"), strings.Count(story, "PatchRefused"); patches < 11 || refused != 1 {
		t.Errorf("%d patches, and %d times PatchRefused, want it once within two minutes:\n%s", patches, refused, story)
	}
}
