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
	sum := Resources{r.CPU.DeepCopy(), r.Memory.DeepCopy()}
	sum.CPU.Add(other.CPU)
	sum.Memory.Add(other.Memory)
	return sum
}

func times(q resource.Quantity, n int64) resource.Quantity {
	product := q.DeepCopy()
	product.Mul(n)
	return product
}

// Demand is what Pods ask of a namespace. Resources are those of the Pods whose requests are known.
type Demand struct {
	Pods int64
	Resources
}

// PodOf returns what one Pod of the HPA's scale target requests, and false where that is not known. A Pod that requests
// nothing is known.
func (s *Snapshot) PodOf(hpa *autoscalingv2.HorizontalPodAutoscaler) (Resources, bool) {
	workload, ok := target(hpa)
	if !ok {
		return Resources{}, false
	}
	template, ok := s.Templates[workload]
	if !ok {
		return Resources{}, false
	}
	return requests(&template.Spec), true
}

// requests returns what the scheduler counts of a Pod.
func requests(*corev1.PodSpec) Resources { return Resources{} }
