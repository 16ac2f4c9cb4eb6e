package diff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// suddenFalls warns of entries that are open now and that the edit removes, or ends in the past: the floors that depend on
// them fall at once, without rampDown.
func (o *options) suddenFalls(before, after *schedules.Schedule, hpas []autoscalingv2.HorizontalPodAutoscaler, now time.Time) []string {
	falls := make(map[string][]string)
	for i := range hpas {
		was, becomes := o.Scope().Judge(before, &hpas[i], now), o.Scope().Judge(after, &hpas[i], now)
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

// newFindings returns what is found of the later schedule and not of the earlier one, the same of many HPAs once. What is
// found of a removed entry is not new of an added one that resembles it.
func newFindings(before, after *forecast.Forecast, report *Report) []string {
	names := make(map[string]string)
	for _, entry := range report.Entries {
		names[entry.Name] = cmp.Or(entry.Like, entry.Name)
	}
	known := make(map[string]bool)
	for _, finding := range findings(before, report) {
		known[sentence(before, finding)] = true
	}
	found := slices.DeleteFunc(findings(after, report), func(finding forecast.Finding) bool {
		finding.Entry = cmp.Or(names[finding.Entry], finding.Entry)
		return known[sentence(before, finding)]
	})
	var sentences []string
	for _, group := range cli.Grouped(found) {
		if group[0].HPA != nil {
			sentences = append(sentences, sentence(after, group...))
			continue
		}
		for _, finding := range group {
			sentences = append(sentences, sentence(after, finding))
		}
	}
	return sentences
}

// findings returns the warnings of a forecast: of its HPAs where they are known, and beyond the report's own range of events
// that differ. What is over is no warning, as the report marks it so.
func findings(f *forecast.Forecast, report *Report) []forecast.Finding {
	all := forecast.ScheduleFindings(f.Schedule, report.Now, f.From, f.To)
	if !report.Assumed {
		all = append(all, f.Problems()...)
	}
	return slices.DeleteFunc(all, func(finding forecast.Finding) bool {
		return !finding.Warning() || !f.From.Equal(report.From) && !report.hasEvent(f.Schedule.Title(finding.Entry))
	})
}

func sentence(f *forecast.Forecast, findings ...forecast.Finding) string {
	group := forecast.Group(findings)
	subject, names := f.Schedule.Title(group[0].Entry), group.Names()
	if len(names) > 0 {
		subject += ", " + names[0]
	}
	return group.Sentence(subject, names, func(texts []string, _ string) string {
		if group[0].HPA == nil {
			return texts[0]
		}
		return fmt.Sprintf("%d more HorizontalPodAutoscalers", len(texts))
	})
}
