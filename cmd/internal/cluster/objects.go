package cluster

import (
	"fmt"
	"path/filepath"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// The rules for manifests.
const (
	RuleHPA       = "bad-hpa"       // an HPA is one that an API server would store, as far as it is read
	RuleDuplicate = "duplicate-hpa" // an HPA is given once
	RuleNoHPA     = "no-hpa"        // there is at least one HPA
)

// HPA is the kind of an HPA.
const HPA = "HorizontalPodAutoscaler"

// FromObjects reads a snapshot from manifests. HPAs are of autoscaling/v2, of v1, or of v2beta1 and v2beta2, which are
// gone from clusters but not from Git. namespace is that of objects that give none; empty means default. Other
// kinds are passed over. passed is what was passed over already. The error is source.Problems. A workload or
// ResourceQuota that cannot be read is noted.
func FromObjects(objects []manifests.Object, passed source.Problems, namespace string) (*Snapshot, error) {
	if namespace == "" {
		namespace = corev1.NamespaceDefault
	}
	r := &reader{
		snapshot: &Snapshot{
			Pods: map[Workload]Pod{}, Problems: passed, Default: namespace, Places: map[types.NamespacedName]source.Place{},
			Stopped: map[Workload]bool{}, Canaries: map[types.NamespacedName]string{},
		},
		namespace: namespace,
		places:    map[types.NamespacedName]place{},
	}
	for _, o := range objects {
		r.read(o)
	}
	r.readAbridged()
	if len(r.problems) == 0 && len(r.snapshot.HPAs) == 0 {
		r.problems = r.noHPA(objects)
	}
	if len(r.problems) > 0 {
		return nil, manifests.Folded(r.problems)
	}
	r.snapshot.sort()
	r.snapshot.noteTargets(nil, "the manifests do not hold it; give it to --hpas too, or use --live")
	r.snapshot.noteQuotas()
	r.snapshot.Problems = manifests.Folded(r.snapshot.Problems)
	return r.snapshot, nil
}

func (r *reader) noHPA(objects []manifests.Object) source.Problems {
	passed := r.snapshot.Problems
	if problem, found := unrendered(passed); found {
		passed = slices.DeleteFunc(slices.Clone(passed), func(p source.Problem) bool { return p.Rule == manifests.RuleUnread })
		return append(passed.Raised(), problem)
	}
	file := "--hpas"
	switch {
	case len(objects) > 0:
		file = objects[0].File
	case len(passed) > 0:
		file = passed[0].File
	}
	return append(passed.Raised(), source.Place{File: file}.Problem(source.SeverityError, RuleNoHPA,
		"there is no HorizontalPodAutoscaler in these files; give what kubectl get hpa -A -o yaml, helm template or "+
			"kustomize build print"))
}

// unrendered returns what to do where a chart or a kustomization was given, which are files for Helm or kustomize.
func unrendered(passed source.Problems) (problem source.Problem, found bool) {
	for _, p := range passed {
		what, render := "chart", "helm template"
		if kustomization(p.File) {
			what, render = "kustomization", "kubectl kustomize"
		} else if filepath.Base(p.File) != "Chart.yaml" {
			continue
		}
		dir := filepath.Dir(p.File)
		return source.Place{File: dir}.Problem(source.SeverityError, RuleNoHPA, fmt.Sprintf(
			"there is no HorizontalPodAutoscaler in this %s until it is rendered; run %s %s | floorkeeper ... --hpas -", what, render, dir)), true
	}
	return source.Problem{}, false
}

func kustomization(file string) bool {
	return slices.Contains([]string{"kustomization.yaml", "kustomization.yml"}, filepath.Base(file))
}

type reader struct {
	snapshot  *Snapshot
	namespace string // of objects that give none
	places    map[types.NamespacedName]place
	abridged  []manifests.Object // HPAs without a target: patches, perhaps
	problems  source.Problems
}

// place is where an HPA is among those of the snapshot, and among the manifests.
type place struct {
	index  int
	object manifests.Object
}

func (r *reader) read(o manifests.Object) {
	kind := o.GroupVersionKind()
	switch {
	case kind.Group == "autoscaling" && kind.Kind == HPA:
		r.readAutoscaler(o)
	case kind.Group == "kustomize.config.k8s.io":
		r.pass(o, source.SeverityNote, manifests.RuleObject, "a kustomization is no object of a cluster")
	case kind.Group != "" && hasTemplate(kind.Group, kind.Kind):
		r.readWorkload(o)
	case kind.Group == "" && kind.Kind == "ResourceQuota":
		r.readQuota(o)
	case kind.Group == "flagger.app" && kind.Kind == "Canary":
		r.readCanary(o)
	}
}

// manifest is what is read of a workload. The rest may be wrong and does not matter.
type manifest struct {
	Spec struct {
		Replicas *int32 `json:"replicas"`
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
	workload := Workload{namespace, o.GetKind(), name}
	if err == nil && m.Spec.Replicas != nil && *m.Spec.Replicas == 0 {
		r.snapshot.Stopped[workload] = true
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
		r.snapshot.Pods[workload] = podOf(m.Spec.Template.Spec.pod(), running)
	}
}

// readCanary notes which HPA a Canary of Flagger names, unless the Canary gives the primary's minReplicas itself.
func (r *reader) readCanary(o manifests.Object) {
	namespace, name, err := named(o.Object, r.namespace)
	hpa, found, _ := unstructured.NestedString(o.Object, "spec", "autoscalerRef", "name")
	_, given, _ := unstructured.NestedFieldNoCopy(o.Object, "spec", "autoscalerRef", "primaryScalerReplicas", "minReplicas")
	if err == nil && found && !given {
		r.snapshot.Canaries[types.NamespacedName{Namespace: namespace, Name: hpa}] = name
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

func named(object map[string]any, namespace string) (string, string, error) {
	metadata, ok := object["metadata"].(map[string]any)
	if !ok {
		return "", "", fmt.Errorf("metadata is missing; write metadata with the name of the object")
	}
	name, _ := metadata["name"].(string)
	if given, ok := metadata["namespace"]; ok && given != nil && given != "" {
		namespace, _ = given.(string)
	}
	switch {
	case metadata["name"] == nil || metadata["name"] == "":
		return "", "", fmt.Errorf("metadata.name is missing; write the name that the object has in the cluster")
	case len(validation.IsDNS1123Subdomain(name)) > 0:
		return "", "", fmt.Errorf("metadata.name %.80q is not a name: lower-case letters, digits, - and . in quotes", fmt.Sprint(metadata["name"]))
	case len(validation.IsDNS1123Label(namespace)) > 0:
		return "", "", fmt.Errorf("metadata.namespace %.80q is not a name: lower-case letters, digits and - in quotes", fmt.Sprint(metadata["namespace"]))
	}
	for _, field := range []string{"labels", "annotations"} {
		if err := checkTexts(metadata[field], field); err != nil {
			return "", "", fmt.Errorf("%s/%s: %w", namespace, name, err)
		}
	}
	return namespace, name, nil
}

func checkTexts(given any, field string) error {
	texts, ok := given.(map[string]any)
	if given != nil && !ok {
		return fmt.Errorf("metadata.%s is not a mapping; write names and values", field)
	}
	for name, v := range texts {
		if _, ok := v.(string); !ok && v != nil {
			return fmt.Errorf("metadata.%s: the value of %.80q is not a text; put it in quotes", field, name)
		}
	}
	return nil
}
