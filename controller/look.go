package controller

import (
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// Look is one HPA at one instant: what it is, what the schedule asks of it and what it should become.
type Look struct {
	HPA      *autoscalingv2.HorizontalPodAutoscaler
	At       time.Time
	State    State
	Asked    schedules.Decision // what the schedule asks, whether or not it applies
	Decision schedules.Decision // what applies: zero for an HPA that no entry may cover
	Next     State
	Refusal  string // why an HPA is treated as covered by nothing, for a person to read
	byKEDA   bool   // the refusal is that a KEDA ScaledObject owns the HPA
	stripped bool   // it was held for the same occurrence of the same entry, and our annotations were taken off
}

// Look reads an HPA, asks the schedule and decides. Without a schedule, which is for onlookers that may not read it,
// nothing is asked and Next is State.
func (s Scope) Look(schedule *schedules.Schedule, hpa *autoscalingv2.HorizontalPodAutoscaler, at time.Time) Look {
	look := Look{HPA: hpa, At: at, State: Observe(hpa)}
	look.Refusal, look.byKEDA = s.refusal(hpa)
	if schedule == nil {
		look.Next = look.State
		return look
	}
	look.Asked = schedule.At(look.subject(), at)
	if look.Refusal == "" {
		look.Decision = look.Asked
	}
	look.Next = look.State.Next(look.Decision)
	return look
}

// subject returns the HPA as the schedule knows it.
func (l Look) subject() schedules.HPA {
	return schedules.HPA{
		Namespace: l.HPA.Namespace,
		Name:      l.HPA.Name,
		Labels:    l.HPA.Labels,
		Baseline:  l.State.Baseline(),
	}
}

// continued says whether the HPA was held already for the same occurrence of the same entry.
func (l Look) continued() bool {
	return l.stripped || l.State.Condition == Held && l.State.Mark.Because == l.Next.Mark.Because && l.State.Mark.Since == l.Next.Mark.Since
}

// newlyClamped says whether maxReplicas cuts the floor of the entry, and did not before.
func (l Look) newlyClamped() bool {
	clamped := l.Next.Condition == Held && l.Decision.Full > l.State.MaxReplicas
	return clamped && (!l.continued() || l.State.Mark.Floor > l.State.MaxReplicas)
}

// resumed says whether the HPA was held already by the same occurrence of the same entry, and stands as we left it.
func (l Look) resumed() bool {
	return !l.stripped && l.continued() && l.State.MinReplicas == l.State.Mark.Floor
}

// withinRamp says whether the change is a step in the middle of a ramp: neither its first nor its last.
func (l Look) withinRamp() bool {
	switch l.Decision.Ramp {
	case schedules.Climbing:
		return l.resumed() && l.Next.MinReplicas < l.top()
	case schedules.Descending:
		return l.resumed() && l.State.MinReplicas < l.top()
	default:
		return false
	}
}

// reverted says whether somebody lowered minReplicas below the floor that we wrote, and it has to be put back.
func (l Look) reverted() bool {
	lowered := l.stripped || l.State.Condition == Held && l.State.MinReplicas < l.State.Mark.Floor
	return lowered && l.Next.MinReplicas > l.State.MinReplicas
}

// top returns the floor that a ramp climbs to or descends from, after the clamp.
func (l Look) top() int32 { return min(l.Decision.Full, l.State.MaxReplicas) }

// direction names the change of a look, for the metric and the log.
func (l Look) direction() string {
	switch {
	case l.Next.Condition == Free:
		return "release"
	case l.Next.MinReplicas > l.State.MinReplicas:
		return "raise"
	case l.Next.MinReplicas < l.State.MinReplicas:
		return "lower"
	default:
		return "keep"
	}
}

// raises says whether the look raises the floor anew: it neither puts one back nor goes on with a ramp.
func (l Look) raises() bool {
	return l.Next.MinReplicas > l.State.MinReplicas && !l.reverted() && !l.withinRamp()
}
