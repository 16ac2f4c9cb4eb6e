package main

import (
	"fmt"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// diagnose returns what is worth knowing of a valid schedule: in the range of time of its forecast, and, where the HPAs
// are known, of these.
func diagnose(v *view) []diagnostic {
	from, to := v.forecast.From, v.forecast.To
	findings := controller.About(v.schedule, from)
	findings = append(findings, windowsOver(v)...)
	for _, change := range v.schedule.ClockChanges(from, to) {
		findings = append(findings, controller.Finding{
			Kind: controller.ClockChange, Entry: change.Entry, From: change.From, Message: change.String(),
		})
	}
	if v.snapshot == nil {
		findings = append(findings, overlapsOfTargets(v)...)
	} else {
		findings = append(findings, v.forecast.Problems()...)
		findings = append(findings, idleTargets(v)...)
		findings = append(findings, v.forecast.Overlaps()...)
	}
	var all []diagnostic
	for _, group := range grouped(findings) {
		all = append(all, v.diagnostic(group))
	}
	return all
}

// windowsOver returns the windows that never open again.
func windowsOver(v *view) []controller.Finding {
	var findings []controller.Finding
	windows := v.schedule.Windows()
	for i := range windows {
		if open, next := windows[i].Spans(v.forecast.From); len(open) == 0 && next.IsZero() {
			findings = append(findings, controller.Finding{
				Kind: controller.PastEvent, Entry: windows[i].Name, Message: "its last date is over, and it does nothing any more",
			})
		}
	}
	return findings
}

// idleTargets returns the targets that select no HPA, of entries that will be open and of which others do.
func idleTargets(v *view) []controller.Finding {
	var findings []controller.Finding
	for _, opening := range v.schedule.Openings(v.forecast.From, v.forecast.To) {
		var idle []string
		targets := v.schedule.Entry(opening.Name).Targets
		for i := range targets {
			if !slices.ContainsFunc(v.snapshot.HPAs, func(hpa autoscalingv2.HorizontalPodAutoscaler) bool {
				return targets[i].Selects(&schedules.HPA{Namespace: hpa.Namespace, Name: hpa.Name, Labels: hpa.Labels})
			}) {
				idle = append(idle, describeTarget(targets[i]))
			}
		}
		if len(idle) > 0 && len(idle) < len(targets) {
			findings = append(findings, controller.Finding{
				Kind: controller.MatchesNothing, Entry: opening.Name, From: opening.From,
				Message: "no HorizontalPodAutoscaler matches its target " + several(idle, ", nor ", 5),
			})
		}
	}
	return findings
}

// describeTarget names a target by what it selects.
func describeTarget(target schedules.Target) string {
	var parts []string
	for _, criterion := range []struct{ name, value string }{{"namespace", target.Namespace}, {"name", target.Name}} {
		if criterion.value != "" {
			parts = append(parts, criterion.name+" "+criterion.value)
		}
	}
	if target.Selector != nil {
		parts = append(parts, "selector "+target.Selector.String())
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// grouped puts findings of one kind about one entry together, so that hundreds of HPAs do not give hundreds of lines. The
// earliest comes first.
func grouped(findings []controller.Finding) [][]controller.Finding {
	var groups [][]controller.Finding
	index := make(map[string]int)
	slices.SortStableFunc(findings, func(a, b controller.Finding) int { return a.From.Compare(b.From) })
	for _, finding := range findings {
		key := string(finding.Kind) + " " + finding.Entry
		if finding.Kind == controller.Overlap {
			key += " " + finding.Message // each names another entry
		}
		at, known := index[key]
		if !known {
			at = len(groups)
			index[key], groups = at, append(groups, nil)
		}
		groups[at] = append(groups[at], finding)
	}
	return groups
}

// diagnostic returns the problem that a group of findings is told as.
func (v *view) diagnostic(group []controller.Finding) diagnostic {
	first := group[0]
	var hpas, changes []string
	for _, finding := range group {
		if finding.HPA != nil && v.snapshot != nil {
			hpas = append(hpas, finding.HPA.Namespace+"/"+finding.HPA.Name)
		}
		changes = append(changes, finding.Message)
	}
	subject := []string{v.schedule.Title(first.Entry)}
	if len(hpas) > 0 {
		subject = append(subject, "HPA "+hpas[0])
	}
	message := first.Message
	switch {
	case first.Kind == controller.ClockChange:
		message = several(changes, "; ", 4)
	case first.Kind != controller.PastEvent && first.From.After(v.forecast.From):
		subject = append(subject, "from "+first.From.In(v.zone).Format(minuteLayout))
	}
	message = strings.Join(subject, ", ") + ": " + message
	if len(hpas) > 1 {
		message += "; likewise " + several(hpas[1:], ", ", 3)
	}
	severity := config.Note
	if first.Warning() {
		severity = config.Warning
	}
	return diagnostic{v.places[first.Entry].Problem(severity, string(first.Kind), message), first.Entry, hpas}
}

const minuteLayout = "2006-01-02 15:04 MST"

// several joins the first texts, and says how many more there are.
func several(texts []string, separator string, most int) string {
	if more := len(texts) - most; more > 0 {
		return fmt.Sprintf("%s%sand %d more", strings.Join(texts[:most], separator), separator, more)
	}
	return strings.Join(texts, separator)
}
