package autoscaler

import (
	"slices"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// Scope is which HPAs may be covered at all.
type Scope struct {
	ExcludeNamespaces []string
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

// Verdict is one HPA at one instant: what it is, what the schedule asks of it and what it should become.
type Verdict struct {
	HPA      *autoscalingv2.HorizontalPodAutoscaler
	At       time.Time
	State    State
	Asked    schedules.Decision // what the schedule asks, whether or not it applies
	Applies  schedules.Decision // what applies: zero for an HPA that no entry may cover
	Desired  State
	Refusal  string // why an HPA is treated as covered by nothing, for a person to read
	ByKEDA   bool   // the refusal is that a KEDA ScaledObject owns the HPA
	Stripped bool   // it was held for the same occurrence of the same entry, and our annotations were taken off
	TakenOff Mark   // the annotations that were taken off while minReplicas stayed at the floor, as far as is remembered
}

// Without returns the verdict on an HPA whose annotations were taken off while minReplicas stayed at the floor. The floor is
// no baseline, and the right one may no longer be recorded: the HPA is left as it is until its owner gives a baseline.
func (v Verdict) Without(takenOff Mark) Verdict {
	v.TakenOff, v.Desired = takenOff, v.State
	return v
}

// Judge reads an HPA, asks the schedule and decides. Without a schedule, for observers that may not read it, nothing is
// asked and Desired is State.
func (s Scope) Judge(schedule *schedules.Schedule, hpa *autoscalingv2.HorizontalPodAutoscaler, at time.Time) Verdict {
	return s.judge(schedule, hpa, at, Observe(hpa))
}

// JudgeWithoutZero is Judge for an API server that has refused a minReplicas of 0 for this HPA, in spite of its metrics: its
// feature gate HPAScaleToZero, which is off by default before Kubernetes 1.37, decides too.
func (s Scope) JudgeWithoutZero(schedule *schedules.Schedule, hpa *autoscalingv2.HorizontalPodAutoscaler, at time.Time) Verdict {
	state := Observe(hpa)
	state.ZeroLegal = false
	return s.judge(schedule, hpa, at, state)
}

func (s Scope) judge(schedule *schedules.Schedule, hpa *autoscalingv2.HorizontalPodAutoscaler, at time.Time, state State) Verdict {
	v := Verdict{HPA: hpa, At: at, State: state}
	v.Refusal, v.ByKEDA = s.refusal(hpa)
	if schedule == nil {
		v.Desired = v.State
		return v
	}
	v.Asked = schedule.At(v.Subject(), at)
	if v.Refusal == "" {
		v.Applies = v.Asked
	}
	v.Desired = v.State.Next(v.Applies)
	return v
}

// Subject returns the HPA as the schedule knows it.
func (v Verdict) Subject() schedules.HPA { return subject(v.HPA, v.State.Baseline()) }

// Subject returns an HPA as the schedule knows it.
func Subject(hpa *autoscalingv2.HorizontalPodAutoscaler) schedules.HPA {
	return subject(hpa, Observe(hpa).Baseline())
}

func subject(hpa *autoscalingv2.HorizontalPodAutoscaler, baseline int32) schedules.HPA {
	return schedules.HPA{Namespace: hpa.Namespace, Name: hpa.Name, Labels: hpa.Labels, Baseline: baseline}
}

// Continued reports whether the HPA was already held for the same occurrence of the same entry.
func (v Verdict) Continued() bool {
	return v.Stripped || v.State.Condition == Held && v.State.Mark.Because == v.Desired.Mark.Because && v.State.Mark.Since == v.Desired.Mark.Since
}

// newlyClamped reports whether maxReplicas clamps the floor of the entry, and did not before: the entry opens, maxReplicas
// was lowered, or the entry was edited. The last step of a climb looks like an edit; its clamp was reported at the first.
func (v Verdict) newlyClamped(schedule *schedules.Schedule) bool {
	clamped := v.Desired.Condition == Held && v.Applies.Full > v.State.MaxReplicas
	entry := schedule.Entry(v.Applies.Because)
	edited := !v.Stripped && v.State.Mark.Floor < v.State.MaxReplicas && entry != nil && entry.RampUp == 0
	return clamped && (!v.Continued() || v.State.Mark.Floor > v.State.MaxReplicas || edited)
}

// resumed reports whether the HPA is Continued and unchanged since our last write.
func (v Verdict) resumed() bool {
	return !v.Stripped && v.Continued() && v.State.MinReplicas == v.State.Mark.Floor
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
	lowered := v.Stripped || v.State.Condition == Held && v.State.MinReplicas < v.State.Mark.Floor
	return lowered && v.Desired.MinReplicas > v.State.MinReplicas
}

// top returns the floor that a ramp climbs to or descends from, after the clamp.
func (v Verdict) top() int32 { return min(v.Applies.Full, v.State.MaxReplicas) }

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
