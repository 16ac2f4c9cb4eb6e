// Package evening is the schedule and the HPA with which the controller and its pure packages are tested.
package evening

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/zones"
)

// Schedule returns a schedule of one window, 19:30 to 23:30 in Paris with a lead time of 10 minutes, and one event.
func Schedule(t *testing.T, ramp time.Duration) *schedules.Schedule {
	t.Helper()
	paris := Paris(t)
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

// Paris returns the zone of the schedule.
func Paris(t *testing.T) *time.Location {
	t.Helper()
	loc, err := zones.Load("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// At plays the decisions of a controller at the given instants, each on the state that the one before left, and
// returns the last.
func At(schedule *schedules.Schedule, s autoscaler.State, instants ...time.Time) autoscaler.Verdict {
	var verdict autoscaler.Verdict
	for _, instant := range instants {
		verdict = autoscaler.Scope{}.Judge(schedule, HPA(s), instant)
		s = verdict.Desired
	}
	return verdict
}

// Clock returns the instant of a time of day on 18 December in Paris; hours from 24 on are those of the next day.
func Clock(t *testing.T, text string) time.Time {
	t.Helper()
	var hour, minute, second int
	if _, err := fmt.Sscanf(text, "%d:%d:%d", &hour, &minute, &second); err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 12, 18, hour, minute, second, 0, Paris(t))
}

// OnlyWindows returns the schedule without its events.
func OnlyWindows(s *schedules.Schedule) *schedules.Schedule { return schedules.New(s.Windows(), nil) }

// Asks returns the decision of the event for a floor.
func Asks(floor int32) schedules.Decision {
	return schedules.Decision{Floor: floor, Full: floor, Because: "cup-final", Since: KickOff(), Until: Whistle()}
}

// Mark returns what the annotations of an HPA hold while the event is open.
func Mark(baseline, floor int32) autoscaler.Mark {
	return autoscaler.Mark{
		Baseline: baseline, Floor: floor, Because: "cup-final",
		Since: "2026-12-18T19:15:00Z", Until: "2026-12-18T23:59:00Z",
	}
}

// HPA returns video/front in a state.
func HPA(s autoscaler.State) *autoscalingv2.HorizontalPodAutoscaler {
	annotations := map[string]string{}
	if s.Condition == autoscaler.Held {
		annotations[autoscaler.AnnotationBaseline] = strconv.Itoa(int(s.Mark.Baseline))
		annotations[autoscaler.AnnotationFloor] = strconv.Itoa(int(s.Mark.Floor))
		annotations[autoscaler.AnnotationBecause] = s.Mark.Because
		annotations[autoscaler.AnnotationSince] = s.Mark.Since
		annotations[autoscaler.AnnotationUntil] = s.Mark.Until
		annotations[autoscaler.AnnotationManagedBy] = s.Mark.ManagedBy
	}
	if s.Condition == autoscaler.Damaged {
		annotations[autoscaler.AnnotationBaseline] = "many"
	}
	if s.Declared.Valid {
		annotations[autoscaler.AnnotationDeclaredBaseline] = strconv.Itoa(int(s.Declared.Replicas))
	}
	if s.MaxFloor > 0 {
		annotations[autoscaler.AnnotationMaxFloor] = strconv.Itoa(int(s.MaxFloor))
	}
	return &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: "video", Name: "front", UID: "1", ResourceVersion: "1", Annotations: annotations},
		Spec:       autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: &s.MinReplicas, MaxReplicas: s.MaxReplicas},
	}
}

// KickOff is when the event begins in [Asks].
func KickOff() time.Time { return time.Date(2026, 12, 18, 19, 15, 0, 0, time.UTC) }

// Whistle is when the event ends in [Asks].
func Whistle() time.Time { return time.Date(2026, 12, 18, 23, 59, 0, 0, time.UTC) }

// DrawState draws any state that the API server would store.
func DrawState(t *rapid.T) autoscaler.State {
	s := autoscaler.State{MaxReplicas: rapid.Int32Range(1, 200).Draw(t, "maxReplicas"), ZeroLegal: rapid.Bool().Draw(t, "zeroLegal")}
	s.MinReplicas = rapid.Int32Range(Lowest(s), s.MaxReplicas).Draw(t, "minReplicas")
	if rapid.Bool().Draw(t, "held") {
		floor := rapid.Int32Range(0, 200).Draw(t, "floor")
		s.Condition, s.Mark = autoscaler.Held, Mark(rapid.Int32Range(0, floor).Draw(t, "baseline"), floor)
	}
	if rapid.Bool().Draw(t, "declares") {
		s.Declared = autoscaler.Declaration{Replicas: rapid.Int32Range(0, 250).Draw(t, "declared"), Valid: true}
	}
	if rapid.Bool().Draw(t, "limited") {
		s.Limit = autoscaler.Limit{
			MaxFloor: rapid.Int32Range(0, 250).Draw(t, "max-floor"), Factor: schedules.Ratio(rapid.IntRange(1, 40).Draw(t, "factor") * 500),
		}
		s.MaxFloor = rapid.Int32Range(0, 250).Draw(t, "own max-floor")
	}
	return s
}

// Lowest returns the smallest minReplicas that the API server accepts.
func Lowest(s autoscaler.State) int32 {
	if s.ZeroLegal {
		return 0
	}
	return 1
}
