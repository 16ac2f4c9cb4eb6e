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

const nearest = 3

// near returns the targets that come closest to selecting an HPA, and what keeps each from it.
func near(schedule *schedules.Schedule, hpa schedules.HPA) []string {
	type candidate struct {
		distance int
		text     string
	}
	var all []candidate
	for _, name := range schedule.Names() {
		entry := schedule.Entry(name)
		for i := range entry.Targets {
			if away, why := missing(&entry.Targets[i], hpa); why != "" {
				all = append(all, candidate{away, fmt.Sprintf("%s, target %s: %s", schedule.Title(name), "("+entry.Targets[i].String()+")", why)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var texts []string
	for _, c := range all[:min(len(all), nearest)] {
		texts = append(texts, c.text)
	}
	return texts
}

// missing describes what keeps a target from an HPA and how far it is away, and "" where that is too far.
func missing(target *schedules.Target, hpa schedules.HPA) (away int, why string) {
	var reasons []string
	for _, criterion := range []struct{ what, wanted, is string }{
		{"namespace", target.Namespace, hpa.Namespace}, {"name", target.Name, hpa.Name},
	} {
		if criterion.wanted != "" && criterion.wanted != criterion.is {
			away += text.Distance(criterion.wanted, criterion.is)
			reasons = append(reasons, fmt.Sprintf("the %s is %s and not %s", criterion.what, criterion.is, criterion.wanted))
		}
	}
	if len(reasons) > 1 || away > max(3, (len(target.Name)+len(target.Namespace))/2) {
		return 0, ""
	}
	if target.Selector != nil && !target.Selector.Matches(labels.Set(hpa.Labels)) {
		lacks := unmet(target.Selector, hpa.Labels)
		away += 2 * len(lacks)
		reasons = append(reasons, "its labels do not meet "+strings.Join(lacks, " and "))
	}
	return away, strings.Join(reasons, ", and ")
}

func unmet(selector labels.Selector, set map[string]string) []string {
	requirements, _ := selector.Requirements()
	var all []string
	for _, requirement := range requirements {
		if !requirement.Matches(labels.Set(set)) {
			all = append(all, requirement.String())
		}
	}
	return all
}
