package history

import (
	"encoding/json"
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// at returns what an object holds at a path, and nil where it holds nothing.
func at(object map[string]any, path ...string) any {
	var value any = object
	for _, key := range path {
		fields, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = fields[key]
	}
	return value
}

func text(object map[string]any, path ...string) string {
	s, _ := at(object, path...).(string)
	return s
}

func fields(object map[string]any, path ...string) map[string]any {
	m, _ := at(object, path...).(map[string]any)
	return m
}

// v1Prefix is that of the annotations in which autoscaling/v1 carries what it has no fields for.
const v1Prefix = "autoscaling.alpha.kubernetes.io/"

// fromV1 returns an object of autoscaling/v1 in autoscaling/v2, with spec.behavior and status as they were before and
// spec.metrics as far as their types.
func fromV1(v1, before map[string]any) map[string]any {
	v2 := runtime.DeepCopyJSON(v1)
	v2["apiVersion"] = "autoscaling/v2"
	spec := fields(v2, "spec")
	metrics := metricTypes(text(v1, "metadata", "annotations", v1Prefix+"metrics"))
	if _, ok := spec["targetCPUUtilizationPercentage"]; ok {
		metrics = append(metrics, map[string]any{"type": "Resource"})
	}
	delete(spec, "targetCPUUtilizationPercentage")
	delete(v2, "status")
	if status, ok := before["status"]; ok {
		v2["status"] = status
	}
	if behavior := at(before, "spec", "behavior"); behavior != nil {
		spec["behavior"] = behavior
	}
	spec["metrics"] = metrics
	if annotations := fields(v2, "metadata", "annotations"); annotations != nil {
		maps.DeleteFunc(annotations, func(key string, _ any) bool { return strings.HasPrefix(key, v1Prefix) })
	}
	return v2
}

func metricTypes(annotation string) []any {
	var list []struct{ Type string }
	if json.Unmarshal([]byte(annotation), &list) != nil {
		return nil
	}
	var types []any
	for _, metric := range list {
		types = append(types, map[string]any{"type": metric.Type})
	}
	return types
}

// ownKeys are the annotations that floorkeeper may write.
func ownKeys() []string {
	return []string{
		autoscaler.AnnotationBaseline, autoscaler.AnnotationFloor, autoscaler.AnnotationBecause,
		autoscaler.AnnotationSince, autoscaler.AnnotationUntil, autoscaler.AnnotationManagedBy,
	}
}

// expects returns the version that the request gives as its precondition, and "" if it gives none.
func (w *Write) expects() string { return text(w.said, "metadata", "resourceVersion") }

// stated returns the minReplicas that the request asks for, and false where it does not mention it. In a whole object,
// and by null, saying nothing means 1: that is what the API server puts there.
func (w *Write) stated() (minReplicas int32, ok bool) {
	if w.Subresource != "" {
		return 0, false
	}
	for _, step := range w.steps {
		if op, _ := step.(map[string]any); text(op, "path") == "/spec/minReplicas" && text(op, "op") != "test" {
			minReplicas, ok = replicas(op["value"]), true
		}
	}
	if ok || w.steps != nil {
		return minReplicas, ok
	}
	value, given := fields(w.said, "spec")["minReplicas"]
	if !given && w.Verb != "create" && w.Verb != "update" {
		return 0, false
	}
	return replicas(value), true
}

func replicas(value any) int32 {
	if n, ok := value.(float64); ok {
		return int32(n)
	}
	return 1
}
