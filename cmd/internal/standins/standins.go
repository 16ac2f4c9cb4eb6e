// Package standins makes HorizontalPodAutoscalers up for a schedule that is looked at without a cluster and without
// manifests: one for each of its targets, so that all of floorkeeper's logic applies as it is.
//
// It may import schedules and the Kubernetes types.
package standins

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// anything stands where a target leaves a namespace or a name open. No real one is called so.
const anything = "*"

// The baselines of stand-ins, as nobody knows the real ones: the smallest, above which every number of replicas shows, and
// one hundred where a floor is relative to it, so that it reads as a percentage.
const (
	absoluteBaseline = 1
	relativeBaseline = 100
)

// For returns a stand-in for each target of the schedules' unsuspended entries, each once; none for one that nothing can
// match. One that some entries ask for a number of replicas and others for a ratio comes twice, once with each baseline. Of
// several schedules, which are to be compared, a target also has a stand-in for each set of labels that tells its selector
// from the others.
func For(all ...*schedules.Schedule) []autoscalingv2.HorizontalPodAutoscaler {
	var made []autoscalingv2.HorizontalPodAutoscaler
	seen := make(map[string]bool)
	targets := targets(all)
	for i := range targets {
		hpa := standIn(targets[i])
		subject := subject(&hpa)
		if !targets[i].Selects(&subject) {
			continue
		}
		stand := []autoscalingv2.HorizontalPodAutoscaler{hpa}
		if len(all) > 1 && targets[i].Selector != nil {
			stand = append(stand, variants(hpa, &targets[i], targets)...)
		}
		for _, hpa := range stand {
			if key := hpa.Namespace + "/" + hpa.Name; !seen[key] {
				seen[key] = true
				made = append(made, withBaselines(hpa, targets[i].Name != "", all)...)
			}
		}
	}
	return made
}

// targets returns the targets of the schedules' unsuspended entries.
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

// standIn returns an HPA that the target selects and that is named after it.
func standIn(target schedules.Target) autoscalingv2.HorizontalPodAutoscaler {
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

// selected returns labels that a selector selects, if there are any: for each key the first value that is named and
// matches, else none, else any.
func selected(selector labels.Selector) labels.Set {
	requirements, _ := selector.Requirements()
	set := make(labels.Set)
	for key, values := range mentioned([]schedules.Target{{Selector: selector}}) {
		for _, value := range append(slices.Sorted(maps.Keys(values)), absent, anything) {
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

// withBaselines returns the stand-in with the baselines under which what the schedules ask of it shows. Where there are two
// and no target gives it its name, they are told apart by their names.
func withBaselines(hpa autoscalingv2.HorizontalPodAutoscaler, named bool, all []*schedules.Schedule) []autoscalingv2.HorizontalPodAutoscaler {
	based := func(baseline int32) autoscalingv2.HorizontalPodAutoscaler {
		hpa.Spec.MinReplicas = &baseline
		return hpa
	}
	absolute, relative := false, false
	for _, schedule := range all {
		some, others := asks(hpa, schedule)
		absolute, relative = absolute || some, relative || others
	}
	switch {
	case absolute && relative:
		smallest, hundred := based(absoluteBaseline), based(relativeBaseline)
		if !named {
			hundred.Name += fmt.Sprintf(" with baseline %d", relativeBaseline)
		}
		return []autoscalingv2.HorizontalPodAutoscaler{smallest, hundred}
	case relative:
		return []autoscalingv2.HorizontalPodAutoscaler{based(relativeBaseline)}
	default:
		return []autoscalingv2.HorizontalPodAutoscaler{based(absoluteBaseline)}
	}
}

// asks says how the entries that select the stand-in ask for its floor. A multiplier multiplies what windows ask for, and
// the baseline where there is none.
func asks(hpa autoscalingv2.HorizontalPodAutoscaler, schedule *schedules.Schedule) (absolute, relative bool) {
	subject := subject(&hpa)
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
