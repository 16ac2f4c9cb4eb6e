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

// abandoned warns of entries that are open now and that the edit takes away, or ends in the past: the floors that depend on
// them fall at once, without rampDown.
func (o *options) abandoned(before, after *schedules.Schedule, hpas []autoscalingv2.HorizontalPodAutoscaler, now time.Time) []string {
	falls := make(map[string]string)
	counts := make(map[string]int)
	for i := range hpas {
		was, becomes := o.Scope().Judge(before, &hpas[i], now), o.Scope().Judge(after, &hpas[i], now)
		entry := was.Applies.Because
		if becomes.Desired.MinReplicas >= was.Desired.MinReplicas || becomes.Applies.Because == entry && becomes.Applies.Ramp != schedules.Steady {
			continue
		}
		if counts[entry]++; counts[entry] == 1 {
			falls[entry] = fmt.Sprintf("%s/%s from %d to %d", hpas[i].Namespace, hpas[i].Name, was.Desired.MinReplicas, becomes.Desired.MinReplicas)
		}
	}
	var warnings []string
	for _, entry := range slices.Sorted(maps.Keys(falls)) {
		others := ""
		if counts[entry] > 1 {
			others = fmt.Sprintf(" and %d more", counts[entry]-1)
		}
		warnings = append(warnings, fmt.Sprintf("%s is open now: with this edit minReplicas falls at once, %s%s; "+
			"to stop early and softly, keep the entry, with an end that lies ahead and a rampDown", before.Title(entry), falls[entry], others))
	}
	return warnings
}

// newFindings returns what is found of the later schedule and not of the earlier one, the same of many HPAs once. What is
// found of an entry that another one takes after is not new. Only where the HPAs are known are there findings about these.
func newFindings(before, after *forecast.Forecast, report *Report) []string {
	names := make(map[string]string)
	for _, entry := range report.Entries {
		names[entry.Name] = cmp.Or(entry.Like, entry.Name)
	}
	had := make(map[string]bool)
	for _, finding := range warningsOf(before, report) {
		had[findingText(before, finding)] = true
	}
	found := slices.DeleteFunc(warningsOf(after, report), func(finding forecast.Finding) bool {
		finding.Entry = cmp.Or(names[finding.Entry], finding.Entry)
		return had[findingText(before, finding)]
	})
	var texts []string
	for _, group := range cli.Grouped(found) {
		if group[0].HPA != nil {
			texts = append(texts, findingText(after, group...))
			continue
		}
		for _, finding := range group {
			texts = append(texts, findingText(after, finding))
		}
	}
	return texts
}

// warningsOf returns what is found, outside of the report's own range of the entries alone that it looks at there. What is
// over is no warning: the report marks it so.
func warningsOf(f *forecast.Forecast, report *Report) []forecast.Finding {
	findings := forecast.ScheduleFindings(f.Schedule, report.Now, f.From, f.To)
	if !report.Assumed {
		findings = append(findings, f.Problems()...)
	}
	return slices.DeleteFunc(findings, func(finding forecast.Finding) bool {
		return !finding.Warning() || !f.From.Equal(report.From) && !report.Differs(f.Schedule.Title(finding.Entry))
	})
}

func findingText(f *forecast.Forecast, findings ...forecast.Finding) string {
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
