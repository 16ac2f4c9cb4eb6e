package cluster

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

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

// checkSpec returns minReplicas.
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
