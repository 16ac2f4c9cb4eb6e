package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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

// String says it in a sentence.
func (p QuotaProblem) String() string {
	return fmt.Sprintf("ResourceQuota %s/%s cannot hold it: %s has %s of %s used, and %s are added",
		p.Namespace, p.Name, p.Resource, p.Used.String(), p.Hard.String(), p.Added.String())
}

// Exceeded returns the limits that would be exceeded, in the order of namespace, name and resource, if what is given by
// namespace were added to what runs now. Of that, standing runs already: where it is known what is used, that holds it. It
// looks at Pods and at requests and limits of CPU and memory. Quotas with scopes hold for some Pods only and are not
// looked at, which the notes say.
func (s *Snapshot) Exceeded(added, standing map[string]Demand) []QuotaProblem {
	var problems []QuotaProblem
	for i := range s.Quotas {
		quota := &s.Quotas[i]
		demand, ok := added[quota.Namespace]
		if !ok || scoped(quota) {
			continue
		}
		problems = append(problems, exceeded(quota, demand, standing[quota.Namespace])...)
	}
	return problems
}

func exceeded(quota *corev1.ResourceQuota, added, standing Demand) (problems []QuotaProblem) {
	limits := hard(quota)
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		more, ok := added.of(name)
		used, known := quota.Status.Used[name]
		if known {
			counted, _ := standing.of(name)
			more = difference(more, counted)
		}
		total, limit := sum(used, more), limits[name]
		if ok && more.Sign() > 0 && total.Cmp(limit) > 0 {
			problems = append(problems, QuotaProblem{quota.Namespace, quota.Name, name, limit, used, more})
		}
	}
	return problems
}

// hard returns the limits that are in force: those that the quota controller has seen, as the admission plugin does it.
func hard(quota *corev1.ResourceQuota) corev1.ResourceList {
	if quota.Status.Hard != nil {
		return quota.Status.Hard
	}
	return quota.Spec.Hard
}

// of returns how much of a quota's resource is asked for. A name without a prefix means requests.
func (d Demand) of(name corev1.ResourceName) (resource.Quantity, bool) {
	switch name {
	case corev1.ResourcePods, "count/pods":
		return *resource.NewQuantity(d.Pods, resource.DecimalSI), true
	case corev1.ResourceCPU, corev1.ResourceRequestsCPU:
		return d.CPU, true
	case corev1.ResourceMemory, corev1.ResourceRequestsMemory:
		return d.Memory, true
	case corev1.ResourceLimitsCPU:
		return d.Limits.CPU, true
	case corev1.ResourceLimitsMemory:
		return d.Limits.Memory, true
	default:
		return resource.Quantity{}, false
	}
}

func scoped(quota *corev1.ResourceQuota) bool {
	return len(quota.Spec.Scopes) > 0 || quota.Spec.ScopeSelector != nil
}

// noteQuotas adds notes on the ResourceQuotas that are not looked at, or only in part.
func (s *Snapshot) noteQuotas() {
	var withScopes, withoutStatus, inPart []string
	for i := range s.Quotas {
		quota := &s.Quotas[i]
		name := quota.Namespace + "/" + quota.Name
		if scoped(quota) {
			withScopes = append(withScopes, name)
			continue
		}
		if quota.Status.Used == nil {
			withoutStatus = append(withoutStatus, name)
		}
		if left := unchecked(quota); len(left) > 0 {
			inPart = append(inPart, name+" ("+strings.Join(left, ", ")+")")
		}
	}
	if len(withScopes) > 0 {
		s.note("ResourceQuotas with scopes hold for some Pods only and are not checked: %s", some(withScopes))
	}
	if len(withoutStatus) > 0 {
		s.note("how much of these ResourceQuotas is used is not known, and taken for nothing: %s", some(withoutStatus))
	}
	if len(inPart) > 0 {
		s.note("these limits of ResourceQuotas are not checked: %s", some(inPart))
	}
}

// unchecked returns the limits of a quota that Exceeded does not look at, but for those on objects that more Pods never
// bring with them.
func unchecked(quota *corev1.ResourceQuota) []string {
	var left []string
	for _, name := range slices.Sorted(maps.Keys(hard(quota))) {
		_, checked := Demand{}.of(name)
		if !checked && !slices.Contains(apart(), strings.TrimPrefix(string(name), "count/")) {
			left = append(left, string(name))
		}
	}
	return left
}

// apart are the objects that a namespace has as many of, however many Pods run in it.
func apart() []string {
	return []string{
		"configmaps", "secrets", "replicationcontrollers", "resourcequotas",
		"services", "services.loadbalancers", "services.nodeports",
	}
}
