// Package placeholders makes up HorizontalPodAutoscalers for a schedule that is previewed without a cluster and without
// manifests: one for each of its targets, so that all of floorkeeper's logic applies as it is.
//
// It may import schedules, controller/autoscaler and the Kubernetes types.
package placeholders

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// anything replaces a namespace or a name that a target leaves open. No real one has this name.
const anything = "*"

// The baselines of placeholders, since the real ones are unknown: the smallest, so that every number of replicas is above
// it, and one hundred for relative floors, so that they read as percentages.
const (
	absoluteBaseline = 1
	relativeBaseline = 100
)

// For returns a placeholder for each target of the schedules' unsuspended entries, without duplicates, and none for a
// target that matches nothing. If some entries set a number of replicas and others a ratio, there are two, one with each
// baseline. With several schedules, which are to be compared, a target also has a placeholder for each set of labels that
// distinguishes its selector from the others.
func For(all ...*schedules.Schedule) []autoscalingv2.HorizontalPodAutoscaler {
	var made []autoscalingv2.HorizontalPodAutoscaler
	seen := make(map[string]bool)
	targets := targets(all)
	for i := range targets {
		hpa := placeholder(targets[i])
		subject := autoscaler.Subject(&hpa)
		if !targets[i].Selects(&subject) {
			continue
		}
		forTarget := []autoscalingv2.HorizontalPodAutoscaler{hpa}
		if len(all) > 1 && targets[i].Selector != nil {
			forTarget = append(forTarget, variants(hpa, &targets[i], targets)...)
		}
		for _, hpa := range forTarget {
			if key := hpa.Namespace + "/" + hpa.Name; !seen[key] {
				seen[key] = true
				made = append(made, withBaselines(hpa, targets[i].Name != "", all)...)
			}
		}
	}
	return made
}

func targets(all []*schedules.Schedule) []schedules.Target {
	var targets []schedules.Target
	for _, schedule := range all {
		for _, name := range schedule.Names() {
			if entry := schedule.Entry(name); !entry.Suspend {
				targets = append(targets, entry.Targets...)
			}
		}
	}
	return targets
}

func placeholder(target schedules.Target) autoscalingv2.HorizontalPodAutoscaler {
	hpa := autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: target.Namespace, Name: target.Name},
		Spec:       autoscalingv2.HorizontalPodAutoscalerSpec{MaxReplicas: schedules.MaxReplicas},
	}
	if hpa.Namespace == "" {
		hpa.Namespace = anything
	}
	if target.Selector != nil {
		hpa.Labels = selected(target.Selector)
	}
	switch {
	case hpa.Name != "":
	case target.Selector != nil:
		hpa.Name = selectorText(target.Selector)
	default:
		hpa.Name = anything
	}
	return hpa
}

// selectorText returns a selector as Kubernetes writes it, each requirement once.
func selectorText(selector labels.Selector) string {
	requirements, _ := selector.Requirements()
	var texts []string
	for _, r := range requirements {
		text := r.String()
		if values := r.ValuesUnsorted(); r.Operator() == selection.In && len(values) == 1 {
			text = r.Key() + "=" + values[0]
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, ",")
}

// selected returns labels that a selector matches, if there are any: for each key the first value that is named and
// matches, else no label, else any value.
func selected(selector labels.Selector) labels.Set {
	requirements, _ := selector.Requirements()
	set := make(labels.Set)
	for key, values := range mentioned([]schedules.Target{{Selector: selector}}) {
		for _, value := range append(sets.List(values), absent, anything) {
			tried := relabelled(nil, key, value)
			matches := func(r labels.Requirement) bool { return r.Key() != key || r.Matches(tried) }
			if !slices.ContainsFunc(requirements, func(r labels.Requirement) bool { return !matches(r) }) {
				maps.Copy(set, tried)
				break
			}
		}
	}
	return set
}

// withBaselines returns the placeholder once for each kind of amount that the schedules set for it. If there are two, the
// second has another name, unless a target gives the name.
func withBaselines(hpa autoscalingv2.HorizontalPodAutoscaler, named bool, all []*schedules.Schedule) []autoscalingv2.HorizontalPodAutoscaler {
	absolute, relative := false, false
	for _, schedule := range all {
		some, others := amountKinds(hpa, schedule)
		absolute, relative = absolute || some, relative || others
	}
	var made []autoscalingv2.HorizontalPodAutoscaler
	if absolute || !relative {
		hpa.Spec.MinReplicas = new(int32(absoluteBaseline))
		made = append(made, hpa)
	}
	if relative {
		if absolute && !named {
			hpa.Name += fmt.Sprintf(" with baseline %d", relativeBaseline)
		}
		hpa.Spec.MinReplicas = new(int32(relativeBaseline))
		made = append(made, hpa)
	}
	return made
}

// amountKinds reports how the entries that select the placeholder set its floor. A multiplier multiplies the amounts of
// windows, and the baseline where there are none.
func amountKinds(hpa autoscalingv2.HorizontalPodAutoscaler, schedule *schedules.Schedule) (absolute, relative bool) {
	subject := autoscaler.Subject(&hpa)
	covering := schedule.Covering(subject)
	for _, name := range covering {
		for _, target := range schedule.Entry(name).Targets {
			if target.Selects(&subject) {
				absolute = absolute || target.Amount.Replicas > 0
				relative = relative || target.Amount.Ratio > 0
			}
		}
	}
	return absolute, relative || !absolute && len(covering) > 0
}

// variants returns placeholders that differ from hpa in one label and are selected by a different set of targets. Without
// them a selector that is widened or narrowed would seem to change nothing.
func variants(hpa autoscalingv2.HorizontalPodAutoscaler, target *schedules.Target, targets []schedules.Target) []autoscalingv2.HorizontalPodAutoscaler {
	var found []autoscalingv2.HorizontalPodAutoscaler
	seen := map[string]bool{selectedBy(&hpa, targets): true}
	values := mentioned(targets)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		for _, value := range append(sets.List(values[key]), anything, absent) {
			variant := *hpa.DeepCopy()
			variant.Labels = relabelled(hpa.Labels, key, value)
			subject := autoscaler.Subject(&variant)
			by, label := selectedBy(&variant, targets), key+"="+value
			if value == absent {
				label = "no " + key
			}
			if target.Selects(&subject) && !seen[by] {
				seen[by] = true
				variant.Name += " with " + label
				found = append(found, variant)
			}
		}
	}
	return found
}

// absent is the value of a label that is not there.
const absent = ""

func mentioned(targets []schedules.Target) map[string]sets.Set[string] {
	values := make(map[string]sets.Set[string])
	for _, target := range targets {
		if target.Selector == nil {
			continue
		}
		requirements, _ := target.Selector.Requirements()
		for _, r := range requirements {
			values[r.Key()] = sets.New(r.ValuesUnsorted()...).Union(values[r.Key()])
		}
	}
	return values
}

func relabelled(all labels.Set, key, value string) labels.Set {
	changed := labels.Merge(all, labels.Set{key: value})
	if value == absent {
		delete(changed, key)
	}
	return changed
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
