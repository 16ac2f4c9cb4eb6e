package controlplane

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Capability is what not every supported release of Kubernetes has. Tests ask for it rather than for a version: what differs
// by version is decided here, from the answers of the API server.
type Capability string

const (
	// MutatingPolicies carry the floor guard and the floor hand-back. They came with Kubernetes 1.36.
	MutatingPolicies Capability = "MutatingAdmissionPolicy in admissionregistration.k8s.io/v1"
	// ScaledToZero marks an HPA that has scaled its target to zero by itself, and wakes it when its floor is raised. It came
	// with Kubernetes 1.36, for which the API server is asked, and needs the feature gate HPAScaleToZero.
	ScaledToZero Capability = "condition ScaledToZero of HorizontalPodAutoscalers"
	// Generations are maintained from Kubernetes 1.37 on. With them, the HPA controller acts on a changed spec at once, and
	// its status names the one that it has seen.
	Generations Capability = "metadata.generation of HorizontalPodAutoscalers"
	// Zeroes are accepted by default from Kubernetes 1.37 on, and before with the feature gate HPAScaleToZero.
	Zeroes Capability = "a minReplicas of 0"
)

// Has reports whether the control plane runs a release, and for Zeroes with flags, that give it a capability.
func (c *ControlPlane) Has(ctx context.Context, what Capability) (bool, error) {
	switch what {
	case MutatingPolicies:
		served, err := c.client.Discovery().ServerResourcesForGroupVersion("admissionregistration.k8s.io/v1")
		if err != nil {
			return false, fmt.Errorf("cannot read what the API server serves: %w", err)
		}
		return slices.ContainsFunc(served.APIResources, func(r metav1.APIResource) bool { return r.Name == "mutatingadmissionpolicies" }), nil
	case ScaledToZero:
		return c.from(36)
	case Generations:
		hpa, err := c.tryHPA(ctx, 1)
		return err == nil && hpa.Generation > 0, err
	case Zeroes:
		_, err := c.tryHPA(ctx, 0)
		if apierrors.IsInvalid(err) {
			return false, nil
		}
		return err == nil, err
	default:
		return false, fmt.Errorf("cannot find out about %q: it is no capability", what)
	}
}

// from reports whether the release is 1.minor or newer.
func (c *ControlPlane) from(minor int) (bool, error) {
	version, err := c.client.Discovery().ServerVersion()
	if err != nil {
		return false, fmt.Errorf("cannot read the version of the API server: %w", err)
	}
	served, err := strconv.Atoi(version.Minor)
	if err != nil {
		return false, fmt.Errorf("cannot read the version %s of the API server: %w", version.GitVersion, err)
	}
	return served >= minor, nil
}

// tryHPA returns what the API server would store of an HPA.
func (c *ControlPlane) tryHPA(ctx context.Context, minReplicas int32) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	one := resource.MustParse("1")
	hpa := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: "capability"},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "capability"},
			MinReplicas:    &minReplicas, MaxReplicas: 2,
			Metrics: []autoscalingv2.MetricSpec{{Type: autoscalingv2.ExternalMetricSourceType, External: &autoscalingv2.ExternalMetricSource{
				Metric: autoscalingv2.MetricIdentifier{Name: "queue"},
				Target: autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, AverageValue: &one},
			}}},
		},
	}
	return c.client.AutoscalingV2().HorizontalPodAutoscalers(corev1.NamespaceDefault).
		Create(ctx, hpa, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
}
