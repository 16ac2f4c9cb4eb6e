package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

// arranged sorts findings: warnings first, then those of a kind and of an entry together, the earliest first.
func arranged(findings []forecast.Finding) []forecast.Finding {
	slices.SortStableFunc(findings, func(a, b forecast.Finding) int {
		return cmp.Or(severity(a)-severity(b), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Entry, b.Entry),
			a.From.Compare(b.From))
	})
	return findings
}

func severity(f forecast.Finding) int {
	if f.Warning() {
		return 0
	}
	return 1
}

// Warnings returns how many findings are warnings, the limits of ResourceQuotas included.
func (p *Plan) Warnings() int {
	count := 0
	for _, finding := range p.Findings {
		count += 1 - severity(finding)
	}
	if p.Sums != nil {
		count += len(p.Sums.Quotas)
	}
	return count
}

// few is how many names a grouped finding gives.
const few = 3

// told is a group of findings of one kind and entry, as a sentence.
type told struct {
	warning bool
	kind    forecast.FindingKind
	text    string
}

// tell groups findings by kind and entry and says each in a sentence, without markup.
func (p *Plan) tell() []told {
	var all []told
	for _, group := range forecast.Grouped(p.Findings) {
		all = append(all, told{group[0].Warning(), group[0].Kind, p.sentence(group)})
	}
	if p.Sums != nil {
		for _, q := range p.Sums.Quotas {
			all = append(all, told{true, "exceeded-quota", exceeded(q)})
		}
		slices.SortStableFunc(all, func(a, b told) int { return order(a) - order(b) })
	}
	return all
}

func order(t told) int {
	if t.warning {
		return 0
	}
	return 1
}

// sentence says what is found of an entry. Placeholders are not named.
func (p *Plan) sentence(group forecast.Group) string {
	subject := p.Forecast.Schedule.Title(group[0].Entry)
	if group[0].Dated(p.Forecast.From) {
		subject += ", from " + text.Moment(group[0].From.In(p.Zone))
	}
	var hpas []string
	if !p.Assumed {
		hpas = group.Names()
	}
	if len(hpas) > 0 {
		subject += ", " + hpas[0]
	}
	return group.Sentence(subject, hpas, func(texts []string, separator string) string { return text.List(texts, separator, few) })
}
