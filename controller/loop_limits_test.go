package controller

import (
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// TestALimitThatIsNewLowersAtOnce: a new leader that has a limit does not wait for the settle time, as it does where the
// schedule alone asks for less. It is the brake for a night on which a typo is open already.
func TestALimitThatIsNewLowersAtOnce(t *testing.T) {
	l := begin(t, evening.Schedule(t, 0), four(), "20:05:00")
	l.until("20:09:00", `
		20:05:00 sets 72 over 4
		20:05:00 FloorRaised minReplicas 4 -> 72 until Sat 00:30 CET (event cup-final); baseline 4
		20:05:00.02 FloorReached the HPA asks for 72 replicas, 20ms after the raise to 72 ...
		20:05:01 hands back
		23:30:00 wakes`)
	l.now = evening.Clock(t, "20:10:00")
	l.restart()
	l.scope.Limit.MaxFloor, l.settling.period = 30, 2*time.Minute
	l.until("24:45:00", `
		20:10:00 sets 30 over 4
		20:10:00 FloorLowered minReplicas 72 -> 30, floor held until Sat 00:30 CET (event cup-final); baseline 4
		20:10:00 Warning FloorClamped floor 72 (event cup-final) is above --max-floor and is clamped to 30; correct the schedule, or raise --max-floor to get it
		20:10:01 hands back
		00:30:00 sets 4
		00:30:00 FloorReleased minReplicas 30 -> 4, the baseline: event cup-final is over
		00:30:01 hands back
		19:20:00 wakes`)
}

// TestTheLimitOfTheOwner: it lowers the one of the installation, at once, and a value that is no number lifts neither.
func TestTheLimitOfTheOwner(t *testing.T) {
	l := begin(t, evening.OnlyWindows(evening.Schedule(t, 0)), four(), "19:30:00")
	l.scope.Limit.MaxFloor = 20
	limits := func(value string) {
		l.writes("kubectl", func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
			if hpa.Annotations == nil {
				hpa.Annotations = map[string]string{}
			}
			hpa.Annotations[autoscaler.AnnotationMaxFloor] = value
		})
	}
	l.until("19:39:00", `
		19:30:00 sets 20 over 4
		19:30:00 FloorRaised minReplicas 4 -> 20 until 23:30 CET (window prime-time); baseline 4
		19:30:00 Warning FloorClamped floor 24 (window prime-time) is above --max-floor and is clamped to 20; correct the schedule, or raise --max-floor to get it
		19:30:00.02 FloorReached the HPA asks for 20 replicas, 20ms after the raise to 20 ...
		19:30:01 hands back
		23:30:00 wakes`)
	limits("12")
	l.until("19:40:00", `
		19:39:00.02 sets 12 over 4
		19:39:00.02 FloorLowered minReplicas 20 -> 12, floor held until 23:30 CET (window prime-time); baseline 4
		19:39:00.02 Warning FloorClamped floor 24 (window prime-time) is above floorkeeper.dev/max-floor and is clamped to 12; correct the schedule, or raise floorkeeper.dev/max-floor to get it
		19:39:01.02 hands back
		23:30:00 wakes`)
	limits("40")
	l.play("19:41:00")
	if got := *l.stored().Spec.MinReplicas; got != 20 {
		t.Errorf("a limit of 40 gives %d, want the 20 of the installation", got)
	}
	l.story = nil
	limits("4O")
	l.until("19:42:00", `
		19:41:00.02 Warning DeclarationIgnored floorkeeper.dev/max-floor "4O" is not applied: write a whole number from 1 to 999999; the floor is limited by --max-floor 20
		23:30:00 wakes`)
}

// TestALimitIsNoLimitForTheOwner: what somebody writes above it stays, as baseline, and the floor is never below that.
func TestALimitIsNoLimitForTheOwner(t *testing.T) {
	l := begin(t, evening.OnlyWindows(evening.Schedule(t, 0)), four(), "19:30:00")
	l.scope.Limit.MaxFloor = 10
	l.play("19:39:00")
	l.setsMin("kubectl", 15)
	l.play("19:40:00")
	if hpa := l.stored(); *hpa.Spec.MinReplicas != 15 || hpa.Annotations[autoscaler.AnnotationBaseline] != "15" {
		t.Errorf("15 becomes %d with %v", *hpa.Spec.MinReplicas, hpa.Annotations)
	}
	l.play("23:45:00")
	if hpa := l.stored(); *hpa.Spec.MinReplicas != 15 || autoscaler.Leftovers(hpa) {
		t.Errorf("15 is released as %d with %v", *hpa.Spec.MinReplicas, hpa.Annotations)
	}
}

// TestAFactorFollowsTheBaseline: as a floor of 300% does. A declared baseline is proof against that.
func TestAFactorFollowsTheBaseline(t *testing.T) {
	for declared, want := range map[string]int32{"": 50, "20": 60} {
		hpa := evening.HPA(autoscaler.State{MinReplicas: 20, MaxReplicas: 100})
		if declared != "" {
			hpa.Annotations[autoscaler.AnnotationDeclaredBaseline] = declared
		}
		l := begin(t, evening.Schedule(t, 0), hpa, "20:05:00")
		l.scope.Limit.Factor = 3000
		l.play("20:09:00")
		if got := *l.stored().Spec.MinReplicas; got != 60 {
			t.Errorf("three times 20 is %d", got)
		}
		l.setsMin("kubectl", 2)
		l.play("20:10:00")
		if got := *l.stored().Spec.MinReplicas; got != want {
			t.Errorf("with a declared baseline of %q, a baseline of 2 makes the floor %d, want %d", declared, got, want)
		}
	}
}
