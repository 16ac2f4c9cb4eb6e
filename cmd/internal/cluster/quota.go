package cluster

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// QuotaProblem is a limit of a ResourceQuota that cannot hold what is added.
type QuotaProblem struct {
	Namespace, Name string              // of the ResourceQuota
	Resource        corev1.ResourceName // as it is written there: pods, requests.cpu, memory ...
	Hard, Used      resource.Quantity
	Added           resource.Quantity
}

// Exceeded returns the limits that what is added by namespace would exceed, in the order of namespace, name and resource.
func (s *Snapshot) Exceeded(added map[string]Demand) []QuotaProblem { return nil }
