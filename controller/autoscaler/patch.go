package autoscaler

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// Patch returns the JSON merge patch that brings an HPA of this resource version to the state: spec.minReplicas and our
// annotations in one write, so that no intermediate state ever exists. The resource version makes it fail with a
// conflict if anything was written in between.
func (s State) Patch(resourceVersion string) ([]byte, error) {
	return json.Marshal(map[string]any{
		"metadata": map[string]any{"resourceVersion": resourceVersion, "annotations": s.annotations()},
		"spec":     map[string]any{"minReplicas": s.MinReplicas},
	})
}

// annotations returns our keys with their values, nil for those to be removed.
func (s State) annotations() map[string]any {
	annotations := map[string]any{AnnotationManagedBy: nil}
	for _, key := range ownAnnotations() {
		annotations[key] = nil
	}
	if s.Condition == Held {
		annotations[AnnotationBaseline] = strconv.Itoa(int(s.Mark.Baseline))
		annotations[AnnotationFloor] = strconv.Itoa(int(s.Mark.Floor))
		annotations[AnnotationBecause] = s.Mark.Because
		annotations[AnnotationSince] = s.Mark.Since
		annotations[AnnotationUntil] = s.Mark.Until
		if s.Mark.ManagedBy != "" {
			annotations[AnnotationManagedBy] = s.Mark.ManagedBy
		}
	}
	return annotations
}

// OwnEntry returns the index of our entry in the HPA's managedFields, and false if we own no field. While an entry is there,
// a server-side apply without force that brings another minReplicas fails with a conflict. So it is removed: by the policy
// floor-hand-back in the write that leaves it, else by a second patch after each change.
func OwnEntry(hpa *autoscalingv2.HorizontalPodAutoscaler) (index int, owned bool) {
	index = slices.IndexFunc(hpa.ManagedFields, func(entry metav1.ManagedFieldsEntry) bool {
		return entry.Manager == FieldManager && entry.Subresource == ""
	})
	return index, index >= 0
}

// HandBackPatch returns the JSON patch that removes our entry, at an index of managedFields, and fails if another entry
// is at that index by now.
func HandBackPatch(index int) ([]byte, error) {
	entry := "/metadata/managedFields/" + strconv.Itoa(index)
	return json.Marshal([]map[string]any{
		{"op": "test", "path": entry + "/manager", "value": FieldManager},
		{"op": "remove", "path": entry},
	})
}

// unknownManager represents a field manager that the API server does not name.
const unknownManager = "unknown"

// MinReplicasManager returns the field manager that wrote spec.minReplicas last, and "unknown" where the API server does
// not name it. It may be our own name: that of another process, or of a person with the command release.
func MinReplicasManager(hpa *autoscalingv2.HorizontalPodAutoscaler) string {
	return managerOf(hpa, "spec", "minReplicas")
}

// markManager returns the field manager that wrote our annotations, if it is not ours, and "" where the API server names
// none, as it does once our ownership is handed back.
func markManager(hpa *autoscalingv2.HorizontalPodAutoscaler) string {
	switch manager := managerOf(hpa, "metadata", "annotations", AnnotationFloor); manager {
	case FieldManager, unknownManager:
		return ""
	default:
		return manager
	}
}

// managerOf returns the field manager that wrote a field last, and "unknown" where the API server does not name it.
func managerOf(hpa *autoscalingv2.HorizontalPodAutoscaler, field ...any) string {
	return cmp.Or(lastWrite(hpa, field...).Manager, unknownManager)
}

// lastWrite returns the entry of managedFields that wrote a field last; the zero entry if none did.
func lastWrite(hpa *autoscalingv2.HorizontalPodAutoscaler, field ...any) (last metav1.ManagedFieldsEntry) {
	path := fieldpath.MakePathOrDie(field...)
	var latest metav1.Time
	for _, entry := range hpa.ManagedFields {
		if owns(entry, path) && (entry.Time == nil || !entry.Time.Before(&latest)) {
			last = entry
			if entry.Time != nil {
				latest = *entry.Time
			}
		}
	}
	return last
}

// owns reports whether an entry owns a field. Few entries do, and are read.
func owns(entry metav1.ManagedFieldsEntry, path fieldpath.Path) bool {
	var fields fieldpath.Set
	name := []byte(*path[len(path)-1].FieldName)
	return bytes.Contains(entry.FieldsV1.GetRawBytes(), name) && fields.FromJSON(entry.FieldsV1.GetRawReader()) == nil && fields.Has(path)
}

// ownsMinReplicas reports whether nobody has changed spec.minReplicas since a patch of ours did.
func ownsMinReplicas(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	index, owned := OwnEntry(hpa)
	return owned && owns(hpa.ManagedFields[index], fieldpath.MakePathOrDie("spec", "minReplicas"))
}

// nobodyOwnsMinReplicas reports whether no field manager wrote the minReplicas that is stored: whoever writes it in a request
// owns it, and only what a webhook or policy made of the request, or a release of ours gave back, has no owner. Our own ownership
// is handed back, perhaps in the same write. An HPA without managedFields names nobody.
func nobodyOwnsMinReplicas(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	return len(hpa.ManagedFields) > 0 && MinReplicasManager(hpa) == unknownManager
}

// Leftovers reports whether there is anything of ours on the HPA: annotations, or ownership that was not handed back.
func Leftovers(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	_, owned := OwnEntry(hpa)
	return owned || Observe(hpa).Condition != Free
}
