package autoscaler

import (
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
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
