package cli

import (
	"fmt"
	"slices"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

// Findings returns what is worth knowing of a valid schedule: in the range of time of its forecast, and, where the HPAs
// are known, of these.
func (v *Preview) Findings() []forecast.Finding {
	findings := forecast.ScheduleFindings(v.Schedule, v.Now, v.Forecast.From, v.Forecast.To)
	if v.Snapshot == nil {
		return append(findings, v.Forecast.TargetOverlaps()...)
	}
	findings = append(findings, v.Forecast.Problems()...)
	return append(findings, v.Forecast.Overlaps()...)
}

// Unchecked describes which entries cannot be checked for targets that match nothing, because these can lie in
// namespaces that were not read. It is empty where all can.
func Unchecked(f *forecast.Forecast) string {
	names := f.Unchecked()
	if len(names) == 0 {
		return ""
	}
	for i, name := range names {
		names[i] = f.Schedule.Title(name)
	}
	return fmt.Sprintf("not checked with --namespace %s: %s of %s, whose targets can lie in other namespaces; leave --namespace out if you may list all\n",
		f.Namespace, forecast.MatchesNothing, text.List(names, ", ", 4))
}

// Grouped puts findings that belong together into groups, the earliest first.
func Grouped(findings []forecast.Finding) []forecast.Group {
	slices.SortStableFunc(findings, func(a, b forecast.Finding) int { return a.From.Compare(b.From) })
	return forecast.Grouped(findings)
}
