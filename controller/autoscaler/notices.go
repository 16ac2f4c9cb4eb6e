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
	ReasonFloorRaised            = "FloorRaised"
	ReasonFloorLowered           = "FloorLowered"
	ReasonFloorExtended          = "FloorExtended"
	ReasonFloorShortened         = "FloorShortened"
	ReasonFloorReleased          = "FloorReleased"
	ReasonFloorReached           = "FloorReached"
	ReasonFloorNotReached        = "FloorNotReached"
	ReasonFloorReverted          = "FloorReverted"
	ReasonFloorClamped           = "FloorClamped"
	ReasonFloorAltered           = "FloorAltered"
	ReasonFloorCopied            = "FloorCopied"
	ReasonAnnotationsOverwritten = "AnnotationsOverwritten"
	ReasonFloorAtRisk            = "FloorAtRisk"
	ReasonBaselineChanged        = "BaselineChanged"
	ReasonBaselineLost           = "BaselineLost"
	ReasonDeclarationIgnored     = "DeclarationIgnored"
	ReasonPatchRefused           = "PatchRefused"
	ReasonTargetNotRaised        = "TargetNotRaised"
	ReasonTargetRefused          = "TargetRefused"
	ReasonNamespaceUnreadable    = "NamespaceUnreadable"
	ReasonScheduleLoaded         = "ScheduleLoaded"
	ReasonScheduleRefused        = "ScheduleRefused"
)

// The API server refuses Events with a longer note or action, in bytes.
const (
	maxNote   = 1024
	maxAction = 128
)

// EventNote is an Event to be written. The recorder counts Events of equal type, reason and action as one and keeps the
// first note, so the action holds whatever distinguishes two changes.
type EventNote struct {
	Type, Reason, Action, Note string
}

func normal(reason, action, format string, args ...any) EventNote {
	return EventNote{corev1.EventTypeNormal, reason, text.CutBytes(action, maxAction), text.CutBytes(fmt.Sprintf(format, args...), maxNote)}
}

func warning(reason, action, format string, args ...any) EventNote {
	return EventNote{corev1.EventTypeWarning, reason, text.CutBytes(action, maxAction), text.CutBytes(fmt.Sprintf(format, args...), maxNote)}
}

// PersistentProblem returns the problem that keeps the HPA from being covered, if there is one.
func (v Verdict) PersistentProblem(schedule *schedules.Schedule) (EventNote, bool) {
	switch {
	case v.ByKEDA && v.Asked.Floor > 0:
		return TargetRefused(v, schedule.Title(v.Asked.Because)), true
	case v.HeldBy != "" && len(v.Covering(schedule)) > 0:
		return TargetRefused(v, schedule.Title(v.Covering(schedule)[0])), true
	case v.Refusal == "" && v.State.Lost():
		return baselineLost(v.HPA), true
	case v.TakenOff():
		return baselineTakenOff(v), true
	case v.Copied():
		return floorCopied(v), true
	case v.ignoresDeclaration():
		return declarationIgnored(v), true
	case v.ignoresMaxFloor():
		return maxFloorIgnored(v), true
	default:
		return EventNote{}, false
	}
}

// ignoresDeclaration reports whether the HPA is held and the baseline that its owner declares is no number.
func (v Verdict) ignoresDeclaration() bool {
	return v.Desired.Condition == Held && !v.State.Declared.Valid && v.HPA.Annotations[AnnotationDeclaredBaseline] != ""
}

// ignoresMaxFloor reports whether the HPA is held and the limit that its owner sets is no number.
func (v Verdict) ignoresMaxFloor() bool {
	return v.Desired.Condition == Held && v.State.MaxFloor == 0 && v.HPA.Annotations[AnnotationMaxFloor] != ""
}

// Notices returns the Events of the change, once it is written. A revert is reported with the writer's name; without a
// name it is one of many by the same writer, and not reported.
func (v Verdict) Notices(schedule *schedules.Schedule, writer string) []EventNote {
	var notes []EventNote
	if n, ok := v.baselineNotice(schedule); ok {
		notes = append(notes, n)
	}
	if n, ok := v.change(schedule, writer); ok && (!v.State.Altered || v.Desired.Condition == Free) {
		notes = append(notes, n)
	}
	if v.newlyClamped(schedule) {
		notes = append(notes, floorClamped(v, schedule))
	}
	return notes
}

// GuardNotices returns the Events of what has changed since the previous reconcile where no patch follows: the floor guard
// has written it itself.
func (v Verdict) GuardNotices(schedule *schedules.Schedule) []EventNote {
	var notes []EventNote
	if n, ok := v.baselineNotice(schedule); ok {
		notes = append(notes, n)
	}
	if v.cutByGuard() && v.newlyClamped(schedule) {
		notes = append(notes, floorClamped(v, schedule))
	}
	return notes
}

// baselineNotice returns the Event of a baseline that has changed since the previous reconcile.
func (v Verdict) baselineNotice(schedule *schedules.Schedule) (EventNote, bool) {
	changed := v.State.Condition == Held && v.State.Baseline() != v.baselineBefore() && v.HeldBy == ""
	if !changed && (v.State.Condition != Damaged || v.Desired == v.State) {
		return EventNote{}, false
	}
	return baselineChanged(v, schedule), true
}

// baselineBefore returns the baseline that we recorded last.
func (v Verdict) baselineBefore() int32 {
	if v.Known.Mark.Because != "" {
		return v.Known.Mark.Baseline
	}
	return v.State.Mark.Baseline
}

// change returns the Event of a change of minReplicas. A ramp has two, at its beginning and its end.
func (v Verdict) change(schedule *schedules.Schedule, writer string) (EventNote, bool) {
	switch {
	case v.undone():
		return opposed(v, schedule, writer), writer != ""
	case v.Desired.Condition == Free && v.Desired.MinReplicas != v.State.Wish():
		return floorReleased(v, schedule), true
	case v.Desired.MinReplicas == v.State.MinReplicas && v.Continued() && v.Applies.Ramp == schedules.Steady:
		return v.endMoved(schedule)
	case v.Desired.MinReplicas == v.State.MinReplicas || v.withinRamp():
		return EventNote{}, false
	case v.Desired.Condition == Free:
		return floorReleased(v, schedule), true
	case v.Desired.MinReplicas > v.State.MinReplicas:
		return floorMoved(ReasonFloorRaised, v, schedule), true
	default:
		return floorMoved(ReasonFloorLowered, v, schedule), true
	}
}

func floorMoved(reason string, v Verdict, schedule *schedules.Schedule) EventNote {
	return normal(reason, v.action(), "minReplicas %d -> %d%s (%s); baseline %d", v.State.MinReplicas, v.Desired.MinReplicas, course(v),
		schedule.Title(v.Applies.Because), v.Desired.Mark.Baseline)
}

// endMoved returns the Event of an open entry whose end was edited, if it was.
func (v Verdict) endMoved(schedule *schedules.Schedule) (EventNote, bool) {
	before, known := v.State.Mark.until()
	was, is := minute(before.In(v.Applies.Until.Location()), v.At), minute(v.Applies.Until, v.At)
	if !known || was == is || v.State.Mark.Baseline != v.Desired.Mark.Baseline { // steps of a ramp depend on the baseline
		return EventNote{}, false
	}
	reason := ReasonFloorExtended
	if v.Applies.Until.Before(before) {
		reason = ReasonFloorShortened
	}
	return normal(reason, v.action()+" until "+v.Desired.Mark.Until, "minReplicas %d until %s instead of %s (%s)", v.Desired.MinReplicas,
		is, was, schedule.Title(v.Applies.Because)), true
}

// course returns how long the new floor is held, or where its ramp leads.
func course(v Verdict) string {
	switch {
	case v.Applies.Ramp == schedules.Climbing && v.Desired.MinReplicas < v.top():
		return fmt.Sprintf(", climbing to %d", v.top())
	case v.Applies.Ramp == schedules.Descending:
		return fmt.Sprintf(", descending to %d", v.Desired.Mark.Baseline)
	case v.Desired.MinReplicas < v.State.MinReplicas:
		return ", floor held until " + minute(v.Applies.Until, v.At)
	default:
		return " until " + minute(v.Applies.Until, v.At)
	}
}

func floorReleased(v Verdict, schedule *schedules.Schedule) EventNote {
	why := v.Refusal
	switch until, ok := v.State.Mark.until(); {
	case why != "":
	case v.State.Condition == Damaged:
		why = "no entry is open"
	case ok && v.At.Before(until):
		why = schedule.Title(v.State.Mark.Because) + " no longer covers it"
	default:
		why = schedule.Title(v.State.Mark.Because) + " is over"
	}
	note := fmt.Sprintf("minReplicas %d -> %d, the baseline: %s", v.State.MinReplicas, v.Desired.MinReplicas, why)
	if wish := v.State.Wish(); wish != v.Desired.MinReplicas {
		return warning(ReasonFloorReleased, v.action(), "%s; the owner's value %d is not valid (%s), so the nearest valid value is set",
			note, wish, v.invalidReason())
	}
	return normal(ReasonFloorReleased, v.action(), "%s", note)
}

// invalidReason returns why the API server would refuse the owner's value, or has refused it.
func (v Verdict) invalidReason() string {
	switch {
	case v.State.Wish() > v.State.MaxReplicas:
		return fmt.Sprintf("maxReplicas is %d", v.State.MaxReplicas)
	case Observe(v.HPA).ZeroLegal:
		return "the API server refuses 0; is its feature gate HPAScaleToZero off?"
	default:
		return "0 needs an Object or External metric"
	}
}

func baselineChanged(v Verdict, schedule *schedules.Schedule) EventNote {
	before, after := v.baselineBefore(), v.State.Baseline()
	switch {
	case v.State.Condition == Damaged:
		return normal(ReasonBaselineChanged, v.action(), "baseline %d, from %s: the other annotations were damaged", after, AnnotationDeclaredBaseline)
	case v.State.Declared.Valid:
		return normal(ReasonBaselineChanged, v.action(), "baseline %d -> %d, from %s", before, after, AnnotationDeclaredBaseline)
	}
	by, when := "", ""
	for _, writer := range []string{MinReplicasManager(v.HPA), managerOf(v.HPA, "metadata", "annotations", AnnotationBaseline)} {
		if writer != unknownManager && writer != FieldManager {
			by = " by " + writer
			break
		}
	}
	if v.Desired.Condition == Held && v.Desired.MinReplicas > after {
		when = fmt.Sprintf("; it applies when the %s ends", schedule.Kind(v.Applies.Because))
	}
	return normal(ReasonBaselineChanged, v.action(), "baseline changed from %d to %d%s%s", before, after, by, when)
}

func declarationIgnored(v Verdict) EventNote {
	value := text.CutBytes(v.HPA.Annotations[AnnotationDeclaredBaseline], 40)
	return warning(ReasonDeclarationIgnored, "ignore "+value, "%s %q is not applied: write a whole number from 0 to %d; the baseline is %d",
		AnnotationDeclaredBaseline, value, schedules.MaxReplicas, v.State.Baseline())
}

func maxFloorIgnored(v Verdict) EventNote {
	value := text.CutBytes(v.HPA.Annotations[AnnotationMaxFloor], 40)
	return warning(ReasonDeclarationIgnored, "ignore limit "+value, "%s %q is not applied: write a whole number from 1 to %d; the floor is limited by %s",
		AnnotationMaxFloor, value, schedules.MaxReplicas, v.State.Ceiling())
}

func floorReverted(v Verdict, schedule *schedules.Schedule, writer string) EventNote {
	return warning(ReasonFloorReverted, v.action()+" from "+text.CutBytes(writer, 64),
		"minReplicas %d was written by %s; put back to %d until %s (%s); baseline %d", v.State.MinReplicas, writer,
		v.Desired.MinReplicas, minute(v.Applies.Until, v.At), schedule.Title(v.Applies.Because), v.Desired.Mark.Baseline)
}

func floorClamped(v Verdict, schedule *schedules.Schedule) EventNote {
	ceiling := v.State.Ceiling()
	return warning(ReasonFloorClamped, v.action(), "floor %d (%s) is above %s and is clamped to %d; %s to get it",
		v.Applies.Full, schedule.Title(v.Applies.Because), ceiling.Name(), ceiling.Replicas, ceiling.Remedy())
}

// FloorAltered reports that the API server stored another minReplicas than we wrote. Of a ramp it is reported at both ends.
func (v Verdict) FloorAltered(stored int32) (EventNote, bool) {
	stays := fmt.Sprintf("; the baseline stays %d", v.Desired.Mark.Baseline)
	if v.Desired.Condition == Free {
		stays = ", which is the baseline"
	}
	return warning(ReasonFloorAltered, fmt.Sprintf("%s as %d", v.action(), stored), "minReplicas %d was stored instead of %d%s: a webhook or "+
		"policy of the API server changes what floorkeeper writes", stored, v.Desired.MinReplicas, stays), !v.withinRamp()
}

func opposed(v Verdict, schedule *schedules.Schedule, writer string) EventNote {
	if !v.overwritten() {
		return floorReverted(v, schedule, writer)
	}
	return warning(ReasonAnnotationsOverwritten, v.action()+" from "+text.CutBytes(writer, 64), "%s wrote annotations %s* that floorkeeper wrote earlier, "+
		"and minReplicas %d with them; remove these annotations from the manifest that it applies: only floorkeeper may write them",
		writer, Prefix, v.State.MinReplicas)
}

// PatchRefused reports that the API server does not accept the patch to l.Next.
func PatchRefused(v Verdict, err error) EventNote {
	return warning(ReasonPatchRefused, v.action(), "minReplicas %d -> %d is refused: %v; floorkeeper keeps retrying", v.State.MinReplicas,
		v.Desired.MinReplicas, err)
}

// TargetRefused reports that an entry, given by its title, selects an HPA that KEDA or another installation manages.
func TargetRefused(v Verdict, title string) EventNote {
	return warning(ReasonTargetRefused, "refuse for "+title, "%s selects this HPA, but it gets no floor: %s", title, v.remedy())
}

// remedy returns why an HPA that an entry selects is refused, and what to do.
func (v Verdict) remedy() string {
	if v.HeldBy != "" {
		return fmt.Sprintf("%s; if that one is gone, restore the baseline: floorkeeper release %s/%s", v.Refusal, v.HPA.Namespace, v.HPA.Name)
	}
	return v.Refusal + ", which would overwrite it; use a KEDA trigger instead"
}

func baselineLost(hpa *autoscalingv2.HorizontalPodAutoscaler) EventNote {
	return warning(ReasonBaselineLost, "leave", "annotations %s* are damaged (%s %q, %s %q), so the baseline is unknown and "+
		"minReplicas is left as it is: give the baseline in the annotation %s, or set spec.minReplicas to the value that you want "+
		"and remove them", Prefix,
		AnnotationBaseline, text.CutBytes(hpa.Annotations[AnnotationBaseline], 40),
		AnnotationFloor, text.CutBytes(hpa.Annotations[AnnotationFloor], 40), AnnotationDeclaredBaseline)
}

func baselineTakenOff(v Verdict) EventNote {
	baseline := v.Known.Mark.Baseline
	command := v.restore(baseline)
	return warning(ReasonBaselineLost, "leave for "+command, "the annotations %s* were removed and minReplicas %d, which is a floor, was kept, "+
		"so minReplicas is left as it is. The baseline was %d; to restore it: kubectl %s", Prefix, v.State.MinReplicas, baseline, command)
}

// action distinguishes this change from others of the same HPA.
func (v Verdict) action() string {
	return fmt.Sprintf("%d to %d by %s", v.State.MinReplicas, v.Desired.MinReplicas, v.Desired.Mark.Because)
}

// FloorAtRisk reports a problem of an entry, given by its title, that begins at an instant.
func FloorAtRisk(kind, title, message string, from, now time.Time) EventNote {
	action := kind + " of " + title + ", " + message
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

// NamespaceUnreadable reports that the HPAs of a chosen namespace may not be listed.
func NamespaceUnreadable(refusal string) EventNote {
	return warning(ReasonNamespaceUnreadable, "read "+refusal, "a namespace of --namespaces counts as empty: %s; grant the right, or take it out of "+
		"--namespaces", refusal)
}

// ScheduleLoaded reports that a schedule, given by its hash, is in force now.
func ScheduleLoaded(sha256, detail string) EventNote {
	sha := sha256[:min(12, len(sha256))]
	return normal(ReasonScheduleLoaded, "load "+sha, "schedule %s loaded: %s", sha, detail)
}

// minute returns an instant for a reader at now, to the minute: what comes below it, in a ramp, is of no use in an Event.
func minute(t, now time.Time) string { return text.MomentAt(t.Truncate(time.Minute), now) }
