package cluster

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Snapshot is what was read of a cluster.
type Snapshot struct {
	// HPAs are sorted by namespace and name. minReplicas is never nil.
	HPAs []autoscalingv2.HorizontalPodAutoscaler
	// Templates are the Pod templates of workloads, as far as they are known.
	Templates map[Workload]corev1.PodTemplateSpec
	// Quotas are sorted by namespace and name.
	Quotas []corev1.ResourceQuota
	// Notes say, in a sentence each, what is not known and why. They concern PodOf and Exceeded only; the HPAs are
	// complete, or there is no snapshot.
	Notes []string
}

// Workload is what an HPA scales: a Deployment, ReplicaSet or StatefulSet.
type Workload struct{ Namespace, Kind, Name string }

// target returns the workload that an HPA scales, and false where its kind is another.
func target(hpa *autoscalingv2.HorizontalPodAutoscaler) (Workload, bool) {
	ref := hpa.Spec.ScaleTargetRef
	group, _ := schema.ParseGroupVersion(ref.APIVersion) // one that cannot be read is of no group that is known
	return Workload{hpa.Namespace, ref.Kind, ref.Name}, hasTemplate(group.Group, ref.Kind)
}

// hasTemplate says whether objects of the kind hold a Pod template that is read. Before Kubernetes 1.16 some belonged to
// the group extensions, and lie so in Git; an HPA that gives no group means apps as well.
func hasTemplate(group, kind string) bool {
	return slices.Contains([]string{"apps", "extensions", ""}, group) && slices.Contains(workloadKinds(), kind)
}

func workloadKinds() []string { return []string{"Deployment", "ReplicaSet", "StatefulSet"} }

// sort brings HPAs and quotas into the order of their names.
func (s *Snapshot) sort() {
	slices.SortFunc(s.HPAs, func(a, b autoscalingv2.HorizontalPodAutoscaler) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
	slices.SortFunc(s.Quotas, func(a, b corev1.ResourceQuota) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
}

// noteUnknown adds notes on the HPAs whose Pods are not known. Where no workload was read at all, missing says how to
// give them.
func (s *Snapshot) noteUnknown(missing string) {
	var foreign, absent []string
	for i := range s.HPAs {
		hpa := &s.HPAs[i]
		workload, ok := target(hpa)
		name := fmt.Sprintf("%s %s/%s", workload.Kind, workload.Namespace, workload.Name)
		if !ok {
			foreign = append(foreign, name)
		} else if _, ok := s.Templates[workload]; !ok {
			absent = append(absent, name)
		}
	}
	if len(foreign) > 0 {
		s.note("what a Pod requests is known of Deployments, ReplicaSets and StatefulSets only, and not of %s", some(foreign))
	}
	if len(absent) > 0 && missing != "" {
		s.note("what a Pod requests is not known of %s; %s", some(absent), missing)
	}
}

func (s *Snapshot) note(format string, args ...any) {
	s.Notes = append(s.Notes, fmt.Sprintf(format, args...))
}

// some names the first few, and how many more there are.
func some(names []string) string {
	const few = 3
	if len(names) <= few+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}
