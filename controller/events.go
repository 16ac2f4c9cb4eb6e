package controller

import (
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

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

// notice is an Event to be written. The recorder counts Events of equal type, reason and action as one and keeps the
// first note, so the action holds whatever distinguishes two changes.
type notice struct {
	eventType, reason, action, note string
}

func normal(reason, action, format string, args ...any) notice {
	return notice{corev1.EventTypeNormal, reason, action, shortened(fmt.Sprintf(format, args...), maxNote)}
}

func warning(reason, action, format string, args ...any) notice {
	return notice{corev1.EventTypeWarning, reason, action, shortened(fmt.Sprintf(format, args...), maxNote)}
}

// standing returns the problem that keeps the HPA from being covered, if there is one to tell of.
func (l Look) standing(schedule *schedules.Schedule) (notice, bool) {
	switch {
	case l.byKEDA && l.Asked.Floor > 0:
		return TargetRefused(l, schedule.Title(l.Asked.Because)), true
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
	return normal(reason, l.action(), "minReplicas %d -> %d%s (%s); baseline %d", l.State.MinReplicas, l.Next.MinReplicas, course(l),
		schedule.Title(l.Decision.Because), l.Next.Mark.Baseline)
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
		return warning(ReasonFloorReleased, l.action(), "%s; its owner's %d is not legal for this HPA (%s), so it is the nearest that is",
			note, wish, illegal(l.State))
	}
	return normal(ReasonFloorReleased, l.action(), "%s", note)
}

// illegal says why the API server would refuse what the owner wished.
func illegal(s State) string {
	if s.Wish() > s.MaxReplicas {
		return fmt.Sprintf("maxReplicas is %d", s.MaxReplicas)
	}
	return "0 needs an Object or External metric"
}

func baselineChanged(l Look) notice {
	before, after := l.State.Mark.Baseline, l.State.Baseline()
	switch {
	case l.State.Condition == Damaged:
		return normal(ReasonBaselineChanged, l.action(), "baseline %d, from %s: the other annotations were damaged", after, AnnotationDeclaredBaseline)
	case l.State.Declared.Valid:
		return normal(ReasonBaselineChanged, l.action(), "baseline %d -> %d, from %s", before, after, AnnotationDeclaredBaseline)
	default:
		return normal(ReasonBaselineChanged, l.action(), "baseline %d -> %d: that minReplicas was written while the floor stands, and applies afterwards",
			before, after)
	}
}

func declarationIgnored(l Look) notice {
	text := shortened(l.HPA.Annotations[AnnotationDeclaredBaseline], 40)
	return warning(ReasonDeclarationIgnored, "ignore "+text, "%s %q is not applied: write a whole number from 0 to %d; the baseline is %d",
		AnnotationDeclaredBaseline, text, schedules.MaxReplicas, l.State.Baseline())
}

func floorReverted(l Look, schedule *schedules.Schedule, opponent string) notice {
	return warning(ReasonFloorReverted, l.action()+" from "+shortened(opponent, 64),
		"minReplicas %d was written by %s; put back to %d until %s (%s); baseline %d", l.State.MinReplicas, opponent,
		l.Next.MinReplicas, moment(l.Decision.Until, l.At), schedule.Title(l.Decision.Because), l.Next.Mark.Baseline)
}

func floorClamped(l Look, schedule *schedules.Schedule) notice {
	return warning(ReasonFloorClamped, l.action(), "floor %d (%s) is above maxReplicas and is clamped to %d; raise maxReplicas to get it",
		l.Decision.Full, schedule.Title(l.Decision.Because), l.State.MaxReplicas)
}

// PatchRefused reports that the API server does not accept the patch to l.Next.
func PatchRefused(l Look, err error) notice {
	return warning(ReasonPatchRefused, l.action(), "minReplicas %d -> %d is refused: %v; floorkeeper tries on", l.State.MinReplicas,
		l.Next.MinReplicas, err)
}

// TargetRefused reports that an entry, given by its title, selects an HPA that KEDA owns.
func TargetRefused(l Look, title string) notice {
	return warning(ReasonTargetRefused, "refuse for "+title,
		"%s selects this HPA, but it gets no floor: %s, which would overwrite it; use a KEDA trigger instead", title, l.Refusal)
}

func baselineLost(hpa *autoscalingv2.HorizontalPodAutoscaler) notice {
	return warning(ReasonBaselineLost, "leave", "annotations %s* are damaged (%s %q, %s %q), so the baseline is unknown and "+
		"minReplicas is left as it is: give the baseline in the annotation %s, or set spec.minReplicas to the value that you want "+
		"and remove the five", Prefix,
		AnnotationBaseline, shortened(hpa.Annotations[AnnotationBaseline], 40),
		AnnotationFloor, shortened(hpa.Annotations[AnnotationFloor], 40), AnnotationDeclaredBaseline)
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

// FloorAtRisk reports a problem of an entry, given by its title, that begins at an instant.
func FloorAtRisk(kind, title, message string, from, now time.Time) notice {
	action := shortened(kind+" of "+title+", "+message, 128)
	if !from.After(now) {
		return warning(ReasonFloorAtRisk, action, "%s is open: %s", title, message)
	}
	return warning(ReasonFloorAtRisk, action, "%s, from %s: %s", title, moment(from, now), message)
}

// ScheduleRefused reports that the latest content of the schedule is not valid.
func ScheduleRefused(err error) notice {
	return warning(ReasonScheduleRefused, "refuse "+shortened(err.Error(), 100),
		"the schedule was refused and the last good one stays in force: %v", err)
}

// ScheduleLoaded reports that a schedule, given by its hash, is in force now.
func ScheduleLoaded(sha256, detail string) notice {
	sha := sha256[:min(12, len(sha256))]
	return normal(ReasonScheduleLoaded, "load "+sha, "schedule %s loaded: %s", sha, detail)
}
