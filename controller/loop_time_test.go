package controller

import (
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

func TestARampHasTwoEventsAndOneHandBack(t *testing.T) {
	l := begin(t, evening.OnlyWindows(evening.Schedule(t, 10*time.Minute)), four(), "19:00:00")
	l.until("19:30:00", `
		19:11:00 sets 6 over 4
		19:11:00 FloorRaised minReplicas 4 -> 6, climbing to 24 (window prime-time); baseline 4
		19:12:00 sets 8 over 4
		19:13:00 sets 10 over 4
		19:14:00 sets 12 over 4
		19:15:00 sets 14 over 4
		19:16:00 sets 16 over 4
		19:17:00 sets 18 over 4
		19:18:00 sets 20 over 4
		19:19:00 sets 22 over 4
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 22 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:00.02 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		19:20:01 hands back
		23:30:00 wakes`)
	l.until("23:50:00", `
		23:30:00 sets 22 over 4
		23:30:00 FloorLowered minReplicas 24 -> 22, descending to 4 (window prime-time); baseline 4
		23:31:00 sets 20 over 4
		23:32:00 sets 18 over 4
		23:33:00 sets 16 over 4
		23:34:00 sets 14 over 4
		23:35:00 sets 12 over 4
		23:36:00 sets 10 over 4
		23:37:00 sets 8 over 4
		23:38:00 sets 6 over 4
		23:39:00 sets 4
		23:39:00 FloorReleased minReplicas 6 -> 4, the baseline: window prime-time is over
		23:39:01 hands back
		19:11:00 wakes`)
}

func TestARestartInTheMiddleOfAWindow(t *testing.T) {
	l := primeTime(t)
	l.restart()
	l.until("21:00:00", `
		23:30:00 wakes`)
	l.restart()
	l.now = evening.Clock(t, "23:35:00") // it was away when the window ended
	l.wake = l.now
	l.until("23:40:00", `
		23:35:00 sets 4
		23:35:00 FloorReleased minReplicas 24 -> 4, the baseline: window prime-time is over
		23:35:01 hands back
		19:20:00 wakes`)
}

func TestARestartBeforeTheHandBack(t *testing.T) {
	l := evening24(t)
	l.play("19:20:00.5")
	l.restart()
	l.story = nil
	l.until("19:30:00", `
		19:20:00 hands back
		23:30:00 wakes`)
}

func TestAFloorThatIsNotReached(t *testing.T) {
	l := evening24(t)
	l.idle = true
	l.until("19:50:00", `
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:01 hands back
		19:25:00 Warning FloorNotReached 5m0s after the raise to 24 the HPA asks for 4 replicas: the HPA controller has not acted on it; is kube-controller-manager running?
		23:30:00 wakes`)
	l.idle = false
	l.writes("kubectl-annotate", func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Annotations["floorkeeper.dev/seen"] = "yes" })
	l.until("20:00:00", `
		19:50:00.02 FloorReached the HPA asks for 24 replicas, 30m0s after the raise to 24 ...
		23:30:00 wakes`)
}

func TestAFloorThatANewLeaderFindsUnreached(t *testing.T) {
	l := evening24(t)
	l.idle = true
	l.play("19:22:00")
	l.story = nil
	l.restart()
	l.until("19:40:00", `
		19:25:00 Warning FloorNotReached with a floor of 24 the HPA asks for 4 replicas: the HPA controller has not acted on it; is kube-controller-manager running?
		23:30:00 wakes`)
}

func TestANewLeaderWithAnOldScheduleKeepsThePromise(t *testing.T) {
	l := primeTime(t)
	l.restart()
	l.settling.period = 2 * time.Minute
	l.loads(schedules.New(nil, nil))
	l.until("20:01:00", `
		20:02:00 wakes`)
	l.leadAgain(false) // nobody else has led
	l.wake = l.now
	l.until("20:03:00", `
		20:02:00 sets 4
		20:02:00 FloorReleased minReplicas 24 -> 4, the baseline: entry prime-time no longer covers it
		20:02:01 hands back
		sleeps`)
}

// TestANewLeaderHeedsOtherLabelsAtOnce: only the schedule may be old.
func TestANewLeaderHeedsOtherLabelsAtOnce(t *testing.T) {
	l := primeTime(t)
	window := evening.Schedule(t, 0).Windows()[0]
	front, err := labels.Parse("tier=front")
	if err != nil {
		t.Fatal(err)
	}
	window.Targets = []schedules.Target{{Namespace: "video", Selector: front, Amount: schedules.Amount{Replicas: 24}}}
	l.writes("kubectl", func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Labels = map[string]string{"tier": "front"} })
	l.loads(schedules.New([]schedules.Window{window}, nil))
	l.play("20:00:10")
	l.restart()
	l.settling.period = 2 * time.Minute
	l.play("20:00:20")
	l.story = nil
	l.writes("kubectl", func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Labels = nil })
	l.until("20:01:00", `
		20:00:20.02 sets 4
		20:00:20.02 FloorReleased minReplicas 24 -> 4, the baseline: window prime-time no longer covers it
		20:00:21.02 hands back
		sleeps`)
}

func TestAfterAnotherLeadersTermNothingIsRemembered(t *testing.T) {
	l := primeTime(t)
	l.settling.period = 2 * time.Minute
	l.leadAgain(true)
	if l.reverts != 1 {
		t.Errorf("the guard is looked at %d times", l.reverts)
	}
	l.writes("flux", strip(4)) // it cannot know this to be a revert
	l.until("20:05:00", `
		20:00:00.02 sets 24 over 4
		20:00:00.02 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		20:00:00.04 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		20:00:01.02 hands back
		23:30:00 wakes`)
	l.loads(schedules.New(nil, nil))
	l.now = l.now.Add(time.Minute)
	l.leadAgain(true) // with a file that was read before
	l.wake = l.now
	l.until("20:10:00", `
		20:08:00 sets 4
		20:08:00 FloorReleased minReplicas 24 -> 4, the baseline: entry prime-time no longer covers it
		20:08:01 hands back
		sleeps`)
}

func TestAnEditOfTheSchedule(t *testing.T) {
	l := primeTime(t)
	window := evening.Schedule(t, 0).Windows()[0]
	window.End += 900
	l.loads(schedules.New([]schedules.Window{window}, nil))
	l.until("20:10:00", `
		20:00:00 sets 24 over 4
		20:00:00 FloorExtended minReplicas 24 until 23:45 CET instead of 23:30 CET (window prime-time)
		20:00:01 hands back
		23:45:00 wakes`)
	window.Targets = []schedules.Target{{Namespace: "video", Amount: schedules.Amount{Replicas: 240}}}
	l.loads(schedules.New([]schedules.Window{window}, nil))
	l.until("20:20:00", `
		20:10:00 sets 100 over 4
		20:10:00 FloorRaised minReplicas 24 -> 100 until 23:45 CET (window prime-time); baseline 4
		20:10:00 Warning FloorClamped floor 240 (window prime-time) is above maxReplicas and is clamped to 100; raise maxReplicas to get it
		20:10:00.02 FloorReached the HPA asks for 100 replicas, 20ms after the raise to 100 ...
		20:10:01 hands back
		23:45:00 wakes`)
	window.Targets = []schedules.Target{{Namespace: "video", Amount: schedules.Amount{Replicas: 12}}}
	l.loads(schedules.New([]schedules.Window{window}, nil))
	l.until("20:30:00", `
		20:20:00 sets 12 over 4
		20:20:00 FloorLowered minReplicas 100 -> 12, floor held until 23:45 CET (window prime-time); baseline 4
		20:20:01 hands back
		23:45:00 wakes`)
	l.loads(schedules.New(nil, nil))
	l.until("20:40:00", `
		20:30:00 sets 4
		20:30:00 FloorReleased minReplicas 12 -> 4, the baseline: entry prime-time no longer covers it
		20:30:01 hands back
		sleeps`)
}

func TestADeclarationThatIsNoNumberIsReported(t *testing.T) {
	hpa := four()
	hpa.Annotations = map[string]string{autoscaler.AnnotationDeclaredBaseline: "two"}
	l := begin(t, evening.OnlyWindows(evening.Schedule(t, 0)), hpa, "19:00:00")
	l.until("19:30:00", `
		19:20:00 Warning DeclarationIgnored floorkeeper.dev/declared-baseline "two" is not applied: write a whole number from 0 to 999999; the baseline is 4
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:00.02 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		19:20:01 hands back
		23:30:00 wakes`)
}

func TestAMultiplierDoesNotCompound(t *testing.T) {
	window := evening.Schedule(t, 0).Windows()[0]
	window.Targets = []schedules.Target{{Namespace: "video", Amount: schedules.Amount{Ratio: 3000}}}
	l := begin(t, schedules.New([]schedules.Window{window}, nil), four(), "20:00:00")
	l.until("20:10:00", `
		20:00:00 sets 12 over 4
		20:00:00 FloorRaised minReplicas 4 -> 12 until 23:30 CET (window prime-time); baseline 4
		20:00:00.02 FloorReached the HPA asks for 12 replicas, 20ms after the raise to 12 ...
		20:00:01 hands back
		23:30:00 wakes`)
	l.restart()
	l.until("20:20:00", `
		23:30:00 wakes`)
	l.setsMin("argocd", 4)
	l.until("20:30:00", `
		20:20:00.02 sets 12 over 4
		20:20:00.02 Warning FloorReverted minReplicas 4 was written by argocd; put back to 12 until 23:30 CET (window prime-time); baseline 4
		20:20:01.02 hands back
		23:30:00 wakes`)
}
