package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	podresources "k8s.io/component-helpers/resource"
)

// Resources are requests of CPU and memory, or limits.
type Resources struct{ CPU, Memory resource.Quantity }

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

// QuotaProblem is a limit of a ResourceQuota that cannot hold what is added.
type QuotaProblem struct {
	Namespace, Name string              // of the ResourceQuota
	Resource        corev1.ResourceName // as it is written there: pods, requests.cpu, memory ...
	Hard, Used      resource.Quantity
	Added           resource.Quantity
}

// String returns it as a sentence.
func (p QuotaProblem) String() string {
	return fmt.Sprintf("ResourceQuota %s/%s cannot hold it: %s has %s of %s used, and %s are added",
		p.Namespace, p.Name, p.Resource, p.Used.String(), p.Hard.String(), p.Added.String())
}

// Exceeded returns the limits that would be exceeded, in the order of namespace, name and resource, if what is given by
// namespace were added to what runs now. Of that, standing runs already: where it is known what is used, that holds it. It
// checks Pods, and requests and limits of CPU and memory. Quotas with scopes hold for some Pods only and are not checked; the
// notes name them.
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
			more = more.DeepCopy()
			more.Sub(counted)
		}
		total, limit := used.DeepCopy(), limits[name]
		total.Add(more)
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
	s.noteSome("ResourceQuotas with scopes hold for some Pods only and are not checked: %s", withScopes)
	s.noteSome("how much of these ResourceQuotas is used is not known, and taken for nothing: %s", withoutStatus)
	s.noteSome("these limits of ResourceQuotas are not checked: %s", inPart)
}

// unchecked returns the limits of a quota that Exceeded does not check, but for those on objects that more Pods never
// bring with them.
func unchecked(quota *corev1.ResourceQuota) []string {
	apart := []string{ // their number in a namespace does not depend on its Pods
		"configmaps", "secrets", "replicationcontrollers", "resourcequotas", "services", "services.loadbalancers", "services.nodeports",
	}
	var left []string
	for _, name := range slices.Sorted(maps.Keys(hard(quota))) {
		_, checked := Demand{}.of(name)
		if !checked && !slices.Contains(apart, strings.TrimPrefix(string(name), "count/")) {
			left = append(left, string(name))
		}
	}
	return left
}
