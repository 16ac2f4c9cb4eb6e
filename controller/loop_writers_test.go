package controller

import (
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// raisedForPrimeTime is the story of a floor of 24 that is raised at 19:20.
const raisedForPrimeTime = `
	19:20:00 sets 24 over 4
	19:20:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
	19:20:00.02 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
	19:20:01 hands back
	23:30:00 wakes`

// primeTime begins an evening whose floor of 24 lasts until 23:30, played up to 20:00.
func primeTime(t *testing.T) *loop {
	t.Helper()
	l := begin(t, evening.OnlyWindows(evening.Schedule(t, 0)), four(), "19:00:00")
	l.until("20:00:00", raisedForPrimeTime)
	return l
}

func TestARevertIsPutBackAtOnce(t *testing.T) {
	l := primeTime(t)
	l.setsMin("argocd", 4)
	l.until("23:40:00", `
		20:00:00.02 sets 24 over 4
		20:00:00.02 Warning FloorReverted minReplicas 4 was written by argocd; put back to 24 until 23:30 CET (window prime-time); baseline 4
		20:00:01.02 hands back
		23:30:00 sets 4
		23:30:00 FloorReleased minReplicas 24 -> 4, the baseline: window prime-time is over
		23:30:01 hands back
		19:20:00 wakes`)
	if got := testutil.ToFloat64(l.metrics.reverts.WithLabelValues("video", "argocd")); got != 1 || l.reverts != 1 {
		t.Errorf("%v reverts counted, %d passed on", got, l.reverts)
	}
}

func TestAnOwnersWishIsKept(t *testing.T) {
	l := primeTime(t)
	l.setsMin("helm", 6)
	l.until("21:00:00", `
		20:00:00.02 sets 24 over 6
		20:00:00.02 BaselineChanged baseline changed from 4 to 6 by helm; it applies when the window ends
		20:00:00.02 Warning FloorReverted minReplicas 6 was written by helm; put back to 24 until 23:30 CET (window prime-time); baseline 6
		20:00:01.02 hands back
		23:30:00 wakes`)
	l.setsMin("kubectl-edit", 30)
	l.until("23:40:00", `
		21:00:00.02 sets 30 over 30
		21:00:00.02 BaselineChanged baseline changed from 6 to 30 by kubectl-edit
		21:00:01.02 hands back
		23:30:00 sets 30
		19:20:00 wakes`)
}

func TestAnOpponentIsAnsweredMoreAndMoreSlowly(t *testing.T) {
	l := primeTime(t)
	for at := range 12 {
		l.setsMin("argocd", 4)
		l.play(fmt.Sprintf("20:00:%02d", 4*(at+1)))
	}
	l.until("20:10:00", `
		20:00:00.02 sets 24 over 4
		20:00:00.02 Warning FloorReverted minReplicas 4 was written by argocd; put back to 24 until 23:30 CET (window prime-time); baseline 4
		20:00:01.02 hands back
		20:00:04.02 sets 24 over 4
		20:00:05.02 hands back
		20:00:08.02 sets 24 over 4
		20:00:09.02 hands back
		20:00:13.02 sets 24 over 4
		20:00:14.02 hands back
		20:00:18.02 sets 24 over 4
		20:00:19.02 hands back
		20:00:24.02 sets 24 over 4
		20:00:25.02 hands back
		20:00:36.02 sets 24 over 4
		20:00:37.02 hands back
		20:00:56.02 sets 24 over 4
		20:00:57.02 hands back
		23:30:00 wakes`)
}

func TestAnEntryThatOpensDoesNotWaitForAnOpponent(t *testing.T) {
	l := begin(t, evening.Schedule(t, 0), four(), "19:59:00")
	l.until("19:59:50", `
		19:59:00 sets 24 over 4
		19:59:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:59:00.02 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		19:59:01 hands back
		20:00:00 wakes`)
	for at := range 6 {
		l.setsMin("argocd", 4)
		l.play(fmt.Sprintf("19:59:%d", 51+at))
	}
	l.until("20:01:00", `
		19:59:50.02 sets 24 over 4
		19:59:50.02 Warning FloorReverted minReplicas 4 was written by argocd; put back to 24 until 23:30 CET (window prime-time); baseline 4
		19:59:51.02 sets 24 over 4
		19:59:52.02 sets 24 over 4
		19:59:54.02 sets 24 over 4
		19:59:57.02 sets 24 over 4
		19:59:58.02 hands back
		20:00:00 sets 72 over 4
		20:00:00 FloorRaised minReplicas 24 -> 72 until Sat 00:30 CET (event cup-final); baseline 4
		20:00:00.02 FloorReached the HPA asks for 72 replicas, 20ms after the raise to 72 ...
		20:00:01 hands back
		23:30:00 wakes`)
}

// strip writes the whole object as its owner has it, as a PUT does.
func strip(replicas int32) func(*autoscalingv2.HorizontalPodAutoscaler) {
	return func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		hpa.Annotations, hpa.Spec.MinReplicas = nil, &replicas
	}
}

func TestAPutOfTheWholeObjectIsARevert(t *testing.T) {
	l := primeTime(t)
	l.writes("flux", strip(4))
	l.until("20:05:00", `
		20:00:00.02 sets 24 over 4
		20:00:00.02 Warning FloorReverted minReplicas 4 was written by flux; put back to 24 until 23:30 CET (window prime-time); baseline 4
		20:00:01.02 hands back
		23:30:00 wakes`)
	l.writes("flux", strip(10))
	l.until("23:40:00", `
		20:05:00.02 sets 24 over 10
		20:05:00.02 Warning FloorReverted minReplicas 10 was written by flux; put back to 24 until 23:30 CET (window prime-time); baseline 10
		20:05:01.02 hands back
		23:30:00 sets 10
		23:30:00 FloorReleased minReplicas 24 -> 10, the baseline: window prime-time is over
		23:30:01 hands back
		19:20:00 wakes`)
}

func TestAnnotationsThatAreTakenOff(t *testing.T) {
	l := primeTime(t)
	l.writes("crossplane", strip(24))
	l.until("23:40:00", `
		20:00:00.02 Warning BaselineLost the annotations floorkeeper.dev/* were removed and minReplicas 24, which is a floor, was kept, so minReplicas is left as it is. The baseline was 4; to restore it: kubectl annotate ...
		23:30:00 Warning BaselineLost the annotations floorkeeper.dev/* were removed and minReplicas 24, which is a floor, was kept, so minReplicas is left as it is. The baseline was 4; to restore it: kubectl patch hpa front --namespace=video --type=merge --patch='{"spec":{"minReplicas":4}}'
		19:20:00 wakes`)
	l.setsMin("kubectl-edit", 4)
	l.until("23:50:00", `
		19:20:00 wakes`)
}

func TestADeclaredBaselineHealsWhatWasTakenOff(t *testing.T) {
	l := primeTime(t)
	l.writes("crossplane", strip(24))
	l.until("20:05:00", `
		20:00:00.02 Warning BaselineLost the annotations floorkeeper.dev/* were removed and minReplicas 24, which is a floor, was kept, so minReplicas is left as it is. The baseline was 4; to restore it: kubectl annotate ...
		23:30:00 wakes`)
	l.writes("kubectl-annotate", func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		hpa.Annotations = map[string]string{autoscaler.AnnotationDeclaredBaseline: "4"}
	})
	l.until("23:40:00", `
		20:05:00.02 sets 24 over 4
		20:05:01.02 hands back
		23:30:00 sets 4
		23:30:00 FloorReleased minReplicas 24 -> 4, the baseline: window prime-time is over
		23:30:01 hands back
		19:20:00 wakes`)
}

func TestDamagedAnnotationsAreReportedOnce(t *testing.T) {
	l := primeTime(t)
	l.writes("kubectl-edit", func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		hpa.Annotations[autoscaler.AnnotationBaseline] = "four"
	})
	l.until("23:40:00", `
		20:00:00.02 Warning BaselineLost annotations floorkeeper.dev/* are damaged (floorkeeper.dev/baseline "four", floorkeeper.dev/floor "24"), so the baseline is unknown ...
		19:20:00 wakes`)
	l.writes("kubectl-edit", strip(4))
	l.until("23:50:00", `
		19:20:00 wakes`)
	l.writes("kubectl-edit", func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		hpa.Annotations = map[string]string{autoscaler.AnnotationFloor: "five"}
	})
	l.until("23:55:00", `
		23:50:00.02 Warning BaselineLost annotations floorkeeper.dev/* are damaged (floorkeeper.dev/baseline "", floorkeeper.dev/floor "five"), so the baseline is unknown ...
		19:20:00 wakes`)
}

func TestAnIgnoredHPAIsReleased(t *testing.T) {
	l := primeTime(t)
	l.writes("kubectl-annotate", func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		hpa.Annotations[autoscaler.AnnotationIgnore] = "true"
	})
	l.until("20:05:00", `
		20:00:00.02 sets 4
		20:00:00.02 FloorReleased minReplicas 24 -> 4, the baseline: floorkeeper.dev/ignore is set
		20:00:01.02 hands back
		23:30:00 wakes`)
	l.writes("kubectl-annotate", func(hpa *autoscalingv2.HorizontalPodAutoscaler) { delete(hpa.Annotations, autoscaler.AnnotationIgnore) })
	l.until("20:10:00", `
		20:05:00.02 sets 24 over 4
		20:05:00.02 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		20:05:00.04 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		20:05:01.02 hands back
		23:30:00 wakes`)
}

func TestAnHPAThatKEDAAdoptsIsReleasedAndReportedOnce(t *testing.T) {
	l := primeTime(t)
	l.writes("keda", func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		hpa.OwnerReferences = []metav1.OwnerReference{{APIVersion: "keda.sh/v1alpha1", Kind: "ScaledObject", Name: "front", UID: "2"}}
	})
	l.until("20:05:00", `
		20:00:00.02 Warning TargetRefused window prime-time selects this HPA, but it gets no floor: it is owned by the KEDA ScaledObject front, which would overwrite it; use a KEDA trigger instead
		20:00:00.02 sets 4
		20:00:00.02 FloorReleased minReplicas 24 -> 4, the baseline: it is owned by the KEDA ScaledObject front
		20:00:01.02 hands back
		23:30:00 wakes`)
	l.writes("keda", func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.OwnerReferences = nil })
	l.until("20:10:00", `
		20:05:00.02 sets 24 over 4
		20:05:00.02 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		20:05:00.04 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		20:05:01.02 hands back
		23:30:00 wakes`)
}

func TestALabelThatIsChangedReleases(t *testing.T) {
	window := evening.Schedule(t, 0).Windows()[0]
	window.Targets = []schedules.Target{{Selector: labels.SelectorFromSet(labels.Set{"tier": "web"}), Amount: schedules.Amount{Replicas: 24}}}
	l := begin(t, schedules.New([]schedules.Window{window}, nil), four(), "19:30:00")
	l.until("19:40:00", `
		sleeps`)
	l.writes("kubectl-label", func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Labels = map[string]string{"tier": "web"} })
	l.until("19:50:00", `
		19:40:00.02 sets 24 over 4
		19:40:00.02 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:40:00.04 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		19:40:01.02 hands back
		23:30:00 wakes`)
	l.writes("kubectl-label", func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Labels = nil })
	l.until("20:00:00", `
		19:50:00.02 sets 4
		19:50:00.02 FloorReleased minReplicas 24 -> 4, the baseline: window prime-time no longer covers it
		19:50:01.02 hands back
		sleeps`)
}

func TestAMaxReplicasThatIsLowered(t *testing.T) {
	l := primeTime(t)
	l.writes("kubectl-edit", func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		hpa.Spec.MaxReplicas, hpa.Spec.MinReplicas = 10, new(int32(10))
	})
	l.until("20:05:00", `
		20:00:00.02 sets 10 over 10
		20:00:00.02 BaselineChanged baseline changed from 4 to 10 by kubectl-edit
		20:00:00.02 Warning FloorClamped floor 24 (window prime-time) is above maxReplicas and is clamped to 10; raise maxReplicas to get it
		20:00:01.02 hands back
		23:30:00 wakes`)
	l.writes("kubectl-edit", func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Spec.MaxReplicas = 50 })
	l.until("23:40:00", `
		20:05:00.02 sets 24 over 10
		20:05:00.02 FloorRaised minReplicas 10 -> 24 until 23:30 CET (window prime-time); baseline 10
		20:05:00.04 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		20:05:01.02 hands back
		23:30:00 sets 10
		23:30:00 FloorReleased minReplicas 24 -> 10, the baseline: window prime-time is over
		23:30:01 hands back
		19:20:00 wakes`)
}

func TestAnHPAThatIsCreatedAnewStartsFresh(t *testing.T) {
	l := primeTime(t)
	if err := l.api.Delete(t.Context(), l.stored()); err != nil {
		t.Fatal(err)
	}
	l.wake = l.now
	l.until("20:05:00", `
		sleeps`)
	again := four()
	again.UID = types.UID("2")
	again.Spec.MinReplicas = new(int32(24)) // its owner's own value, which is no floor of ours
	l.create(again)
	l.until("23:40:00", `
		20:05:00 sets 24 over 24
		20:05:01 hands back
		23:30:00 sets 24
		19:20:00 wakes`)
}
