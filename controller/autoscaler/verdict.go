package autoscaler

import (
	"slices"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// Scope is which HPAs may be covered at all, and how far. Installation is this one, as NAMESPACE/NAME of its Lease: what another one
// holds is left alone. Without it, for observers of none, annotations are judged whoever wrote them.
type Scope struct {
	ExcludeNamespaces []string
	Installation      string
	Limit             Limit
}

// refusal returns why no entry may cover the HPA, and "" if one may; and whether KEDA is the reason, which its owner does
// not expect and must learn.
func (s Scope) refusal(hpa *autoscalingv2.HorizontalPodAutoscaler) (why string, byKEDA bool) {
	switch scaledObject, owned := ownerScaledObject(hpa); {
	case slices.Contains(s.ExcludeNamespaces, hpa.Namespace):
		return "its namespace is excluded", false
	case hpa.Annotations[AnnotationIgnore] == "true":
		return AnnotationIgnore + " is set", false
	case owned:
		return "it is owned by the KEDA ScaledObject " + scaledObject, true
	default:
		return "", false
	}
}

// ownerScaledObject returns the name of the KEDA ScaledObject that owns the HPA. KEDA writes the whole object whenever
// it reconciles, so a floor on such an HPA would not last and its annotations would be lost.
func ownerScaledObject(hpa *autoscalingv2.HorizontalPodAutoscaler) (name string, owned bool) {
	for _, owner := range hpa.OwnerReferences {
		if owner.Kind == "ScaledObject" && strings.HasPrefix(owner.APIVersion, "keda.sh/") {
			return owner.Name, true
		}
	}
	return "", false
}

// heldBy returns the other installation of floorkeeper whose annotations are on the HPA, or "".
func (s Scope) heldBy(hpa *autoscalingv2.HorizontalPodAutoscaler, condition Condition) string {
	holder := hpa.Annotations[AnnotationManagedBy]
	if condition == Free || s.Installation == "" || holder == s.Installation {
		return ""
	}
	return holder
}

// Known is what the controller remembers of an HPA and the HPA itself does not show.
type Known struct {
	NoZero bool // the API server has refused a minReplicas of 0, in spite of the metrics: its feature gate HPAScaleToZero decides too
	Seen   bool // the HPA was reconciled before, and Mark is what it was to have afterwards
	Mark   Mark

	LeftAlone bool // an earlier process saw that somebody took the annotations off, and kept minReplicas at the floor

	Copy Copy // of another HPA's floor, which minReplicas was when it was written

	Asked, Stored int32 // what the API server stored instead of a minReplicas that we wrote; a webhook does so each time
}

// Verdict is one HPA at one instant: what it is, what the schedule asks of it and what it should become.
type Verdict struct {
	HPA     *autoscalingv2.HorizontalPodAutoscaler
	At      time.Time
	Known   Known
	State   State
	Asked   schedules.Decision // what the schedule asks for, whether or not it applies
	Applies schedules.Decision // what applies: zero for an HPA that no entry may cover
	Desired State
	Refusal string // why an HPA is treated as covered by nothing, for a person to read
	ByKEDA  bool   // the refusal is that a KEDA ScaledObject owns the HPA
	HeldBy  string // the refusal is that this other installation of floorkeeper holds it
}

// Judge reads an HPA, asks the schedule and decides. Without a schedule, for observers that may not read it, nothing is
// asked and Desired is State.
func (s Scope) Judge(schedule *schedules.Schedule, hpa *autoscalingv2.HorizontalPodAutoscaler, at time.Time) Verdict {
	return s.JudgeKnowing(schedule, hpa, at, Known{})
}

// JudgeKnowing is Judge with what the controller remembers.
func (s Scope) JudgeKnowing(schedule *schedules.Schedule, hpa *autoscalingv2.HorizontalPodAutoscaler, at time.Time, known Known) Verdict {
	v := Verdict{HPA: hpa, At: at, State: Observe(hpa), Known: known}
	v.State.Limit, v.State.ZeroLegal = s.Limit, v.State.ZeroLegal && !known.NoZero
	v.State.Altered = v.State.Altered || v.State.MinReplicas == known.Stored && v.State.differs() && nobodyOwnsMinReplicas(hpa)
	v.Refusal, v.ByKEDA = s.refusal(hpa)
	if v.HeldBy = s.heldBy(hpa, v.State.Condition); v.HeldBy != "" {
		v.Refusal, v.ByKEDA = "it is held by another installation of floorkeeper, "+v.HeldBy, false
	}
	if schedule == nil {
		v.Desired = v.State
		return v
	}
	v.Asked = schedule.At(v.Subject(), at)
	if v.Refusal == "" {
		v.Applies = v.Asked
	}
	v.Desired = s.desired(v)
	return v
}

func (s Scope) desired(v Verdict) State {
	if v.HeldBy != "" || v.TakenOff() {
		return v.State
	}
	next := v.State.Next(v.Applies)
	if next.Condition != Held {
		return next
	}
	if v.altered(next) {
		next = next.As(v.Known.Stored)
	}
	if s.Installation != "" {
		next.Mark.ManagedBy = s.Installation
	}
	return next
}

// altered reports whether the API server stores another minReplicas than the next one, which is then the floor. It does so no
// more where the HPA has that one.
func (v Verdict) altered(next State) bool {
	stored := v.Known.Stored
	return stored > 0 && stored >= next.Mark.Baseline && stored <= next.MaxReplicas && next.MinReplicas == v.Known.Asked &&
		v.State.MinReplicas != v.Known.Asked
}

// Subject returns the HPA as the schedule knows it.
func (v Verdict) Subject() schedules.HPA {
	if v.Copied() {
		return subject(v.HPA, v.Known.Copy.Baseline)
	}
	return subject(v.HPA, v.State.Baseline())
}

// Subject returns an HPA as the schedule knows it.
func Subject(hpa *autoscalingv2.HorizontalPodAutoscaler) schedules.HPA {
	return subject(hpa, Observe(hpa).Baseline())
}

func subject(hpa *autoscalingv2.HorizontalPodAutoscaler, baseline int32) schedules.HPA {
	return schedules.HPA{Namespace: hpa.Namespace, Name: hpa.Name, Labels: hpa.Labels, Baseline: baseline}
}

// TakenOff reports whether somebody removed our annotations, kept minReplicas at its floor and declares no baseline. The
// floor is no baseline, so the HPA is left as it is until its owner gives one.
func (v Verdict) TakenOff() bool {
	return v.State.Condition == Free && v.atFloor() && !v.State.Declared.Valid && v.Refusal == "" && !v.chosen()
}

// atFloor reports whether minReplicas is a floor above the baseline that is known.
func (v Verdict) atFloor() bool {
	was := v.Known.Mark
	return v.State.MinReplicas == was.Floor && was.Floor != was.Baseline
}

// chosen reports whether somebody changed minReplicas to what it is, as far as is known of an HPA that an earlier process
// held: it may have been released since.
func (v Verdict) chosen() bool {
	manager := MinReplicasManager(v.HPA)
	return v.Known.Mark.Because == "" && !v.Known.LeftAlone && manager != FieldManager && manager != unknownManager
}

// Recall returns the state of an HPA for its release. Where somebody took the annotations off, or damaged them, and minReplicas
// is still the floor that is known, it has the mark that is known: held, or damaged if somebody owns that number by now and
// no baseline is declared.
func Recall(hpa *autoscalingv2.HorizontalPodAutoscaler, known Known) State {
	s := Observe(hpa)
	v := Verdict{HPA: hpa, State: s, Known: known}
	v.Refusal, _ = Scope{}.refusal(hpa)
	chosen := v.chosen() || s.Declared.Valid && s.Baseline() == s.MinReplicas
	if s.Condition == Held || !v.atFloor() || v.Refusal != "" || chosen {
		return s
	}
	s.Mark = known.Mark
	switch manager := MinReplicasManager(hpa); {
	case s.Condition == Damaged:
	case s.Declared.Valid || manager == FieldManager || manager == unknownManager:
		s.Condition = Held
	default:
		s.Condition = Damaged
	}
	return s
}

// stripped reports whether somebody removed our annotations and lowered minReplicas below the floor that we wrote, as a PUT
// of the whole object does.
func (v Verdict) stripped() bool {
	return v.State.Condition == Free && v.State.MinReplicas < v.Known.Mark.Floor && v.resumes()
}

// resumes reports whether what applies is what applied when the HPA was last reconciled.
func (v Verdict) resumes() bool {
	return v.Known.Seen && v.Known.Mark.Because == v.Desired.Mark.Because && v.Known.Mark.Since == v.Desired.Mark.Since
}

// overwritten reports whether somebody wrote annotations of ours over what we wrote, as a tool does that applies a copy of a
// held HPA.
func (v Verdict) overwritten() bool {
	return v.State.Condition == Held && v.State.Mark != v.Known.Mark && v.Desired != v.State && v.resumes() && markManager(v.HPA) != ""
}

// Opposed reports whether somebody undid what we wrote, and it must be written again.
func (v Verdict) Opposed() bool { return v.undone() || v.rebased() }

func (v Verdict) undone() bool { return v.Reverted() || v.overwritten() }

// rebased reports whether somebody changed the baseline that we recorded of a declared one, as the floor guard does with
// what it keeps away.
func (v Verdict) rebased() bool {
	return v.State.Condition == Held && v.State.Declared.Valid && v.State.Mark.Baseline != v.Known.Mark.Baseline && v.Desired != v.State && v.resumes()
}

// Opponent returns the field manager that undid what we wrote.
func (v Verdict) Opponent() string {
	if v.overwritten() {
		return markManager(v.HPA)
	}
	return MinReplicasManager(v.HPA)
}

// Continued reports whether the HPA was already held for the same occurrence of the same entry.
func (v Verdict) Continued() bool {
	return v.stripped() || v.overwritten() || v.State.Condition == Held && v.State.Mark.Because == v.Desired.Mark.Because && v.State.Mark.Since == v.Desired.Mark.Since
}

// newlyClamped reports whether the floor of the entry is clamped, and was not before: the entry opens, maxReplicas or a limit
// was lowered, or the entry was edited. The last step of a climb looks like an edit; its clamp was reported at the first.
func (v Verdict) newlyClamped(schedule *schedules.Schedule) bool {
	ceiling, entry := v.State.Ceiling().Replicas, schedule.Entry(v.Applies.Because)
	edited := !v.stripped() && v.State.Mark.Floor < ceiling && entry != nil && entry.RampUp == 0 &&
		v.State.Mark.Floor != v.Desired.Mark.Floor
	return v.Clamped() && (!v.Continued() || v.State.Mark.Floor > ceiling || edited || v.cutByGuard())
}

// cutByGuard reports whether maxReplicas was lowered below the floor and the floor guard has lowered the floor with it.
func (v Verdict) cutByGuard() bool {
	return v.State.Condition == Held && v.resumes() && v.Known.Mark.Floor > v.State.MaxReplicas && v.State.Mark.Floor == v.State.MaxReplicas
}

// resumed reports whether the HPA is Continued and unchanged since our last write.
func (v Verdict) resumed() bool {
	return !v.stripped() && v.Continued() && v.State.MinReplicas == v.State.Mark.Floor
}

// withinRamp reports whether the change is a step in the middle of a ramp: neither its first nor its last.
func (v Verdict) withinRamp() bool {
	switch v.Applies.Ramp {
	case schedules.Climbing:
		return v.resumed() && v.Desired.MinReplicas < v.top()
	case schedules.Descending:
		return v.resumed() && v.State.MinReplicas < v.top()
	default:
		return false
	}
}

// Reverted reports whether somebody lowered minReplicas below the floor that we wrote, and it must be restored.
func (v Verdict) Reverted() bool {
	lowered := v.stripped() || v.State.Condition == Held && v.State.MinReplicas < v.State.Mark.Floor && !v.State.Altered
	return lowered && v.Desired.MinReplicas > v.State.MinReplicas
}

// top returns the floor that a ramp climbs to or descends from, after the clamp.
func (v Verdict) top() int32 { return min(v.Applies.Full, v.State.Ceiling().Replicas) }

// Direction names the change, for the metric and the log.
func (v Verdict) Direction() string {
	switch {
	case v.Desired.Condition == Free:
		return "release"
	case v.Desired.MinReplicas > v.State.MinReplicas:
		return "raise"
	case v.Desired.MinReplicas < v.State.MinReplicas:
		return "lower"
	default:
		return "keep"
	}
}

// raises reports whether the floor is raised anew: neither restored after a revert, nor a later step of a ramp.
func (v Verdict) raises() bool {
	return v.Desired.MinReplicas > v.State.MinReplicas && !v.Reverted() && !v.withinRamp()
}
