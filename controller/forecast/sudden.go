package forecast

import (
	"fmt"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// atOnce reports whether an entry releases its floor without a rampDown.
func (f *Forecast) atOnce(entry string) bool {
	found := f.Schedule.Entry(entry)
	return found != nil && found.RampDown == 0
}

// suddenFall warns of a floor that falls at once from one stretch to the next. The HPA controller records its
// recommendations before minReplicas limits them, so that no stabilization window softens the fall.
func suddenFall(before, after Stretch) string {
	return fmt.Sprintf("minReplicas falls from %d to %d at once; give the entry a rampDown, or the HPA policies in behavior.scaleDown",
		before.MinReplicas, after.MinReplicas)
}

// damped reports whether an HPA limits how fast it scales down. The default policy, all Pods within 15 seconds, does not.
func damped(behavior *autoscalingv2.HorizontalPodAutoscalerBehavior) bool {
	if behavior == nil || behavior.ScaleDown == nil {
		return false
	}
	for _, policy := range behavior.ScaleDown.Policies {
		if policy.Type == autoscalingv2.PercentScalingPolicy && policy.Value >= 100 {
			return false
		}
	}
	return len(behavior.ScaleDown.Policies) > 0
}
