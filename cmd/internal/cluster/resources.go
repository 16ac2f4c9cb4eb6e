package cluster

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
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

// most returns the larger of two, of CPU and memory each for itself.
func (r Resources) most(other Resources) Resources {
	return Resources{larger(r.CPU, other.CPU), larger(r.Memory, other.Memory)}
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

// podOf returns what is counted of a Pod of this template. A LimitRange may give Pods more, and a RuntimeClass an
// overhead, of which a template says nothing.
func podOf(pod *corev1.PodSpec, running *int32) Pod {
	return Pod{Resources: requests(pod), Limits: limits(pod), Running: running}
}

// requests returns what the scheduler counts of a Pod of this template (resource.PodRequests in k8s.io/component-helpers):
// what its containers request, what the Pod itself requests in place of that (KEP-2837); and its overhead (KEP-688).
func requests(pod *corev1.PodSpec) Resources {
	return ofPod(pod.Resources, atOnce(pod, ofContainer)).Plus(Resources{pod.Overhead[corev1.ResourceCPU], pod.Overhead[corev1.ResourceMemory]})
}

// limits returns what a ResourceQuota counts as the limits of a Pod of this template (resource.PodLimits in
// k8s.io/component-helpers). Where there is no limit, an overhead makes none.
func limits(pod *corev1.PodSpec) Resources {
	containers := atOnce(pod, func(c *corev1.Container) Resources {
		return Resources{c.Resources.Limits[corev1.ResourceCPU], c.Resources.Limits[corev1.ResourceMemory]}
	})
	limit := func(name corev1.ResourceName, all resource.Quantity) resource.Quantity {
		if pod.Resources != nil {
			if own, ok := pod.Resources.Limits[name]; ok {
				all = own
			}
		}
		if all.IsZero() {
			return all
		}
		return sum(all, pod.Overhead[name])
	}
	return Resources{limit(corev1.ResourceCPU, containers.CPU), limit(corev1.ResourceMemory, containers.Memory)}
}

// atOnce returns the most that containers need at one time: those that run together with the sidecars, or the init
// container that needs most with the sidecars started before it (KEP-753), whichever is more.
func atOnce(pod *corev1.PodSpec, of func(*corev1.Container) Resources) Resources {
	var together, sidecars, initial Resources
	for i := range pod.Containers {
		together = together.Plus(of(&pod.Containers[i]))
	}
	for i := range pod.InitContainers {
		container := &pod.InitContainers[i]
		needs := sidecars.Plus(of(container))
		if container.RestartPolicy != nil && *container.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			sidecars = needs
		}
		initial = initial.most(needs)
	}
	return together.Plus(sidecars).most(initial)
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

func difference(a, b resource.Quantity) resource.Quantity {
	rest := a.DeepCopy()
	rest.Sub(b)
	return rest
}

func larger(a, b resource.Quantity) resource.Quantity {
	if a.Cmp(b) < 0 {
		return b
	}
	return a
}
