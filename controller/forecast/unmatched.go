package forecast

import (
	"cmp"
	"slices"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// maxNamed is how many targets of an entry a finding names.
const maxNamed = 5

// Unchecked returns the entries for which Problems cannot report whether they match nothing, because their targets can lie
// outside the only namespace whose HPAs are known.
func (f *Forecast) Unchecked() []string {
	if f.Namespace == "" {
		return nil
	}
	return f.unmatched(func(Finding) {})
}

// unmatched reports the entries that cover nothing, or have targets that select nothing, and returns the entries for which
// that is not known, at least in part.
func (f *Forecast) unmatched(report func(Finding)) (unknown []string) {
	covered, subjects := f.covered()
	for _, opening := range f.Schedule.Openings(f.From, f.To) {
		covers := covered[opening.Name]
		idle, elsewhere := f.unmatchedTargets(f.Schedule.Entry(opening.Name), covers, subjects)
		finding := Finding{Rule: MatchesNothing, Entry: opening.Name, From: opening.From}
		if elsewhere {
			unknown = append(unknown, opening.Name)
		}
		switch {
		case !covers && !elsewhere:
			entry := f.Schedule.Entry(opening.Name)
			finding.Message = cmp.Or(f.alone(entry, subjects), "it covers no HorizontalPodAutoscaler; check its targets"+f.unnamespaced(entry))
		case len(idle) > 0:
			finding.Message = "no HorizontalPodAutoscaler matches its target " + text.List(idle, ", nor ", maxNamed) + f.unnamespaced(f.Schedule.Entry(opening.Name))
		default:
			continue
		}
		report(finding)
	}
	return unknown
}

// covered returns which entries cover any HPA, and all HPAs as the schedule knows them.
func (f *Forecast) covered() (covered map[string]bool, subjects []schedules.HPA) {
	covered, subjects = make(map[string]bool), make([]schedules.HPA, len(f.Outlooks))
	for i := range f.Outlooks {
		subjects[i] = f.Outlooks[i].Subject()
		if !f.Outlooks[i].leftAlone() {
			for _, name := range f.Schedule.Covering(subjects[i]) {
				covered[name] = true
			}
		}
	}
	return covered, subjects
}

// leftAlone reports whether an HPA is refused for a reason that its owner knows.
func (o *Outlook) leftAlone() bool { return o.Refusal != "" && !o.ByKEDA && !o.State.Lost() }

// unmatchedTargets returns the targets of an entry that select nothing, and whether the HPAs it covers can be in namespaces
// that are not known. An event without targets covers what its windows do.
func (f *Forecast) unmatchedTargets(entry *schedules.Entry, covers bool, subjects []schedules.HPA) (idle []string, elsewhere bool) {
	elsewhere = f.Namespace != "" && !covers && len(entry.Targets) == 0
	for i := range entry.Targets {
		target := &entry.Targets[i]
		outside := f.Namespace != "" && f.Namespace != target.Namespace
		selects := slices.ContainsFunc(subjects, func(subject schedules.HPA) bool { return target.Selects(&subject) })
		switch {
		case outside && (!selects || !covers):
			elsewhere = true
		case !selects:
			idle = append(idle, "("+target.String()+")")
		}
	}
	return idle, elsewhere
}
