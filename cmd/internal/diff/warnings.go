package diff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// suddenFalls warns of entries that are open now and that the edit removes, or ends in the past: the floors that depend on
// them fall at once, without rampDown.
func suddenFalls(scope autoscaler.Scope, before, after *schedules.Schedule, hpas []autoscalingv2.HorizontalPodAutoscaler, now time.Time) []string {
	falls := make(map[string][]string)
	for i := range hpas {
		was, becomes := scope.Judge(before, &hpas[i], now), scope.Judge(after, &hpas[i], now)
		entry := was.Applies.Because
		ramps := becomes.Applies.Because == entry && becomes.Applies.Ramp != schedules.Steady
		if becomes.Desired.MinReplicas < was.Desired.MinReplicas && !ramps {
			falls[entry] = append(falls[entry], fmt.Sprintf("%s/%s from %d to %d",
				hpas[i].Namespace, hpas[i].Name, was.Desired.MinReplicas, becomes.Desired.MinReplicas))
		}
	}
	var warnings []string
	for _, entry := range slices.Sorted(maps.Keys(falls)) {
		fall := falls[entry][0]
		if more := len(falls[entry]) - 1; more > 0 {
			fall += fmt.Sprintf(" and %d more", more)
		}
		warnings = append(warnings, before.Title(entry)+" is open now: with this edit minReplicas falls at once, "+fall+
			"; to stop early and softly, keep the entry, with an end that lies ahead and a rampDown")
	}
	return warnings
}

// newFindings returns what is found of the later schedule and not of the earlier one, folded. What is found of a removed
// entry is not new of an added one that resembles it.
func newFindings(before, after *forecast.Forecast, report *Report) []string {
	const few = 3
	names := make(map[string]string)
	for _, entry := range report.Entries {
		names[entry.Name] = cmp.Or(entry.Like, entry.Name)
	}
	known := make(map[forecast.Finding]bool)
	visitWarnings(before, report, func(finding forecast.Finding) { known[identity(finding)] = true })
	found := forecast.Fold(after.Schedule)
	visitWarnings(after, report, func(finding forecast.Finding) {
		same := identity(finding)
		same.Entry = cmp.Or(names[same.Entry], same.Entry)
		if !known[same] {
			found.Add(finding)
		}
	})
	var sentences []string
	for _, group := range found.Groups(forecast.ForPeople) {
		sentences = append(sentences, fmt.Sprintf("%s [%s]", found.Sentence(group, after.From, forecast.Style{Few: few}), group.Rule))
	}
	return sentences
}

// identity returns of a finding what does not depend on the time.
func identity(finding forecast.Finding) forecast.Finding {
	if finding.HPA != nil { // both forecasts have copies
		finding.Message = finding.HPA.Namespace + "/" + finding.HPA.Name + " " + finding.Message
	}
	finding.HPA, finding.From, finding.Times = nil, time.Time{}, 0
	return finding
}

// visitWarnings visits the warnings of a forecast: of its HPAs where they are known, and beyond the report's own range of events
// that differ.
func visitWarnings(f *forecast.Forecast, report *Report, visit func(forecast.Finding)) {
	events := report.events()
	f.Each(func(finding forecast.Finding) {
		if finding.Severity == forecast.Warning && (f.From.Equal(report.From) || events[f.Schedule.Title(finding.Entry)]) {
			visit(finding)
		}
	})
}
