package forecast

import (
	"slices"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// maxNamed is how many targets of an entry a finding names.
const maxNamed = 5

// Unchecked returns the entries for which Problems cannot report whether they match nothing, because their targets can lie
// outside the only namespace whose HPAs are known.
func (f *Forecast) Unchecked() []string {
	_, unknown := f.unmatched()
	return unknown
}

// unmatched returns the findings of entries that cover nothing, or have targets that select nothing; and the entries for
// which that is not known, at least in part.
func (f *Forecast) unmatched() (findings []Finding, unknown []string) {
	covered := f.covered()
	for _, opening := range f.Schedule.Openings(f.From, f.To) {
		covers := covered[opening.Name]
		idle, elsewhere := f.unmatchedTargets(f.Schedule.Entry(opening.Name), covers)
		finding := Finding{Kind: MatchesNothing, Entry: opening.Name, From: opening.From}
		if elsewhere {
			unknown = append(unknown, opening.Name)
		}
		switch {
		case !covers && !elsewhere:
			finding.Message = "it covers no HorizontalPodAutoscaler; check its targets"
		case len(idle) > 0:
			finding.Message = "no HorizontalPodAutoscaler matches its target " + text.List(idle, ", nor ", maxNamed)
		default:
			continue
		}
		findings = append(findings, finding)
	}
	return findings, unknown
}

func (f *Forecast) covered() map[string]bool {
	covered := make(map[string]bool)
	for i := range f.Outlooks {
		if o := &f.Outlooks[i]; !o.leftAlone() {
			for _, name := range f.Schedule.Covering(o.Subject()) {
				covered[name] = true
			}
		}
	}
	return covered
}

// leftAlone reports whether an HPA is refused for a reason that its owner knows.
func (o *Outlook) leftAlone() bool { return o.Refusal != "" && !o.ByKEDA && !o.State.Lost() }

// unmatchedTargets returns the targets of an entry that select nothing, and whether the HPAs it covers can be in namespaces
// that are not known. An event without targets covers what its windows do.
func (f *Forecast) unmatchedTargets(entry *schedules.Entry, covers bool) (idle []string, elsewhere bool) {
	elsewhere = f.Namespace != "" && !covers && len(entry.Targets) == 0
	for i := range entry.Targets {
		target := &entry.Targets[i]
		outside := f.Namespace != "" && f.Namespace != target.Namespace
		selects := slices.ContainsFunc(f.Outlooks, func(o Outlook) bool { subject := o.Subject(); return target.Selects(&subject) })
		switch {
		case outside && (!selects || !covers):
			elsewhere = true
		case !selects:
			idle = append(idle, "("+target.String()+")")
		}
	}
	return idle, elsewhere
}
