// Package standins makes HorizontalPodAutoscalers up for a schedule that is looked at without a cluster and without
// manifests: one for each of its targets, so that all of floorkeeper's logic applies as it is.
//
// It may import schedules and the Kubernetes types.
package standins

import (
	"slices"

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

// For returns a stand-in for each target of the schedules' unsuspended entries, each once. One that some entries ask for
// a number of replicas and others for a ratio comes twice, once with each baseline. Of several schedules, which are to be
// compared, a target also has a stand-in for each set of labels that tells its selector from the others.
func For(all ...*schedules.Schedule) []autoscalingv2.HorizontalPodAutoscaler {
	var made []autoscalingv2.HorizontalPodAutoscaler
	seen := make(map[string]bool)
	add := func(hpa autoscalingv2.HorizontalPodAutoscaler) {
		if key := hpa.Namespace + "/" + hpa.Name; !seen[key] {
			seen[key] = true
			made = append(made, withBaselines(hpa, all)...)
		}
	}
	targets := targets(all)
	for i := range targets {
		hpa := standIn(targets[i])
		add(hpa)
		if len(all) > 1 && targets[i].Selector != nil {
			for _, variant := range variants(hpa, &targets[i], targets) {
				add(variant)
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
		hpa.Name = target.Selector.String()
	default:
		hpa.Name = anything
	}
	return hpa
}

// selected returns labels that a selector selects. A label that must not be there is left out.
func selected(selector labels.Selector) map[string]string {
	requirements, _ := selector.Requirements()
	set := make(map[string]string)
	for _, r := range requirements {
		switch values := r.ValuesUnsorted(); r.Operator() {
		case selection.In, selection.Equals, selection.DoubleEquals:
			slices.Sort(values)
			set[r.Key()] = values[0]
		case selection.Exists:
			if _, ok := set[r.Key()]; !ok {
				set[r.Key()] = anything
			}
		}
	}
	return set
}

// withBaselines returns the stand-in with the baselines under which what the schedules ask of it shows.
func withBaselines(hpa autoscalingv2.HorizontalPodAutoscaler, all []*schedules.Schedule) []autoscalingv2.HorizontalPodAutoscaler {
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
		return []autoscalingv2.HorizontalPodAutoscaler{based(absoluteBaseline), based(relativeBaseline)}
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
