package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
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
			rule := RuleHPA
			if known := (*source.Refusal)(nil); errors.As(err, &known) {
				rule = known.Rule
			}
			r.problems = append(r.problems, source.Problem{
				Place: source.Place{File: o.File, Line: o.Line, Column: min(o.Line, 1)}, Message: err.Error(), Rule: rule,
			})
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

// Where an API server puts what autoscaling/v1 has no field for.
const (
	metricsAnnotation  = "autoscaling.alpha.kubernetes.io/metrics"
	behaviorAnnotation = "autoscaling.alpha.kubernetes.io/behavior"
)

// versions of autoscaling that are read. Their specs have the same fields as that of v2, as far as those are read here:
// of the metrics the types, which decide whether minReplicas may be 0.
func versions() []string {
	return []string{"autoscaling/v2", "autoscaling/v2beta2", "autoscaling/v2beta1", "autoscaling/v1"}
}

func hpaOf(object map[string]any, namespace string) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	version, _ := object["apiVersion"].(string)
	if !slices.Contains(versions(), version) {
		return nil, fmt.Errorf("apiVersion %.40q is not known; write one of %s", version, strings.Join(versions(), ", "))
	}
	namespace, name, err := named(object, namespace)
	if err != nil {
		return nil, err
	}
	minReplicas, err := checkSpec(object["spec"])
	if err != nil {
		return nil, fmt.Errorf("the HPA %s/%s: %w", namespace, name, err)
	}
	hpa := &autoscalingv2.HorizontalPodAutoscaler{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object, hpa); err != nil {
		return nil, fmt.Errorf("the HPA %s/%s cannot be read: %w; see kubectl explain hpa", namespace, name, err)
	}
	hpa.Namespace, hpa.Name, hpa.Spec.MinReplicas = namespace, name, &minReplicas
	if version == "autoscaling/v1" {
		fromAnnotations(hpa)
	}
	if minReplicas == 0 && !autoscaler.Observe(hpa).ZeroLegal {
		return nil, fmt.Errorf("the HPA %s/%s: spec.minReplicas 0 needs an Object or External metric; write 1 or more", namespace, name)
	}
	return hpa, nil
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

func checkSpec(given any) (minReplicas int32, err error) {
	const patch = "; if this is a patch or a values file, give what kustomize build or helm template prints"
	spec, ok := given.(map[string]any)
	if !ok {
		return 0, fmt.Errorf("spec is missing%s", patch)
	}
	if spec["maxReplicas"] == nil {
		return 0, fmt.Errorf("spec.maxReplicas is missing%s", patch)
	}
	most, err := replicas(spec, "maxReplicas", 1)
	if err != nil {
		return 0, err
	}
	minReplicas = 1
	if spec["minReplicas"] != nil {
		if minReplicas, err = replicas(spec, "minReplicas", 0); err != nil {
			return 0, err
		}
	}
	if minReplicas > most {
		return 0, fmt.Errorf("spec.minReplicas %d is above spec.maxReplicas %d; lower the one or raise the other", minReplicas, most)
	}
	return minReplicas, nil
}

func replicas(spec map[string]any, field string, least int64) (int32, error) {
	n, ok := spec[field].(int64)
	if f, float := spec[field].(float64); float && f == math.Trunc(f) && math.Abs(f) < 1<<53 { // 1e2 in JSON
		n, ok = int64(f), true
	}
	if !ok || n < least || n > math.MaxInt32 {
		return 0, fmt.Errorf("spec.%s is a whole number from %d to %d, not %.40q", field, least, math.MaxInt32, fmt.Sprint(spec[field]))
	}
	return int32(n), nil
}

// fromAnnotations adds metrics, whose types alone are kept, and behavior to an HPA that was given as
// autoscaling/v1. What cannot be read is left out, as by an API server.
func fromAnnotations(hpa *autoscalingv2.HorizontalPodAutoscaler) {
	var metrics []struct {
		Type autoscalingv2.MetricSourceType
	}
	if json.Unmarshal([]byte(hpa.Annotations[metricsAnnotation]), &metrics) == nil {
		for _, m := range metrics {
			hpa.Spec.Metrics = append(hpa.Spec.Metrics, autoscalingv2.MetricSpec{Type: m.Type})
		}
	}
	behavior := &autoscalingv2.HorizontalPodAutoscalerBehavior{}
	if json.Unmarshal([]byte(hpa.Annotations[behaviorAnnotation]), behavior) == nil {
		hpa.Spec.Behavior = behavior
	}
}
