package placeholders

import (
	"maps"
	"slices"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// variants returns placeholders that differ from hpa in one label and are selected by a different set of targets. Without
// them a selector that is widened or narrowed would seem to change nothing.
func variants(hpa autoscalingv2.HorizontalPodAutoscaler, target *schedules.Target, targets []schedules.Target) []autoscalingv2.HorizontalPodAutoscaler {
	var found []autoscalingv2.HorizontalPodAutoscaler
	seen := map[string]bool{selectedBy(&hpa, targets): true}
	values := mentioned(targets)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		for _, value := range append(slices.Sorted(maps.Keys(values[key])), anything, absent) {
			variant := *hpa.DeepCopy()
			variant.Labels = relabelled(hpa.Labels, key, value)
			subject := autoscaler.Subject(&variant)
			if by := selectedBy(&variant, targets); target.Selects(&subject) && !seen[by] {
				seen[by] = true
				variant.Name += " with " + labelText(key, value)
				found = append(found, variant)
			}
		}
	}
	return found
}

// absent is the value of a label that is not there.
const absent = ""

// mentioned returns the values that selectors name, by key.
func mentioned(targets []schedules.Target) map[string]map[string]bool {
	values := make(map[string]map[string]bool)
	for _, target := range targets {
		if target.Selector == nil {
			continue
		}
		requirements, _ := target.Selector.Requirements()
		for _, r := range requirements {
			if values[r.Key()] == nil {
				values[r.Key()] = make(map[string]bool)
			}
			for _, value := range r.ValuesUnsorted() {
				values[r.Key()][value] = true
			}
		}
	}
	return values
}

func relabelled(all labels.Set, key, value string) labels.Set {
	changed := maps.Clone(all)
	if changed == nil {
		changed = make(labels.Set)
	}
	if changed[key] = value; value == absent {
		delete(changed, key)
	}
	return changed
}

func labelText(key, value string) string {
	if value == absent {
		return "no " + key
	}
	return key + "=" + value
}

// selectedBy returns which of the targets select an HPA, as a string with a character for each.
func selectedBy(hpa *autoscalingv2.HorizontalPodAutoscaler, targets []schedules.Target) string {
	subject := autoscaler.Subject(hpa)
	by := make([]byte, len(targets))
	for i := range targets {
		by[i] = '-'
		if targets[i].Selects(&subject) {
			by[i] = '+'
		}
	}
	return string(by)
}
