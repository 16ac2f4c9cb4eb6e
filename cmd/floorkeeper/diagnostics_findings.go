package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// diagnose returns what is worth knowing of a valid schedule, with its place.
func diagnose(v *view) []diagnostic {
	var all []diagnostic
	for _, group := range grouped(v.findings()) {
		all = append(all, v.diagnostic(group))
	}
	return all
}

// findings returns what is worth knowing of a valid schedule: in the range of time of its forecast, and, where the HPAs
// are known, of these.
func (v *view) findings() []forecast.Finding {
	findings := forecast.ScheduleFindings(v.schedule, v.now, v.forecast.From, v.forecast.To)
	if v.snapshot == nil {
		return append(findings, overlapsOfTargets(v)...)
	}
	findings = append(findings, v.forecast.Problems()...)
	return append(findings, v.forecast.Overlaps()...)
}

// unreadTargets says in a line which entries cannot be checked for targets that match nothing, because these can lie in
// namespaces that were not read. It is empty where all can.
func unreadTargets(f *forecast.Forecast) string {
	names := f.Unchecked()
	if len(names) == 0 {
		return ""
	}
	for i, name := range names {
		names[i] = f.Schedule.Title(name)
	}
	return fmt.Sprintf("not checked with --namespace %s: %s of %s, whose targets can lie in other namespaces; leave --namespace out if you may list all\n",
		f.Namespace, forecast.MatchesNothing, several(names, ", ", 4))
}

// grouped puts findings that belong together into groups, the earliest first.
func grouped(findings []forecast.Finding) [][]forecast.Finding {
	slices.SortStableFunc(findings, func(a, b forecast.Finding) int { return a.From.Compare(b.From) })
	return forecast.Grouped(findings)
}

// diagnostic returns the problem that a group of findings is told as.
func (v *view) diagnostic(group []forecast.Finding) diagnostic {
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
	case first.Kind == forecast.ClockChange:
		message = several(changes, "; ", 4)
	case first.Kind != forecast.PastEntry && first.From.After(v.forecast.From):
		subject = append(subject, "from "+first.From.In(v.zone).Format(minuteLayout))
	}
	message = strings.Join(subject, ", ") + ": " + message
	if len(hpas) > 1 {
		message += "; likewise " + several(hpas[1:], ", ", 3)
	}
	severity := config.SeverityNote
	if first.Warning() {
		severity = config.SeverityWarning
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
