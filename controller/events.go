package controller

import (
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// The reasons of our Events.
const (
	ReasonFloorRaised        = "FloorRaised"
	ReasonFloorLowered       = "FloorLowered"
	ReasonFloorReleased      = "FloorReleased"
	ReasonFloorReached       = "FloorReached"
	ReasonFloorNotReached    = "FloorNotReached"
	ReasonFloorReverted      = "FloorReverted"
	ReasonFloorClamped       = "FloorClamped"
	ReasonFloorAtRisk        = "FloorAtRisk"
	ReasonBaselineChanged    = "BaselineChanged"
	ReasonBaselineLost       = "BaselineLost"
	ReasonDeclarationIgnored = "DeclarationIgnored"
	ReasonPatchRefused       = "PatchRefused"
	ReasonTargetRefused      = "TargetRefused"
	ReasonScheduleLoaded     = "ScheduleLoaded"
	ReasonScheduleRefused    = "ScheduleRefused"
)

// maxNote is how many bytes the note of an Event may have; the API server refuses a longer one.
const maxNote = 1024

// notice is an Event to be. The recorder counts Events of equal type, reason and action as one and keeps the first
// note, so action holds whatever tells two changes apart.
type notice struct {
	eventType, reason, action, note string
}

// record writes the Event on an object.
func (n notice) record(recorder events.EventRecorder, regarding runtime.Object) {
	recorder.Eventf(regarding, nil, n.eventType, n.reason, n.action, "%s", shortened(n.note, maxNote))
}

// standing returns the problem that keeps the HPA from being covered, if there is one to tell of.
func (l Look) standing(schedule *schedules.Schedule) (notice, bool) {
	switch {
	case l.byKEDA && l.Asked.Floor > 0:
		return targetRefused(l, schedule.Title(l.Asked.Because)), true
	case l.Refusal == "" && l.State.Lost():
		return baselineLost(l.HPA), true
	case l.Next.Condition == Held && !l.State.Declared.Valid && l.HPA.Annotations[AnnotationDeclaredBaseline] != "":
		return declarationIgnored(l), true
	default:
		return notice{}, false
	}
}

// notices returns what to tell about the change of a look, once it was written. A revert is told with the opponent's
// name; without one it is one of many, and passed over in silence.
func (l Look) notices(schedule *schedules.Schedule, opponent string) []notice {
	var told []notice
	if l.State.Condition == Damaged || l.State.Condition == Held && l.State.Baseline() != l.State.Mark.Baseline {
		told = append(told, baselineChanged(l))
	}
	if n, ok := l.change(schedule, opponent); ok {
		told = append(told, n)
	}
	if l.newlyClamped() {
		told = append(told, floorClamped(l, schedule))
	}
	return told
}

// change returns what to tell about a change of minReplicas. Of a ramp, that is its beginning and its end.
func (l Look) change(schedule *schedules.Schedule, opponent string) (notice, bool) {
	switch {
	case l.reverted():
		return floorReverted(l, schedule, opponent), opponent != ""
	case l.Next.Condition == Free && l.Next.MinReplicas != l.State.Wish():
		return floorReleased(l, schedule), true
	case l.Next.MinReplicas == l.State.MinReplicas || l.withinRamp():
		return notice{}, false
	case l.Next.Condition == Free:
		return floorReleased(l, schedule), true
	case l.Next.MinReplicas > l.State.MinReplicas:
		return floorMoved(ReasonFloorRaised, l, schedule), true
	default:
		return floorMoved(ReasonFloorLowered, l, schedule), true
	}
}

func floorMoved(reason string, l Look, schedule *schedules.Schedule) notice {
	return notice{
		corev1.EventTypeNormal, reason, l.action(),
		fmt.Sprintf("minReplicas %d -> %d%s (%s); baseline %d", l.State.MinReplicas, l.Next.MinReplicas, course(l),
			schedule.Title(l.Decision.Because), l.Next.Mark.Baseline),
	}
}

// course says how long the new floor stands, or where its ramp leads.
func course(l Look) string {
	switch {
	case l.Decision.Ramp == schedules.Climbing && l.Next.MinReplicas < l.top():
		return fmt.Sprintf(", climbing to %d", l.top())
	case l.Decision.Ramp == schedules.Descending:
		return fmt.Sprintf(", descending to %d", l.Next.Mark.Baseline)
	default:
		return " until " + moment(l.Decision.Until, l.At)
	}
}

func floorReleased(l Look, schedule *schedules.Schedule) notice {
	why := l.Refusal
	switch until, ok := l.State.Mark.until(); {
	case why != "":
	case l.State.Condition == Damaged:
		why = "no entry is open"
	case ok && l.At.Before(until):
		why = schedule.Title(l.State.Mark.Because) + " no longer covers it"
	default:
		why = schedule.Title(l.State.Mark.Because) + " is over"
	}
	note := fmt.Sprintf("minReplicas %d -> %d, the baseline: %s", l.State.MinReplicas, l.Next.MinReplicas, why)
	if wish := l.State.Wish(); wish != l.Next.MinReplicas {
		note += fmt.Sprintf("; its owner's %d is not legal for this HPA (%s), so it is the nearest that is", wish, illegal(l.State))
		return notice{corev1.EventTypeWarning, ReasonFloorReleased, l.action(), note}
	}
	return notice{corev1.EventTypeNormal, ReasonFloorReleased, l.action(), note}
}

// illegal says why the API server would refuse what the owner wished.
func illegal(s State) string {
	if s.Wish() > s.MaxReplicas {
		return fmt.Sprintf("maxReplicas is %d", s.MaxReplicas)
	}
	return "0 needs an Object or External metric"
}

func baselineChanged(l Look) notice {
	note := fmt.Sprintf("baseline %d -> %d: that minReplicas was written while the floor stands, and applies afterwards",
		l.State.Mark.Baseline, l.State.Baseline())
	switch {
	case l.State.Condition == Damaged:
		note = fmt.Sprintf("baseline %d, from %s: the other annotations were damaged", l.State.Baseline(), AnnotationDeclaredBaseline)
	case l.State.Declared.Valid:
		note = fmt.Sprintf("baseline %d -> %d, from %s", l.State.Mark.Baseline, l.State.Baseline(), AnnotationDeclaredBaseline)
	}
	return notice{corev1.EventTypeNormal, ReasonBaselineChanged, l.action(), note}
}

func declarationIgnored(l Look) notice {
	text := shortened(l.HPA.Annotations[AnnotationDeclaredBaseline], 40)
	note := fmt.Sprintf("%s %q is not applied: write a whole number from 0 to %d; the baseline is %d", AnnotationDeclaredBaseline,
		text, schedules.MaxReplicas, l.State.Baseline())
	return notice{corev1.EventTypeWarning, ReasonDeclarationIgnored, "ignore " + text, note}
}

func floorReverted(l Look, schedule *schedules.Schedule, opponent string) notice {
	note := fmt.Sprintf("minReplicas %d was written by %s; put back to %d until %s (%s); baseline %d", l.State.MinReplicas,
		opponent, l.Next.MinReplicas, moment(l.Decision.Until, l.At), schedule.Title(l.Decision.Because), l.Next.Mark.Baseline)
	return notice{corev1.EventTypeWarning, ReasonFloorReverted, l.action() + " from " + shortened(opponent, 64), note}
}

func floorClamped(l Look, schedule *schedules.Schedule) notice {
	note := fmt.Sprintf("floor %d (%s) is above maxReplicas and is clamped to %d; raise maxReplicas to get it",
		l.Decision.Full, schedule.Title(l.Decision.Because), l.State.MaxReplicas)
	return notice{corev1.EventTypeWarning, ReasonFloorClamped, l.action(), note}
}

func patchRefused(l Look, err error) notice {
	note := fmt.Sprintf("minReplicas %d -> %d is refused: %v; floorkeeper tries on", l.State.MinReplicas, l.Next.MinReplicas, err)
	return notice{corev1.EventTypeWarning, ReasonPatchRefused, l.action(), note}
}

func targetRefused(l Look, entry string) notice {
	note := fmt.Sprintf("%s selects this HPA, but it gets no floor: %s, which would overwrite it; use a KEDA trigger instead",
		entry, l.Refusal)
	return notice{corev1.EventTypeWarning, ReasonTargetRefused, "refuse for " + entry, note}
}

func baselineLost(hpa *autoscalingv2.HorizontalPodAutoscaler) notice {
	note := fmt.Sprintf("annotations %s* are damaged (%s %q, %s %q), so the baseline is unknown and minReplicas is left as it "+
		"is: give the baseline in the annotation %s, or set spec.minReplicas to the value that you want and remove the five",
		Prefix,
		AnnotationBaseline, shortened(hpa.Annotations[AnnotationBaseline], 40),
		AnnotationFloor, shortened(hpa.Annotations[AnnotationFloor], 40), AnnotationDeclaredBaseline)
	return notice{corev1.EventTypeWarning, ReasonBaselineLost, "leave", note}
}

// action tells this change apart from others of the same HPA.
func (l Look) action() string {
	return fmt.Sprintf("%d to %d by %s", l.State.MinReplicas, l.Next.MinReplicas, l.Next.Mark.Because)
}

// moment formats an instant for a person who reads at now: the time and zone, with the weekday or the date where it is
// not today.
func moment(t, now time.Time) string {
	now = now.In(t.Location())
	switch {
	case t.Format(time.DateOnly) == now.Format(time.DateOnly):
		return t.Format("15:04 MST")
	case t.Sub(now).Abs() < 6*24*time.Hour:
		return t.Format("Mon 15:04 MST")
	default:
		return t.Format("2006-01-02 15:04 MST")
	}
}

// shortened cuts a text to a number of bytes at most, at the end of a character.
func shortened(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := 0
	for i := range s {
		if i > limit-len("…") {
			break
		}
		cut = i
	}
	return s[:cut] + "…"
}
