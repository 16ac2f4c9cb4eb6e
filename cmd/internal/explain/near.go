package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// nearTargets returns the targets that come closest to selecting an HPA, and what keeps each from it.
func nearTargets(schedule *schedules.Schedule, hpa schedules.HPA) []string {
	type candidate struct {
		distance int
		text     string
	}
	var all []candidate
	for _, name := range schedule.Names() {
		for _, target := range schedule.Entry(name).Targets {
			if distance, obstacle := obstacle(&target, hpa); obstacle != "" {
				all = append(all, candidate{distance, fmt.Sprintf("%s, target (%s): %s", schedule.Title(name), target.String(), obstacle)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	texts := []string{}
	for _, c := range all[:min(len(all), 3)] {
		texts = append(texts, c.text)
	}
	return texts
}

// obstacle returns what keeps a target from an HPA and how far it is away, and "" where that is too far.
func obstacle(target *schedules.Target, hpa schedules.HPA) (distance int, obstacle string) {
	var reasons []string
	for _, criterion := range []struct{ what, wanted, is string }{
		{"namespace", target.Namespace, hpa.Namespace}, {"name", target.Name, hpa.Name},
	} {
		if criterion.wanted != "" && criterion.wanted != criterion.is {
			distance += text.Distance(criterion.wanted, criterion.is)
			reasons = append(reasons, fmt.Sprintf("the %s is %s and not %s", criterion.what, criterion.is, criterion.wanted))
		}
	}
	if len(reasons) > 1 || distance > max(3, (len(target.Name)+len(target.Namespace))/2) {
		return 0, ""
	}
	if unmet := unmet(target.Selector, hpa.Labels); len(unmet) > 0 {
		distance += 2 * len(unmet)
		reasons = append(reasons, "its labels do not meet "+strings.Join(unmet, " and "))
	}
	return distance, strings.Join(reasons, ", and ")
}

// unmet returns the requirements of a selector that labels do not meet.
func unmet(selector labels.Selector, set labels.Set) []string {
	if selector == nil {
		return nil
	}
	var all []string
	requirements, _ := selector.Requirements()
	for _, requirement := range requirements {
		if !requirement.Matches(set) {
			all = append(all, requirement.String())
		}
	}
	return all
}
