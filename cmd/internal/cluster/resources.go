package cluster

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Resources are requests of CPU and memory.
type Resources struct{ CPU, Memory resource.Quantity }

// Times returns the requests of n Pods.
func (r Resources) Times(n int64) Resources {
	return Resources{times(r.CPU, n), times(r.Memory, n)}
}

// Plus returns the sum of two.
func (r Resources) Plus(other Resources) Resources {
	return Resources{sum(r.CPU, other.CPU), sum(r.Memory, other.Memory)}
}

// most returns the larger of two, of CPU and memory each for itself.
func (r Resources) most(other Resources) Resources {
	return Resources{larger(r.CPU, other.CPU), larger(r.Memory, other.Memory)}
}

// Demand is what Pods ask of a namespace. Resources are those of the Pods whose requests are known.
type Demand struct {
	Pods int64
	Resources
}

// PodOf returns what one Pod of the HPA's scale target requests, and false where that is not known. That a Pod requests
// nothing is knowledge.
func (s *Snapshot) PodOf(hpa *autoscalingv2.HorizontalPodAutoscaler) (Resources, bool) {
	workload, ok := target(hpa)
	if !ok {
		return Resources{}, false
	}
	pod, ok := s.Pods[workload]
	return pod, ok
}

// requests returns what the scheduler counts of a Pod of this template (resource.PodRequests in k8s.io/component-helpers):
// the containers and sidecars that run together, or the init container that needs most with the sidecars started before
// it (KEP-753), whichever is more; what the Pod itself requests in place of that (KEP-2837); and its overhead
// (KEP-688). A LimitRange may give Pods more, and a RuntimeClass an overhead, of which a template says nothing.
func requests(pod *corev1.PodSpec) Resources {
	var together, sidecars, initial Resources
	for i := range pod.Containers {
		together = together.Plus(ofContainer(&pod.Containers[i]))
	}
	for i := range pod.InitContainers {
		container := &pod.InitContainers[i]
		needs := sidecars.Plus(ofContainer(container))
		if container.RestartPolicy != nil && *container.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			sidecars = needs
		}
		initial = initial.most(needs)
	}
	all := together.Plus(sidecars).most(initial)
	return ofPod(pod.Resources, all).Plus(Resources{pod.Overhead[corev1.ResourceCPU], pod.Overhead[corev1.ResourceMemory]})
}

// ofContainer returns what a container requests. A request that is not given is the limit, as the API server stores it in
// Pods, though not in templates (SetDefaults_Pod in k8s.io/kubernetes).
func ofContainer(c *corev1.Container) Resources {
	request := func(name corev1.ResourceName) resource.Quantity {
		if q, ok := c.Resources.Requests[name]; ok {
			return q
		}
		return c.Resources.Limits[name]
	}
	return Resources{request(corev1.ResourceCPU), request(corev1.ResourceMemory)}
}

// ofPod returns what the Pod itself requests, in place of what its containers do. A request that is not given is that of
// the containers, and the Pod's limit if they have none (defaultPodRequests in k8s.io/kubernetes).
func ofPod(own *corev1.ResourceRequirements, containers Resources) Resources {
	if own == nil {
		return containers
	}
	request := func(name corev1.ResourceName, containers resource.Quantity) resource.Quantity {
		if q, ok := own.Requests[name]; ok {
			return q
		}
		if limit, ok := own.Limits[name]; ok && containers.IsZero() {
			return limit
		}
		return containers
	}
	return Resources{request(corev1.ResourceCPU, containers.CPU), request(corev1.ResourceMemory, containers.Memory)}
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

func larger(a, b resource.Quantity) resource.Quantity {
	if a.Cmp(b) < 0 {
		return b
	}
	return a
}
