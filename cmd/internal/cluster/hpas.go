package cluster

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

func (r *reader) readAutoscaler(o manifests.Object) {
	if spec, _ := o.Object["spec"].(map[string]any); spec["scaleTargetRef"] == nil || o.Object["$patch"] != nil {
		r.abridged = append(r.abridged, o)
	} else {
		r.add(o)
	}
}

// readAbridged passes over patches: HPAs without a target, unless they have both numbers and neither a kustomization nor
// an HPA of the same name is there that they could be for.
func (r *reader) readAbridged() {
	kustomized := slices.ContainsFunc(r.snapshot.Problems, func(p source.Problem) bool {
		return kustomization(p.File)
	})
	named := map[string]bool{}
	for key := range r.places {
		named[key.Name] = true
	}
	for _, o := range r.abridged {
		spec, _ := o.Object["spec"].(map[string]any)
		if spec["minReplicas"] == nil || spec["maxReplicas"] == nil || o.Object["$patch"] != nil || kustomized || named[o.GetName()] {
			r.pass(o, source.SeverityNote, manifests.RulePatch, "an HPA without spec.scaleTargetRef is a patch")
		} else {
			r.add(o)
		}
	}
}

func (r *reader) pass(o manifests.Object, severity source.Severity, rule, message string) {
	r.snapshot.Problems = append(r.snapshot.Problems, at(o).Problem(severity, rule, message))
}

func at(o manifests.Object) source.Place {
	return source.Place{File: o.File, Line: o.Line, Column: min(o.Line, 1)}
}

func (r *reader) add(o manifests.Object) {
	if remedy := unfilled(o); remedy != "" {
		r.pass(o, source.SeverityWarning, manifests.RuleTemplate, "this HPA is not read, as it holds "+remedy)
	} else if err := r.readHPA(o); err != nil {
		r.problems = append(r.problems, at(o).Problem(source.SeverityError, RuleHPA, err.Error()))
	}
}

// unfilled returns what is still to be done with a manifest that kubectl would not apply, and "" where it would.
func unfilled(o manifests.Object) string {
	metadata, _ := o.Object["metadata"].(map[string]any)
	spec, _ := o.Object["spec"].(map[string]any)
	written := fmt.Sprint(metadata["name"], metadata["namespace"], metadata["labels"], spec["minReplicas"], spec["maxReplicas"])
	for _, mark := range [][2]string{
		{"{{", "a template that is not rendered; give what helm template prints"},
		{"${", "a placeholder that is not replaced; give what kubectl would apply"},
		{"ENC[", "a value that is encrypted; give what sops --decrypt prints"},
	} {
		if strings.Contains(written, mark[0]) {
			return mark[1]
		}
	}
	return ""
}

// readHPA adds an HPA. Of those that have one name the last counts, as for kubectl apply.
func (r *reader) readHPA(o manifests.Object) error {
	hpa, err := hpaOf(o.Object, r.namespace)
	if err != nil {
		return err
	}
	key := types.NamespacedName{Namespace: hpa.Namespace, Name: hpa.Name}
	first, given := r.places[key]
	r.snapshot.Places[key] = at(o)
	if o.GetNamespace() == "" && !given {
		r.snapshot.Unnamespaced = append(r.snapshot.Unnamespaced, key)
	}
	if !given {
		r.places[key] = place{len(r.snapshot.HPAs), o}
		r.snapshot.HPAs = append(r.snapshot.HPAs, *hpa)
		return nil
	}
	r.places[key] = place{first.index, o}
	if !reflect.DeepEqual(first.object.Object, o.Object) {
		r.snapshot.HPAs[first.index] = *hpa
		r.pass(o, source.SeverityWarning, RuleDuplicate, fmt.Sprintf(
			"the HPA %s is given twice, first at %s:%d, and this one counts, as for kubectl apply; leave one out, or write "+
				"metadata.namespace if they belong to different namespaces", key, first.object.File, first.object.Line))
	}
	return nil
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
