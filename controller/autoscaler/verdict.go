package autoscaler

import (
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/schedules"
)

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
}

// Judge reads an HPA, asks the schedule and decides. Without a schedule, which is for onlookers that may not read it,
// nothing is asked and Next is State.
func (s Scope) Judge(schedule *schedules.Schedule, hpa *autoscalingv2.HorizontalPodAutoscaler, at time.Time) Verdict {
	look := Verdict{HPA: hpa, At: at, State: Observe(hpa)}
	look.Refusal, look.ByKEDA = s.refusal(hpa)
	if schedule == nil {
		look.Desired = look.State
		return look
	}
	look.Asked = schedule.At(look.Subject(), at)
	if look.Refusal == "" {
		look.Applies = look.Asked
	}
	look.Desired = look.State.Next(look.Applies)
	return look
}

// Subject returns the HPA as the schedule knows it.
func (l Verdict) Subject() schedules.HPA { return subject(l.HPA, l.State.Baseline()) }

// Subject returns an HPA as the schedule knows it.
func Subject(hpa *autoscalingv2.HorizontalPodAutoscaler) schedules.HPA {
	return subject(hpa, Observe(hpa).Baseline())
}

func subject(hpa *autoscalingv2.HorizontalPodAutoscaler, baseline int32) schedules.HPA {
	return schedules.HPA{Namespace: hpa.Namespace, Name: hpa.Name, Labels: hpa.Labels, Baseline: baseline}
}

// Continued says whether the HPA was held already for the same occurrence of the same entry.
func (l Verdict) Continued() bool {
	return l.Stripped || l.State.Condition == Held && l.State.Mark.Because == l.Desired.Mark.Because && l.State.Mark.Since == l.Desired.Mark.Since
}

// newlyClamped says whether maxReplicas cuts the floor of the entry, and did not before.
func (l Verdict) newlyClamped() bool {
	clamped := l.Desired.Condition == Held && l.Applies.Full > l.State.MaxReplicas
	return clamped && (!l.Continued() || l.State.Mark.Floor > l.State.MaxReplicas)
}

// resumed says whether the HPA was held already by the same occurrence of the same entry, and stands as we left it.
func (l Verdict) resumed() bool {
	return !l.Stripped && l.Continued() && l.State.MinReplicas == l.State.Mark.Floor
}

// withinRamp says whether the change is a step in the middle of a ramp: neither its first nor its last.
func (l Verdict) withinRamp() bool {
	switch l.Applies.Ramp {
	case schedules.Climbing:
		return l.resumed() && l.Desired.MinReplicas < l.top()
	case schedules.Descending:
		return l.resumed() && l.State.MinReplicas < l.top()
	default:
		return false
	}
}

// Reverted says whether somebody lowered minReplicas below the floor that we wrote, and it has to be put back.
func (l Verdict) Reverted() bool {
	lowered := l.Stripped || l.State.Condition == Held && l.State.MinReplicas < l.State.Mark.Floor
	return lowered && l.Desired.MinReplicas > l.State.MinReplicas
}

// top returns the floor that a ramp climbs to or descends from, after the clamp.
func (l Verdict) top() int32 { return min(l.Applies.Full, l.State.MaxReplicas) }

// Direction names the change of a look, for the metric and the log.
func (l Verdict) Direction() string {
	switch {
	case l.Desired.Condition == Free:
		return "release"
	case l.Desired.MinReplicas > l.State.MinReplicas:
		return "raise"
	case l.Desired.MinReplicas < l.State.MinReplicas:
		return "lower"
	default:
		return "keep"
	}
}

// raises says whether the look raises the floor anew: it neither puts one back nor goes on with a ramp.
func (l Verdict) raises() bool {
	return l.Desired.MinReplicas > l.State.MinReplicas && !l.Reverted() && !l.withinRamp()
}
