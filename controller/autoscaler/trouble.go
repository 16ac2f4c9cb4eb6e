package autoscaler

import (
	"fmt"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// TroubleKind names what keeps an HPA from its floor, or will.
type TroubleKind string

// The kinds of trouble. Programs rely on these words.
const (
	TroubleIgnored     TroubleKind = "ignored"            // its owner asked for that
	TroubleExcluded    TroubleKind = "excluded"           // its namespace is
	TroubleRefused     TroubleKind = "refused"            // KEDA owns it, or another installation holds it
	TroubleDamaged     TroubleKind = "damaged"            // its baseline is unknown
	TroubleDeclaration TroubleKind = "declarationIgnored" // its declared baseline or its limit is no number
	TroubleCopied      TroubleKind = "copied"             // its baseline is the floor of another HPA
	TroubleClamped     TroubleKind = "clamped"            // by maxReplicas or a limit
	TroubleContested   TroubleKind = "contested"          // somebody writes another minReplicas
	TroublePending     TroubleKind = "pending"            // it should have another minReplicas by now
	TroubleUnreached   TroubleKind = "unreached"          // the HPA controller asks for less than the floor
)

// Trouble is something about one HPA that a person should know, in the words of our Events.
type Trouble struct {
	Kind    TroubleKind `json:"kind"`
	Message string      `json:"message"`
}

// Troubles returns what is wrong with the HPA at the instant of the verdict. The schedule is the one that was judged by; if
// it is nil, only the annotations and the status of the HPA count.
func (v Verdict) Troubles(schedule *schedules.Schedule) []Trouble {
	troubles := v.refusals(schedule)
	add := func(found bool, kind TroubleKind, message func() string) {
		if found {
			troubles = append(troubles, Trouble{kind, message()})
		}
	}
	add(v.State.Lost(), TroubleDamaged, func() string { return baselineLost(v.HPA).Note })
	add(v.TakenOff(), TroubleDamaged, func() string { return baselineTakenOff(v).Note })
	add(v.ignoresDeclaration(), TroubleDeclaration, func() string { return declarationIgnored(v).Note })
	add(v.ignoresMaxFloor(), TroubleDeclaration, func() string { return maxFloorIgnored(v).Note })
	add(v.Copied(), TroubleCopied, func() string { return floorCopied(v).Note })
	add(v.Clamped(), TroubleClamped, func() string { return floorClamped(v, schedule).Note })
	behind := v.Desired.Condition != v.State.Condition || v.Desired.MinReplicas != v.State.MinReplicas
	lost, contested := v.lostFloor(schedule)
	add(contested, TroubleContested, func() string {
		return fmt.Sprintf("minReplicas %d was written by %s; the floor of %d is not put back yet", v.State.MinReplicas,
			MinReplicasManager(v.HPA), lost)
	})
	add(behind && !contested, TroublePending, func() string { return v.pendingMessage(schedule) })
	add(v.Unreached() && (obstacle(v.HPA) != notActed || v.unanswered(schedule)), TroubleUnreached, func() string {
		return fmt.Sprintf("the HPA asks for %d replicas and the floor is %d: %s", asks(v.HPA), v.State.MinReplicas, obstacle(v.HPA))
	})
	return troubles
}

// lostFloor returns the floor of a held HPA that somebody overwrote, and false if nobody did. Without a schedule it is the
// one in the annotations.
func (v Verdict) lostFloor(schedule *schedules.Schedule) (int32, bool) {
	if schedule != nil {
		return v.Desired.MinReplicas, v.Reverted()
	}
	floor := min(v.State.Mark.Floor, v.State.MaxReplicas)
	return floor, v.State.Condition == Held && v.Refusal == "" && v.State.MinReplicas < floor
}

// refusals returns why no entry may cover the HPA, if one would or its owner asked for it.
func (v Verdict) refusals(schedule *schedules.Schedule) []Trouble {
	covered := v.State.Condition != Free || len(v.Covering(schedule)) > 0
	switch {
	case v.HPA.Annotations[AnnotationIgnore] == "true":
		return []Trouble{{TroubleIgnored, AnnotationIgnore + " is set, so it gets no floor; remove the annotation to change that"}}
	case (v.ByKEDA || v.HeldBy != "") && covered:
		return []Trouble{{TroubleRefused, "it gets no floor: " + v.remedy()}}
	case v.Refusal != "" && covered:
		return []Trouble{{TroubleExcluded, "it gets no floor: " + v.Refusal}}
	default:
		return nil
	}
}

func (v Verdict) pendingMessage(schedule *schedules.Schedule) string {
	why := "no entry is open"
	switch {
	case v.Refusal != "":
		why = v.Refusal
	case v.Applies.Floor > 0:
		why = schedule.Title(v.Applies.Because)
	}
	if v.Desired.MinReplicas == v.State.MinReplicas {
		return fmt.Sprintf("minReplicas stays at %d, but that is not noted in its annotations yet (%s)", v.State.MinReplicas, why)
	}
	return fmt.Sprintf("minReplicas is %d and should be %d by now (%s)", v.State.MinReplicas, v.Desired.MinReplicas, why)
}

// Covering returns the names of the entries that select the HPA, open or not; none without a schedule.
func (v Verdict) Covering(schedule *schedules.Schedule) []string {
	if schedule == nil {
		return nil
	}
	return schedule.Covering(v.Subject())
}

// AtFloor reports whether the HPA controller has seen the HPA as it is now and asks for minReplicas at least. Up to
// Kubernetes 1.36 both generations are 0, so that only the number counts.
func AtFloor(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	var observed int64
	if hpa.Status.ObservedGeneration != nil {
		observed = *hpa.Status.ObservedGeneration
	}
	return observed >= hpa.Generation && !BelowFloor(hpa)
}

// BelowFloor reports whether the HPA controller asks for less than minReplicas, or does not find the target.
func BelowFloor(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	return asks(hpa) < Observe(hpa).MinReplicas || StatusCondition(hpa, autoscalingv2.AbleToScale).Reason == "FailedGetScale"
}

// asks returns the replicas that the HPA controller wants. While it can read no metric, desiredReplicas is what it wanted
// before, or 0, and it leaves the target at currentReplicas: reconcileAutoscaler in pkg/controller/podautoscaler/horizontal.go.
func asks(hpa *autoscalingv2.HorizontalPodAutoscaler) int32 {
	if StatusCondition(hpa, autoscalingv2.ScalingActive).Status == corev1.ConditionFalse {
		return max(hpa.Status.DesiredReplicas, hpa.Status.CurrentReplicas)
	}
	return hpa.Status.DesiredReplicas
}

// Unreached reports whether the floor is written and the HPA controller asks for less.
func (v Verdict) Unreached() bool {
	return v.State.Condition == Held && v.Desired == v.State && BelowFloor(v.HPA)
}

// Missing reports whether the floor is not written yet: minReplicas is below it.
func (v Verdict) Missing() bool {
	return v.Desired.Condition == Held && v.Desired.MinReplicas > v.State.MinReplicas
}

// answerTime is how long the HPA controller may take to act on a change: it looks at each HPA every 15 seconds, and again
// after as long if its status was refused with a conflict.
const answerTime = 30 * time.Second

// unanswered reports whether the HPA controller has had time to act: the entry, the floor as the schedule raised it last, and
// the last write of minReplicas as far as the API server names it, are old enough.
func (v Verdict) unanswered(schedule *schedules.Schedule) bool {
	before, last := v.At.Add(-answerTime), lastWrite(v.HPA, "spec", "minReplicas").Time
	if since, known := v.State.Mark.since(); known && since.After(before) || last != nil && last.After(before) {
		return false
	}
	return schedule == nil || schedule.At(v.Subject(), before).Floor >= v.Applies.Floor // a step of a ramp may be younger
}

// notActed is the obstacle of an HPA whose status shows none.
const notActed = "the HPA controller has not acted on it; is kube-controller-manager running?"

// StatusCondition returns a condition of the HPA's status, without a type if there is none.
func StatusCondition(hpa *autoscalingv2.HorizontalPodAutoscaler, kind autoscalingv2.HorizontalPodAutoscalerConditionType) (found autoscalingv2.HorizontalPodAutoscalerCondition) {
	for _, c := range hpa.Status.Conditions {
		if c.Type == kind {
			found = c
		}
	}
	return found
}

// obstacle returns why the HPA controller does not ask for minReplicas, as far as the status shows, and what to do.
func obstacle(hpa *autoscalingv2.HorizontalPodAutoscaler) string {
	active, able := StatusCondition(hpa, autoscalingv2.ScalingActive), StatusCondition(hpa, autoscalingv2.AbleToScale)
	switch {
	case able.Status == corev1.ConditionFalse:
		return fmt.Sprintf("it cannot scale its target (%s: %s)", able.Reason, able.Message)
	case StatusCondition(hpa, autoscalingv2.ScaledToZero).Status == corev1.ConditionTrue:
		return fmt.Sprintf("it has scaled its target to zero and needs one successful read of a metric to leave that (%s: %s); "+
			"see to the metric, or scale the target to 1", active.Reason, active.Message)
	case active.Reason == "ScalingDisabled": // pkg/controller/podautoscaler/horizontal.go
		return "its target has 0 replicas, which turns the HPA off; scale the target to 1 or more"
	case active.Status == corev1.ConditionFalse && !strings.HasPrefix(active.Reason, "FailedGet"): // no metric is needed for minReplicas
		return fmt.Sprintf("its condition ScalingActive is False (%s: %s)", active.Reason, active.Message)
	default:
		return notActed
	}
}
