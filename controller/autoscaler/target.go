package autoscaler

import (
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Lag is a target that has fewer replicas than the floor of its HPA. From is what it probably has: what the HPA controller
// found at its last look, or what it then changed that to; 0 if it has not reported yet.
type Lag struct {
	Target   autoscalingv2.CrossVersionObjectReference
	From, To int32
}

// TargetLag returns the lag of the target, and false if the target must not be raised: the HPA is not held, its floor asks
// for no more than its baseline, the target has that much already, the target is at zero, which turns the HPA
// off, or it is neither a Deployment nor a StatefulSet.
func (v Verdict) TargetLag() (Lag, bool) {
	target, status := v.HPA.Spec.ScaleTargetRef, v.HPA.Status
	lag := Lag{target, status.CurrentReplicas, v.Desired.Mark.Floor}
	// If the HPA controller did not change the target at its last look, desiredReplicas may be of an earlier one: it stays where
	// no metric has a value.
	if StatusCondition(v.HPA, autoscalingv2.AbleToScale).Reason == "SucceededRescale" {
		lag.From = status.DesiredReplicas
	}
	held := v.Desired.Condition == Held && v.Refusal == "" && lag.To > v.Desired.Mark.Baseline
	unreported := len(status.Conditions) == 0
	return lag, held && lag.From < lag.To && (lag.From > 0 || unreported) && scalable(target)
}

// scalable reports whether the target is of a kind that floorkeeper may raise.
func scalable(target autoscalingv2.CrossVersionObjectReference) bool {
	version, err := schema.ParseGroupVersion(target.APIVersion)
	return err == nil && version.Group == appsv1.GroupName && (target.Kind == "Deployment" || target.Kind == "StatefulSet")
}

// resource returns the name of the target's subresource, as rules of RBAC have it.
func (l Lag) resource() string { return strings.ToLower(l.Target.Kind) + "s/scale" }

// NotRaised reports that the target was not raised to the floor.
func (l Lag) NotRaised(err error) EventNote {
	return warning(ReasonTargetNotRaised, l.action(), "%s was not raised to %d replicas: %v. kube-controller-manager raises it when it gets to this HPA",
		l.name(), l.To, err)
}

// Forbidden reports that the rights of floorkeeper do not suffice to raise targets of this kind in the namespace.
func (l Lag) Forbidden(err error) EventNote {
	return warning(ReasonTargetNotRaised, l.action(), "%s was not raised to %d replicas: --raise-targets needs the verbs get and patch on %s in the "+
		"API group apps. Add the component deploy/kustomize/raise-targets to your kustomization; it grants them. (%v) This is reported once for each namespace",
		l.name(), l.To, l.resource(), err)
}

func (l Lag) name() string { return l.Target.Kind + " " + l.Target.Name }

func (l Lag) action() string { return fmt.Sprintf("raise %s to %d", l.name(), l.To) }
