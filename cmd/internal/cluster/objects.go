package cluster

import (
	"errors"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// The rules for manifests.
const (
	RuleHPA       = "bad-hpa"       // an HPA is one that an API server would store, as far as it is read
	RuleDuplicate = "duplicate-hpa" // an HPA is given once
	RuleNoHPA     = "no-hpa"        // there is at least one HPA
)

// FromObjects reads a snapshot from manifests. HPAs are of autoscaling/v2, of v1, or of v2beta1 and v2beta2, which are
// gone from clusters but not from Git. namespace is that of objects that give none; empty means default. Other
// kinds are passed over. The error is source.Problems. A workload or ResourceQuota that cannot be read is noted.
func FromObjects(objects []manifests.Object, namespace string) (*Snapshot, error) {
	if namespace == "" {
		namespace = corev1.NamespaceDefault
	}
	r := &reader{
		snapshot:  &Snapshot{Pods: map[Workload]Pod{}},
		namespace: namespace,
		places:    map[types.NamespacedName]manifests.Object{},
	}
	for _, o := range objects {
		r.read(o)
	}
	if len(r.problems) == 0 && len(r.snapshot.HPAs) == 0 {
		file := "--hpas"
		if len(objects) > 0 {
			file = objects[0].File
		}
		r.problems = source.Problems{source.Place{File: file}.Problem(source.SeverityError, RuleNoHPA,
			"there is no HorizontalPodAutoscaler in these files; give what kubectl get hpa -A -o yaml, helm template or "+
				"kustomize build print")}
	}
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	r.snapshot.sort()
	r.snapshot.noteTargets(nil, "the manifests do not hold it; give it to --hpas too, or use --live")
	r.snapshot.noteQuotas()
	return r.snapshot, nil
}

type reader struct {
	snapshot  *Snapshot
	namespace string // of objects that give none
	places    map[types.NamespacedName]manifests.Object
	problems  source.Problems
}

func (r *reader) read(o manifests.Object) {
	kind := o.GroupVersionKind()
	switch {
	case kind.Group == "autoscaling" && kind.Kind == "HorizontalPodAutoscaler":
		if err := r.readHPA(o); err != nil {
			r.refuse(o, err)
		}
	case kind.Group != "" && hasTemplate(kind.Group, kind.Kind):
		r.readWorkload(o)
	case kind.Group == "" && kind.Kind == "ResourceQuota":
		r.readQuota(o)
	}
}

func (r *reader) readHPA(o manifests.Object) error {
	hpa, err := hpaOf(o.Object, r.namespace)
	if err != nil {
		return err
	}
	key := types.NamespacedName{Namespace: hpa.Namespace, Name: hpa.Name}
	if first, ok := r.places[key]; ok {
		return source.Refuse(RuleDuplicate, "the HPA %s is given twice, first at %s:%d; leave one out, or write "+
			"metadata.namespace if they belong to different namespaces", key, first.File, first.Line)
	}
	r.places[key] = o
	r.snapshot.HPAs = append(r.snapshot.HPAs, *hpa)
	return nil
}

func (r *reader) refuse(o manifests.Object, err error) {
	rule := RuleHPA
	if known := (*source.Refusal)(nil); errors.As(err, &known) {
		rule = known.Rule
	}
	p := source.Problem{Place: source.Place{File: o.File, Line: o.Line, Column: min(o.Line, 1)}, Message: err.Error(), Rule: rule}
	r.problems = append(r.problems, p)
}

// manifest is what is read of a workload. The rest may be wrong and does not matter.
type manifest struct {
	Spec struct {
		Template struct {
			Spec *podSpec `json:"spec"`
		} `json:"template"`
	} `json:"spec"`
	Status *struct {
		Replicas int32 `json:"replicas"`
	} `json:"status"` // nil in a manifest that no API server has answered with
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
		var running *int32
		if m.Status != nil {
			running = &m.Status.Replicas
		}
		r.snapshot.Pods[Workload{namespace, o.GetKind(), name}] = podOf(m.Spec.Template.Spec.pod(), running)
	}
}

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
