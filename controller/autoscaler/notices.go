package autoscaler

import (
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
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

// EventNote is an Event to be written. The recorder counts Events of equal type, reason and action as one and keeps the
// first note, so the action holds whatever distinguishes two changes.
type EventNote struct {
	Type, Reason, Action, Note string
}

func normal(reason, action, format string, args ...any) EventNote {
	return EventNote{corev1.EventTypeNormal, reason, action, text.CutBytes(fmt.Sprintf(format, args...), maxNote)}
}

func warning(reason, action, format string, args ...any) EventNote {
	return EventNote{corev1.EventTypeWarning, reason, action, text.CutBytes(fmt.Sprintf(format, args...), maxNote)}
}

// PersistentProblem returns the problem that keeps the HPA from being covered, if there is one to tell of.
func (l Verdict) PersistentProblem(schedule *schedules.Schedule) (EventNote, bool) {
	switch {
	case l.ByKEDA && l.Asked.Floor > 0:
		return TargetRefused(l, schedule.Title(l.Asked.Because)), true
	case l.Refusal == "" && l.State.Lost():
		return baselineLost(l.HPA), true
	case l.Desired.Condition == Held && !l.State.Declared.Valid && l.HPA.Annotations[AnnotationDeclaredBaseline] != "":
		return declarationIgnored(l), true
	default:
		return EventNote{}, false
	}
}

// Notices returns what to tell about the change of a look, once it was written. A revert is told with the opponent's
// name; without one it is one of many, and passed over in silence.
func (l Verdict) Notices(schedule *schedules.Schedule, opponent string) []EventNote {
	var told []EventNote
	if l.State.Condition == Damaged || l.State.Condition == Held && l.State.Baseline() != l.State.Mark.Baseline {
		told = append(told, baselineChanged(l, schedule))
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
func (l Verdict) change(schedule *schedules.Schedule, opponent string) (EventNote, bool) {
	switch {
	case l.Reverted():
		return floorReverted(l, schedule, opponent), opponent != ""
	case l.Desired.Condition == Free && l.Desired.MinReplicas != l.State.Wish():
		return floorReleased(l, schedule), true
	case l.Desired.MinReplicas == l.State.MinReplicas || l.withinRamp():
		return EventNote{}, false
	case l.Desired.Condition == Free:
		return floorReleased(l, schedule), true
	case l.Desired.MinReplicas > l.State.MinReplicas:
		return floorMoved(ReasonFloorRaised, l, schedule), true
	default:
		return floorMoved(ReasonFloorLowered, l, schedule), true
	}
}

func floorMoved(reason string, l Verdict, schedule *schedules.Schedule) EventNote {
	return normal(reason, l.action(), "minReplicas %d -> %d%s (%s); baseline %d", l.State.MinReplicas, l.Desired.MinReplicas, course(l),
		schedule.Title(l.Applies.Because), l.Desired.Mark.Baseline)
}

// course returns how long the new floor is held, or where its ramp leads.
func course(l Verdict) string {
	switch {
	case l.Applies.Ramp == schedules.Climbing && l.Desired.MinReplicas < l.top():
		return fmt.Sprintf(", climbing to %d", l.top())
	case l.Applies.Ramp == schedules.Descending:
		return fmt.Sprintf(", descending to %d", l.Desired.Mark.Baseline)
	case l.Desired.MinReplicas < l.State.MinReplicas:
		return ", floor held until " + minute(l.Applies.Until, l.At)
	default:
		return " until " + minute(l.Applies.Until, l.At)
	}
}

func floorReleased(l Verdict, schedule *schedules.Schedule) EventNote {
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
	note := fmt.Sprintf("minReplicas %d -> %d, the baseline: %s", l.State.MinReplicas, l.Desired.MinReplicas, why)
	if wish := l.State.Wish(); wish != l.Desired.MinReplicas {
		return warning(ReasonFloorReleased, l.action(), "%s; the owner's value %d is not valid (%s), so the nearest valid value is set",
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

func baselineChanged(l Verdict, schedule *schedules.Schedule) EventNote {
	before, after := l.State.Mark.Baseline, l.State.Baseline()
	switch {
	case l.State.Condition == Damaged:
		return normal(ReasonBaselineChanged, l.action(), "baseline %d, from %s: the other annotations were damaged", after, AnnotationDeclaredBaseline)
	case l.State.Declared.Valid:
		return normal(ReasonBaselineChanged, l.action(), "baseline %d -> %d, from %s", before, after, AnnotationDeclaredBaseline)
	}
	by, when := "", ""
	if writer := MinReplicasManager(l.HPA); writer != unknownManager {
		by = " by " + writer
	}
	if l.Desired.Condition == Held && l.Desired.MinReplicas > after {
		when = fmt.Sprintf("; it applies when the %s ends", schedule.Kind(l.Applies.Because))
	}
	return normal(ReasonBaselineChanged, l.action(), "baseline changed from %d to %d%s%s", before, after, by, when)
}

func declarationIgnored(l Verdict) EventNote {
	value := text.CutBytes(l.HPA.Annotations[AnnotationDeclaredBaseline], 40)
	return warning(ReasonDeclarationIgnored, "ignore "+value, "%s %q is not applied: write a whole number from 0 to %d; the baseline is %d",
		AnnotationDeclaredBaseline, value, schedules.MaxReplicas, l.State.Baseline())
}

func floorReverted(l Verdict, schedule *schedules.Schedule, opponent string) EventNote {
	return warning(ReasonFloorReverted, l.action()+" from "+text.CutBytes(opponent, 64),
		"minReplicas %d was written by %s; put back to %d until %s (%s); baseline %d", l.State.MinReplicas, opponent,
		l.Desired.MinReplicas, minute(l.Applies.Until, l.At), schedule.Title(l.Applies.Because), l.Desired.Mark.Baseline)
}

func floorClamped(l Verdict, schedule *schedules.Schedule) EventNote {
	return warning(ReasonFloorClamped, l.action(), "floor %d (%s) is above maxReplicas and is clamped to %d; raise maxReplicas to get it",
		l.Applies.Full, schedule.Title(l.Applies.Because), l.State.MaxReplicas)
}

// PatchRefused reports that the API server does not accept the patch to l.Next.
func PatchRefused(l Verdict, err error) EventNote {
	return warning(ReasonPatchRefused, l.action(), "minReplicas %d -> %d is refused: %v; floorkeeper keeps retrying", l.State.MinReplicas,
		l.Desired.MinReplicas, err)
}

// TargetRefused reports that an entry, given by its title, selects an HPA that KEDA owns.
func TargetRefused(l Verdict, title string) EventNote {
	return warning(ReasonTargetRefused, "refuse for "+title,
		"%s selects this HPA, but it gets no floor: %s, which would overwrite it; use a KEDA trigger instead", title, l.Refusal)
}

func baselineLost(hpa *autoscalingv2.HorizontalPodAutoscaler) EventNote {
	return warning(ReasonBaselineLost, "leave", "annotations %s* are damaged (%s %q, %s %q), so the baseline is unknown and "+
		"minReplicas is left as it is: give the baseline in the annotation %s, or set spec.minReplicas to the value that you want "+
		"and remove the five", Prefix,
		AnnotationBaseline, text.CutBytes(hpa.Annotations[AnnotationBaseline], 40),
		AnnotationFloor, text.CutBytes(hpa.Annotations[AnnotationFloor], 40), AnnotationDeclaredBaseline)
}

// action tells this change apart from others of the same HPA.
func (l Verdict) action() string {
	return fmt.Sprintf("%d to %d by %s", l.State.MinReplicas, l.Desired.MinReplicas, l.Desired.Mark.Because)
}

// FloorAtRisk reports a problem of an entry, given by its title, that begins at an instant.
func FloorAtRisk(kind, title, message string, from, now time.Time) EventNote {
	action := text.CutBytes(kind+" of "+title+", "+message, 128)
	if !from.After(now) {
		return warning(ReasonFloorAtRisk, action, "%s is open: %s", title, message)
	}
	return warning(ReasonFloorAtRisk, action, "%s, from %s: %s", title, minute(from, now), message)
}

// ScheduleRefused reports that the latest content of the schedule is not valid.
func ScheduleRefused(err error) EventNote {
	return warning(ReasonScheduleRefused, "refuse "+text.CutBytes(err.Error(), 100),
		"the schedule was refused and the last good one stays in force: %v", err)
}

// ScheduleLoaded reports that a schedule, given by its hash, is in force now.
func ScheduleLoaded(sha256, detail string) EventNote {
	sha := sha256[:min(12, len(sha256))]
	return normal(ReasonScheduleLoaded, "load "+sha, "schedule %s loaded: %s", sha, detail)
}

// minute returns an instant for a reader at now, to the minute: what comes below it, in a ramp, is of no use in an Event.
func minute(t, now time.Time) string { return text.MomentAt(t.Truncate(time.Minute), now) }
