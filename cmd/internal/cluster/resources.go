package cluster

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	podresources "k8s.io/component-helpers/resource"
)

// Resources are requests of CPU and memory, or limits.
type Resources struct{ CPU, Memory resource.Quantity }

// Times returns the requests of n Pods.
func (r Resources) Times(n int64) Resources {
	return Resources{times(r.CPU, n), times(r.Memory, n)}
}

// Plus returns the sum of two.
func (r Resources) Plus(other Resources) Resources {
	return Resources{sum(r.CPU, other.CPU), sum(r.Memory, other.Memory)}
}

// Pod is what one Pod of a workload requests, what its limits are, and how many there are.
type Pod struct {
	Resources
	Limits  Resources
	Running *int32 // nil where nobody knows
}

// Demand is what Pods ask of a namespace: their number, what they request and their limits, as far as these are known.
type Demand struct {
	Pods int64
	Resources
	Limits Resources
}

// PodOf returns what is known of the Pods of the HPA's scale target, and false where that is nothing. That a Pod requests
// nothing is knowledge.
func (s *Snapshot) PodOf(hpa *autoscalingv2.HorizontalPodAutoscaler) (Pod, bool) {
	workload, ok := target(hpa)
	if !ok {
		return Pod{}, false
	}
	pod, ok := s.Pods[workload]
	return pod, ok
}

// podOf returns what the scheduler and ResourceQuotas count of a Pod of this template. A LimitRange may give Pods more,
// and a RuntimeClass an overhead, which a template does not show.
func podOf(spec *corev1.PodSpec, running *int32) Pod {
	pod := withDefaults(spec)
	return Pod{
		Resources: resourcesOf(podresources.PodRequests(pod, podresources.PodResourcesOptions{})),
		Limits:    resourcesOf(podresources.PodLimits(pod, podresources.PodResourcesOptions{})),
		Running:   running,
	}
}

func resourcesOf(list corev1.ResourceList) Resources {
	return Resources{list[corev1.ResourceCPU], list[corev1.ResourceMemory]}
}

// withDefaults returns a Pod of a template with the requests that the API server stores in Pods, though not in templates:
// one that is not given is the limit (SetDefaults_Pod and defaultPodRequests in k8s.io/kubernetes).
func withDefaults(spec *corev1.PodSpec) *corev1.Pod {
	pod := &corev1.Pod{Spec: *spec.DeepCopy()}
	for _, containers := range [][]corev1.Container{pod.Spec.Containers, pod.Spec.InitContainers} {
		for i := range containers {
			requestLimits(&containers[i].Resources, nil)
		}
	}
	if own := pod.Spec.Resources; own != nil {
		requestLimits(own, podresources.AggregateContainerRequests(pod, podresources.PodResourcesOptions{}))
	}
	return pod
}

// requestLimits sets the requests that are not given to the limits, except where something is requested already.
func requestLimits(own *corev1.ResourceRequirements, requested corev1.ResourceList) {
	for name, limit := range own.Limits {
		already := requested[name]
		if _, given := own.Requests[name]; given || !already.IsZero() {
			continue
		}
		if own.Requests == nil {
			own.Requests = corev1.ResourceList{}
		}
		own.Requests[name] = limit
	}
}

func times(q resource.Quantity, n int64) resource.Quantity {
	product := q.DeepCopy()
	product.Mul(n)
	return product
}

func sum(a, b resource.Quantity) resource.Quantity {
	total := a.DeepCopy()
	total.Add(b)
	return total
}

func difference(a, b resource.Quantity) resource.Quantity {
	rest := a.DeepCopy()
	rest.Sub(b)
	return rest
}
