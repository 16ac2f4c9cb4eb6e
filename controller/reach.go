package controller

import (
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
)

// reach is what is remembered of the wait for the HPA controller to take up a floor. It follows from the HPA's status
// alone, and says nothing about Pods.
type reach struct {
	pending bool
	late    bool      // that the deadline has passed was told
	quiet   bool      // to be told of only after the deadline has been: floors that are put back, and lost ones
	from    time.Time // of the raise, or when the floor was found not to be reached
	seen    bool      // the raise, by this process
	since   bool      // from is when the entry opened, and the raise may have come later
}

// reached says whether the HPA controller has seen the HPA as it is now and asks for minReplicas at least. Up to
// Kubernetes 1.36 both generations are 0, so that only the number counts.
func reached(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	var observed int64
	if hpa.Status.ObservedGeneration != nil {
		observed = *hpa.Status.ObservedGeneration
	}
	return observed >= hpa.Generation && !short(hpa)
}

// short says whether the HPA controller asks for less than minReplicas.
func short(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	return hpa.Status.DesiredReplicas < Observe(hpa).MinReplicas
}

// unreached says whether the HPA stands at its floor and the HPA controller asks for less.
func (l Look) unreached() bool {
	return l.State.Condition == Held && l.Next == l.State && short(l.HPA)
}

// follow returns what to remember after a look, what to tell, and when to look again at the latest. The first look of a
// process at a floor that is not reached counts from when its entry opened.
func (r reach) follow(l Look, first bool, deadline time.Duration) (next reach, told []notice, wake time.Time) {
	switch {
	case l.Next.Condition != Held:
		return reach{}, nil, time.Time{}
	case l.Next == l.State && reached(l.HPA):
		return r.arrived(l)
	case !r.pending || l.raises():
		r = awaited(l, first)
	}
	due := r.from.Add(deadline)
	switch {
	case !r.pending || r.late:
		return r, nil, time.Time{}
	case l.At.Before(due):
		return r, nil, due
	case !l.unreached():
		return r, nil, time.Time{}
	}
	r.late = true
	return r, []notice{floorNotReached(l, r)}, time.Time{}
}

// raises says whether the look raises the floor anew: it neither puts one back nor goes on with a ramp.
func (l Look) raises() bool {
	return l.Next.MinReplicas > l.State.MinReplicas && !l.reverted() && !l.withinRamp()
}

// awaited begins the wait, if there is anything to wait for.
func awaited(l Look, first bool) reach {
	switch since, err := time.Parse(time.RFC3339Nano, l.State.Mark.Since); {
	case l.Next.MinReplicas > l.State.MinReplicas:
		return reach{pending: true, quiet: l.reverted(), from: l.At, seen: true}
	case !l.unreached():
		return reach{}
	case first && err == nil && since.Before(l.At):
		return reach{pending: true, from: since, since: true}
	default:
		return reach{pending: true, quiet: !first, from: l.At}
	}
}

// arrived ends the wait. The steps of a ramp that still climbs are not told.
func (r reach) arrived(l Look) (reach, []notice, time.Time) {
	if !r.pending || r.quiet && !r.late || l.withinRamp() && !r.late {
		return reach{}, nil, time.Time{}
	}
	return reach{}, []notice{floorReached(l, r)}, time.Time{}
}

func floorReached(l Look, r reach) notice {
	took := ""
	if r.seen {
		took = fmt.Sprintf(", %s after the raise to %d", taken(l, r), l.State.MinReplicas)
	}
	note := fmt.Sprintf("the HPA asks for %d replicas%s; their Pods come as fast as the cluster starts them", l.HPA.Status.DesiredReplicas, took)
	return notice{corev1.EventTypeNormal, ReasonFloorReached, r.action("reach", l), note}
}

func floorNotReached(l Look, r reach) notice {
	when := fmt.Sprintf("for %s now", taken(l, r))
	switch {
	case r.seen:
		when = fmt.Sprintf("%s after the raise to %d", taken(l, r), l.State.MinReplicas)
	case r.since:
		when = fmt.Sprintf("with a floor of %d", l.State.MinReplicas)
	}
	note := fmt.Sprintf("%s the HPA asks for %d replicas: %s", when, l.HPA.Status.DesiredReplicas, obstacle(l.HPA))
	return notice{corev1.EventTypeWarning, ReasonFloorNotReached, r.action("miss", l), note}
}

func (r reach) action(verb string, l Look) string {
	return fmt.Sprintf("%s %d since %s", verb, l.State.MinReplicas, r.from.UTC().Format(time.RFC3339))
}

// taken is the time since the raise, as exactly as a person wants to know it.
func taken(l Look, r reach) time.Duration {
	took := l.At.Sub(r.from)
	if took < 10*time.Second {
		return took.Round(10 * time.Millisecond)
	}
	return took.Round(time.Second)
}

// obstacle says why the HPA controller does not ask for minReplicas, as far as the status tells, and what to do.
func obstacle(hpa *autoscalingv2.HorizontalPodAutoscaler) string {
	conditions := make(map[autoscalingv2.HorizontalPodAutoscalerConditionType]autoscalingv2.HorizontalPodAutoscalerCondition)
	for _, c := range hpa.Status.Conditions {
		conditions[c.Type] = c
	}
	active, able := conditions[autoscalingv2.ScalingActive], conditions[autoscalingv2.AbleToScale]
	switch {
	case able.Status == corev1.ConditionFalse:
		return fmt.Sprintf("it cannot scale its target (%s: %s)", able.Reason, able.Message)
	case conditions[autoscalingv2.ScaledToZero].Status == corev1.ConditionTrue:
		return fmt.Sprintf("it has scaled its target to zero and needs one successful read of a metric to leave that (%s: %s); "+
			"see to the metric, or scale the target to 1", active.Reason, active.Message)
	case active.Reason == "ScalingDisabled": // pkg/controller/podautoscaler/horizontal.go
		return "its target has 0 replicas, which turns the HPA off; scale the target to 1 or more"
	default:
		return "the HPA controller has not acted on it; is kube-controller-manager running?"
	}
}
