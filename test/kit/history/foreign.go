package history

import (
	"fmt"
	"reflect"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// foreignChanges returns what a write of ours touched beyond our annotations, our own entry in managedFields and
// spec.minReplicas. After a gap of the log nobody knows: what somebody wrote when the API server ended may be missing there.
func (c *checker) foreignChanges(before, after *version) []string {
	if c.interrupted(before.Write, after.Write) {
		return nil
	}
	if after.Verb == "create" {
		return []string{"everything: it creates the HPA"}
	}
	coarse := before.coarse || after.coarse
	a, b := before.stored, after.stored
	touched := differing("", a, b, "apiVersion", "kind", "metadata", "spec")
	touched = append(touched, differing("metadata.", fields(a, "metadata"), fields(b, "metadata"),
		"annotations", "managedFields", "resourceVersion", "generation")...)
	touched = append(touched, differing("metadata.annotations.",
		fields(a, "metadata", "annotations"), fields(b, "metadata", "annotations"), ownKeys()...)...)
	touched = append(touched, differing("spec.", fields(a, "spec"), fields(b, "spec"), "minReplicas")...)
	if coarse {
		touched = slices.DeleteFunc(touched, func(path string) bool {
			return path == "status" || path == "spec.metrics" || path == "spec.behavior"
		})
	}
	return append(touched, ownersTouched(before, after)...)
}

// differing returns the keys whose values differ, but those excepted.
func differing(prefix string, a, b map[string]any, except ...string) []string {
	var keys []string
	for key, value := range a {
		if other, ok := b[key]; (!ok || !reflect.DeepEqual(value, other)) && !slices.Contains(except, key) {
			keys = append(keys, prefix+key)
		}
	}
	for key := range b {
		if _, ok := a[key]; !ok && !slices.Contains(except, key) {
			keys = append(keys, prefix+key)
		}
	}
	slices.Sort(keys)
	return keys
}

// ownersTouched returns the entries of others in managedFields that were touched. Whoever writes a field takes it away
// from its owner, so a change may cost others what we may write, and an entry may go with the last of its fields. A
// write that changes no field costs them nothing.
func ownersTouched(before, after *version) []string {
	if before.guessed || after.guessed {
		return nil
	}
	was, is := othersEntries(before), othersEntries(after)
	if _, tidied := is["ancient-changes/Update/"]; tidied {
		return nil // the API server keeps a limited number of entries, and merges the oldest
	}
	free := before.state != after.state
	var touched []string
	for key, entry := range is {
		if old, ok := was[key]; !ok || !costs(old, entry, free) {
			touched = append(touched, "metadata.managedFields of "+key)
		}
	}
	for key, entry := range was {
		if _, ok := is[key]; !ok && !costs(entry, metav1.ManagedFieldsEntry{}, free) {
			touched = append(touched, "metadata.managedFields of "+key)
		}
	}
	slices.Sort(touched)
	return touched
}

// othersEntries returns the entries that are not ours, by manager, operation and subresource.
func othersEntries(v *version) map[string]metav1.ManagedFieldsEntry {
	entries := map[string]metav1.ManagedFieldsEntry{}
	for _, entry := range v.HPA.ManagedFields {
		if entry.Manager != manager || entry.Subresource != "" {
			entries[fmt.Sprintf("%s/%s/%s%s", entry.Manager, entry.Operation, entry.Subresource, otherVersion(entry))] = entry
		}
	}
	return entries
}

func otherVersion(entry metav1.ManagedFieldsEntry) string {
	if entry.APIVersion == "autoscaling/v2" {
		return ""
	}
	return " of " + entry.APIVersion
}

// costs reports whether an entry lost nothing but what a change of ours takes, and gained nothing.
func costs(old, entry metav1.ManagedFieldsEntry, free bool) bool {
	if !free {
		return reflect.DeepEqual(old, entry)
	}
	had, has := fieldSet(old), fieldSet(entry)
	legal := has.Difference(had).Empty()
	had.Difference(has).Iterate(func(path fieldpath.Path) { legal = legal && slices.Contains(ownPaths(), path.String()) })
	return legal
}

func fieldSet(entry metav1.ManagedFieldsEntry) *fieldpath.Set {
	set := fieldpath.NewSet()
	if entry.FieldsV1 != nil && set.FromJSON(entry.FieldsV1.GetRawReader()) != nil {
		return fieldpath.NewSet(fieldpath.MakePathOrDie("unreadable"))
	}
	return set
}

// ownPaths are the fields that we may take, and what contains them.
func ownPaths() []string {
	paths := []string{".spec", ".spec.minReplicas", ".metadata.annotations"}
	for _, key := range ownKeys() {
		paths = append(paths, ".metadata.annotations."+key)
	}
	return paths
}
