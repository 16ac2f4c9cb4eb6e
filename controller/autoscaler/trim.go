package autoscaler

import (
	"maps"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// Trim takes what no verdict and no forecast reads out of an HPA, which is most of it, so that a cache of many needs little
// memory: the annotations of others, the values of metrics, and the fields of managedFields that are not asked for. Entries
// of managedFields keep their place. It changes the object, and returns it to serve as a transform of a cache.
func Trim(object any) (any, error) {
	hpa, ok := object.(*autoscalingv2.HorizontalPodAutoscaler)
	if !ok {
		return object, nil // a tombstone
	}
	maps.DeleteFunc(hpa.Annotations, func(key, _ string) bool { return !strings.HasPrefix(key, Prefix) })
	hpa.Status.CurrentMetrics = nil
	var metrics []autoscalingv2.MetricSpec
	if index := slices.IndexFunc(hpa.Spec.Metrics, allowsZero); index >= 0 {
		metrics = []autoscalingv2.MetricSpec{{Type: hpa.Spec.Metrics[index].Type}}
	}
	hpa.Spec.Metrics = metrics
	for i := range hpa.ManagedFields {
		entry := &hpa.ManagedFields[i]
		entry.FieldsV1 = trimFields(*entry)
	}
	return hpa, nil
}

// trimFields returns which of the fields that are asked for belong to an entry of managedFields.
func trimFields(entry metav1.ManagedFieldsEntry) *metav1.FieldsV1 {
	var kept fieldpath.Set
	for _, path := range []fieldpath.Path{
		fieldpath.MakePathOrDie("spec", "minReplicas"),
		fieldpath.MakePathOrDie("metadata", "annotations", AnnotationFloor), fieldpath.MakePathOrDie("metadata", "annotations", AnnotationBaseline),
	} {
		if owns(entry, path) {
			kept.Insert(path)
		}
	}
	if kept.Empty() {
		return nil
	}
	data, err := kept.ToJSON()
	if err != nil {
		return entry.FieldsV1
	}
	return metav1.NewFieldsV1(string(data))
}
