package cluster

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

// manifest is what is read of a workload. The rest may be wrong and does not matter.
type manifest struct {
	Spec struct {
		Template struct {
			Spec *podSpec `json:"spec"`
		} `json:"template"`
	} `json:"spec"`
	Status *struct {
		Replicas int32 `json:"replicas"`
	} `json:"status"`
}

// running returns how many Pods there are, and nil of a manifest that no API server has answered with.
func (m *manifest) running() *int32 {
	if m.Status == nil {
		return nil
	}
	return &m.Status.Replicas
}

type podSpec struct {
	Containers     []container                  `json:"containers"`
	InitContainers []container                  `json:"initContainers"`
	Overhead       corev1.ResourceList          `json:"overhead"`
	Resources      *corev1.ResourceRequirements `json:"resources"`
}

type container struct {
	RestartPolicy *corev1.ContainerRestartPolicy `json:"restartPolicy"`
	Resources     corev1.ResourceRequirements    `json:"resources"`
}

// pod returns the specification of a Pod with the same requests and limits.
func (s *podSpec) pod() *corev1.PodSpec {
	return &corev1.PodSpec{
		Containers: containers(s.Containers), InitContainers: containers(s.InitContainers),
		Overhead: s.Overhead, Resources: s.Resources,
	}
}

func containers(read []container) []corev1.Container {
	all := make([]corev1.Container, len(read))
	for i, c := range read {
		all[i].RestartPolicy, all[i].Resources = c.RestartPolicy, c.Resources
	}
	return all
}

// readWorkload notes what is known of the Pods of a workload.
func (r *reader) readWorkload(o manifests.Object) {
	namespace, name, err := named(o.Object, r.namespace)
	m := manifest{}
	if err == nil {
		err = runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &m)
	}
	switch {
	case err != nil:
		r.snapshot.note("%s:%d:1: this %s cannot be read: %v", o.File, o.Line, o.GetKind(), err)
	case m.Spec.Template.Spec == nil || len(m.Spec.Template.Spec.Containers) == 0:
		r.snapshot.note("%s:%d:1: this %s has no spec.template with containers; give what kustomize build or helm template prints",
			o.File, o.Line, o.GetKind())
	default:
		r.snapshot.Pods[Workload{namespace, o.GetKind(), name}] = podOf(m.Spec.Template.Spec.pod(), m.running())
	}
}

// readQuota adds a ResourceQuota.
func (r *reader) readQuota(o manifests.Object) {
	namespace, name, err := named(o.Object, r.namespace)
	quota := corev1.ResourceQuota{}
	if err == nil {
		err = runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &quota)
	}
	if err != nil {
		r.snapshot.note("%s:%d:1: this ResourceQuota cannot be read: %v", o.File, o.Line, err)
		return
	}
	quota.Namespace, quota.Name = namespace, name
	r.snapshot.Quotas = append(r.snapshot.Quotas, quota)
}
