package cluster

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

// Snapshot is what was read of a cluster.
type Snapshot struct {
	// HPAs are sorted by namespace and name. minReplicas is never nil.
	HPAs []autoscalingv2.HorizontalPodAutoscaler
	// Pods are those of each workload, as far as they are known.
	Pods map[Workload]Pod
	// Quotas are sorted by namespace and name.
	Quotas []corev1.ResourceQuota
	// Notes are sentences about what is not known and why. They concern PodOf and Exceeded only: the HPAs are
	// complete, or there is no snapshot.
	Notes []string
	// Places are those of the HPAs of manifests.
	Places map[types.NamespacedName]source.Place
	// Unnamespaced are the HPAs of manifests that name no namespace, and Default the one that they count in.
	Unnamespaced []types.NamespacedName
	Default      string
	// Stopped are the workloads that are written with 0 replicas, and Canaries those of Flagger by the HPA that they name.
	Stopped  map[Workload]bool
	Canaries map[types.NamespacedName]string
	// Limit is that of the floorkeeper in the cluster, for those who know it.
	Limit autoscaler.Limit
	// Problems are what was passed over, and HPAs that are written twice.
	Problems source.Problems
}

// Workload is what an HPA scales: a Deployment, ReplicaSet or StatefulSet.
type Workload struct{ Namespace, Kind, Name string }

func (w Workload) String() string { return fmt.Sprintf("%s %s/%s", w.Kind, w.Namespace, w.Name) }

// target returns the workload that an HPA scales, and false where its kind is another.
func target(hpa *autoscalingv2.HorizontalPodAutoscaler) (Workload, bool) {
	ref := hpa.Spec.ScaleTargetRef
	group, _, versioned := strings.Cut(ref.APIVersion, "/")
	if !versioned {
		group = ""
	}
	return Workload{hpa.Namespace, ref.Kind, ref.Name}, hasTemplate(group, ref.Kind)
}

// hasTemplate reports whether objects of the kind hold a Pod template that is read. Before Kubernetes 1.16 some belonged to
// the group extensions, and lie so in Git; an HPA that gives no group means apps as well.
func hasTemplate(group, kind string) bool {
	return slices.Contains([]string{"apps", "extensions", ""}, group) &&
		slices.Contains([]string{"Deployment", "ReplicaSet", "StatefulSet"}, kind)
}

func (s *Snapshot) sort() {
	slices.SortFunc(s.HPAs, func(a, b autoscalingv2.HorizontalPodAutoscaler) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
	slices.SortFunc(s.Quotas, func(a, b corev1.ResourceQuota) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
}

// noteTargets adds notes on the HPAs whose Pods are not known. unread are the kinds that have been noted already because
// they could not be read; why is what to think of a workload that is missing.
func (s *Snapshot) noteTargets(unread map[string]bool, why string) {
	var foreign, absent []string
	for i := range s.HPAs {
		workload, ok := target(&s.HPAs[i])
		if _, known := s.Pods[workload]; known && ok {
			continue
		}
		switch {
		case !ok:
			foreign = append(foreign, workload.String())
		case !unread[workload.Kind]:
			absent = append(absent, workload.String())
		}
	}
	s.noteSome("what a Pod requests is known of Deployments, ReplicaSets and StatefulSets only, and not of %s", foreign)
	s.noteSome("what a Pod requests is not known of %s: "+why, absent)
}

func (s *Snapshot) note(format string, args ...any) {
	s.Notes = append(s.Notes, fmt.Sprintf(format, args...))
}

// noteSome adds a note on names, if there are any: on the first few, each once, and how many more there are.
func (s *Snapshot) noteSome(format string, names []string) {
	if len(names) > 0 {
		slices.Sort(names)
		s.note(format, text.List(slices.Compact(names), ", ", 3))
	}
}

// Facts returns what is known beside the HPAs.
func (s *Snapshot) Facts() forecast.Facts {
	if s == nil {
		return forecast.Facts{}
	}
	return forecast.Facts{
		Stopped: func(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
			workload, ok := target(hpa)
			return ok && s.Stopped[workload]
		},
		Canary: func(hpa *autoscalingv2.HorizontalPodAutoscaler) string {
			return s.Canaries[types.NamespacedName{Namespace: hpa.Namespace, Name: hpa.Name}]
		},
		Unnamespaced: len(s.Unnamespaced), Default: s.Default,
	}
}
