package controller

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// evening is a schedule of one window, 19:30 to 23:30 in Paris with a lead time of 10 minutes, and one event.
func eveningSchedule(t *testing.T, ramp time.Duration) *schedules.Schedule {
	t.Helper()
	paris := paris(t)
	video := []schedules.Target{{Namespace: "video", Amount: schedules.Amount{Replicas: 24}}}
	return schedules.New([]schedules.Window{{
		Entry: schedules.Entry{
			Name: "prime-time", Location: paris, LeadTime: 10 * time.Minute, RampUp: ramp, RampDown: ramp, Targets: video,
		},
		Start: 19*3600 + 30*60, End: 23*3600 + 30*60,
	}}, []schedules.Event{{
		Entry:      schedules.Entry{Name: "cup-final", Location: paris},
		Start:      time.Date(2026, 12, 18, 20, 0, 0, 0, paris),
		End:        time.Date(2026, 12, 19, 0, 30, 0, 0, paris),
		StartDate:  schedules.NewDate(2026, 12, 18),
		Multiplier: 3000,
	}})
}

func paris(t *testing.T) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// lookAt plays the looks of a controller at the given instants, each on the state that the one before left, and returns
// the last.
func lookAt(schedule *schedules.Schedule, s State, instants ...time.Time) Look {
	var look Look
	for _, instant := range instants {
		look = Scope{}.Look(schedule, hpa(s), instant)
		s = look.Next
	}
	return look
}

// clock returns the instant of a time of day on 18 December in Paris; hours from 24 on are those of the next day.
func clock(t *testing.T, text string) time.Time {
	t.Helper()
	var hour, minute, second int
	if _, err := fmt.Sscanf(text, "%d:%d:%d", &hour, &minute, &second); err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 12, 18, hour, minute, second, 0, paris(t))
}

func onlyWindows(s *schedules.Schedule) *schedules.Schedule { return schedules.New(s.Windows(), nil) }

func asks(floor int32) schedules.Decision {
	return schedules.Decision{Floor: floor, Full: floor, Because: "cup-final", Since: kickOff(), Until: whistle()}
}

func mark(baseline, floor int32) Mark {
	return Mark{
		Baseline: baseline, Floor: floor, Because: "cup-final",
		Since: "2026-12-18T19:15:00Z", Until: "2026-12-18T23:59:00Z",
	}
}

// hpa returns video/front in a state.
func hpa(s State) *autoscalingv2.HorizontalPodAutoscaler {
	annotations := map[string]string{}
	if s.Condition == Held {
		annotations[AnnotationBaseline] = strconv.Itoa(int(s.Mark.Baseline))
		annotations[AnnotationFloor] = strconv.Itoa(int(s.Mark.Floor))
		annotations[AnnotationBecause] = s.Mark.Because
		annotations[AnnotationSince] = s.Mark.Since
		annotations[AnnotationUntil] = s.Mark.Until
	}
	if s.Condition == Damaged {
		annotations[AnnotationBaseline] = "many"
	}
	if s.Declared.Valid {
		annotations[AnnotationDeclaredBaseline] = strconv.Itoa(int(s.Declared.Replicas))
	}
	return &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: "video", Name: "front", UID: "1", ResourceVersion: "1", Annotations: annotations},
		Spec:       autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: &s.MinReplicas, MaxReplicas: s.MaxReplicas},
	}
}

// kickOff is when the event cup-final begins in [asks].
func kickOff() time.Time { return time.Date(2026, 12, 18, 19, 15, 0, 0, time.UTC) }

// whistle is when it ends.
func whistle() time.Time { return time.Date(2026, 12, 18, 23, 59, 0, 0, time.UTC) }

// drawState draws any state that the API server would store.
func drawState(t *rapid.T) State {
	s := State{MaxReplicas: rapid.Int32Range(1, 200).Draw(t, "maxReplicas"), ZeroLegal: rapid.Bool().Draw(t, "zeroLegal")}
	s.MinReplicas = rapid.Int32Range(lowest(s), s.MaxReplicas).Draw(t, "minReplicas")
	if rapid.Bool().Draw(t, "held") {
		floor := rapid.Int32Range(0, 200).Draw(t, "floor")
		s.Condition, s.Mark = Held, mark(rapid.Int32Range(0, floor).Draw(t, "baseline"), floor)
	}
	if rapid.Bool().Draw(t, "declares") {
		s.Declared = Declaration{rapid.Int32Range(0, 250).Draw(t, "declared"), true}
	}
	return s
}

func lowest(s State) int32 {
	if s.ZeroLegal {
		return 0
	}
	return 1
}
