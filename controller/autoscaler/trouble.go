package autoscaler

import (
	"fmt"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// TroubleKind names what keeps an HPA from its floor, or will.
type TroubleKind string

// The kinds of trouble. Those who read them with a program rely on these words.
const (
	TroubleIgnored     TroubleKind = "ignored"            // its owner asked for that
	TroubleExcluded    TroubleKind = "excluded"           // its namespace is
	TroubleRefused     TroubleKind = "refused"            // KEDA owns it
	TroubleDamaged     TroubleKind = "damaged"            // its baseline is unknown
	TroubleDeclaration TroubleKind = "declarationIgnored" // its declared baseline is no number
	TroubleClamped     TroubleKind = "clamped"            // by maxReplicas
	TroubleContested   TroubleKind = "contested"          // somebody writes another minReplicas
	TroublePending     TroubleKind = "pending"            // it should stand otherwise by now
	TroubleUnreached   TroubleKind = "unreached"          // the HPA controller asks for less than the floor
)

// Trouble is something about one HPA that a person should know, in the words of our Events.
type Trouble struct {
	Kind    TroubleKind `json:"kind"`
	Message string      `json:"message"`
}

// Troubles returns what is wrong with the HPA at the instant of the look. The schedule is the one that was asked, which
// may be nil: then only what the HPA itself tells is known.
func (l Verdict) Troubles(schedule *schedules.Schedule) []Trouble {
	troubles := l.refusals(schedule)
	add := func(found bool, kind TroubleKind, message func() string) {
		if found {
			troubles = append(troubles, Trouble{kind, message()})
		}
	}
	add(l.State.Lost(), TroubleDamaged, func() string { return baselineLost(l.HPA).Note })
	if n, found := l.PersistentProblem(schedule); found && n.Reason == ReasonDeclarationIgnored {
		add(true, TroubleDeclaration, func() string { return n.Note })
	}
	clamped := l.Desired.Condition == Held && l.Applies.Full > l.State.MaxReplicas
	add(clamped, TroubleClamped, func() string { return floorClamped(l, schedule).Note })
	behind := l.Desired.Condition != l.State.Condition || l.Desired.MinReplicas != l.State.MinReplicas
	owed, contested := l.lostFloor(schedule)
	add(contested, TroubleContested, func() string {
		return fmt.Sprintf("minReplicas %d was written by %s; the floor of %d is not put back yet", l.State.MinReplicas,
			MinReplicasManager(l.HPA), owed)
	})
	add(behind && !contested, TroublePending, func() string { return l.pendingMessage(schedule) })
	add(l.Unreached(), TroubleUnreached, func() string {
		return fmt.Sprintf("the HPA asks for %d replicas and the floor is %d: %s", l.HPA.Status.DesiredReplicas, l.State.MinReplicas,
			obstacle(l.HPA))
	})
	return troubles
}

// lostFloor returns the floor that somebody took from a held HPA, and false where nobody did. Without a schedule its annotations
// tell.
func (l Verdict) lostFloor(schedule *schedules.Schedule) (int32, bool) {
	if schedule != nil {
		return l.Desired.MinReplicas, l.Reverted()
	}
	floor := min(l.State.Mark.Floor, l.State.MaxReplicas)
	return floor, l.State.Condition == Held && l.Refusal == "" && l.State.MinReplicas < floor
}

// refusals says why no entry may cover the HPA, where one would or its owner asked for it.
func (l Verdict) refusals(schedule *schedules.Schedule) []Trouble {
	covered := l.State.Condition != Free || len(l.Covering(schedule)) > 0
	switch {
	case l.HPA.Annotations[AnnotationIgnore] == "true":
		return []Trouble{{TroubleIgnored, AnnotationIgnore + " is set, so it gets no floor; remove the annotation to change that"}}
	case l.ByKEDA && covered:
		return []Trouble{{TroubleRefused, "it gets no floor: " + l.Refusal + ", which would overwrite it; use a KEDA trigger instead"}}
	case l.Refusal != "" && covered:
		return []Trouble{{TroubleExcluded, "it gets no floor: " + l.Refusal}}
	default:
		return nil
	}
}

// pendingMessage says what the HPA should be by now.
func (l Verdict) pendingMessage(schedule *schedules.Schedule) string {
	why := "no entry is open"
	switch {
	case l.Refusal != "":
		why = l.Refusal
	case l.Applies.Floor > 0:
		why = schedule.Title(l.Applies.Because)
	}
	if l.Desired.MinReplicas == l.State.MinReplicas {
		return fmt.Sprintf("minReplicas stays at %d, but that is not noted in its annotations yet (%s)", l.State.MinReplicas, why)
	}
	return fmt.Sprintf("minReplicas is %d and should be %d by now (%s)", l.State.MinReplicas, l.Desired.MinReplicas, why)
}

// Covering returns the names of the entries that select the HPA, open or not, and none without a schedule.
func (l Verdict) Covering(schedule *schedules.Schedule) []string {
	if schedule == nil {
		return nil
	}
	return schedule.Covering(l.Subject())
}

// AtFloor says whether the HPA controller has seen the HPA as it is now and asks for minReplicas at least. Up to
// Kubernetes 1.36 both generations are 0, so that only the number counts.
func AtFloor(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	var observed int64
	if hpa.Status.ObservedGeneration != nil {
		observed = *hpa.Status.ObservedGeneration
	}
	return observed >= hpa.Generation && !BelowFloor(hpa)
}

// BelowFloor says whether the HPA controller asks for less than minReplicas.
func BelowFloor(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	return hpa.Status.DesiredReplicas < Observe(hpa).MinReplicas
}

// Unreached says whether the HPA stands at its floor and the HPA controller asks for less.
func (l Verdict) Unreached() bool {
	return l.State.Condition == Held && l.Desired == l.State && BelowFloor(l.HPA)
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
