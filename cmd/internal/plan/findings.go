package plan

import (
	"cmp"
	"slices"
	"strings"
	"time"

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
		subject += ", from " + Moment(group[0].From, p.Zone)
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

// Moment returns an instant as people read it.
func Moment(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("Mon 2 Jan 2006 " + clockLayout(t) + " MST")
}

// Until returns an instant as people read it who were told of an earlier one: with the date only where that is another.
func Until(t, since time.Time, zone *time.Location) string {
	t = t.In(zone)
	layout := clockLayout(t) + " MST"
	if t.YearDay() != since.In(zone).YearDay() {
		layout = "Mon 2 Jan " + layout
	}
	return t.Format(layout)
}

// clockLayout shows seconds, and parts of them, only where there are any.
func clockLayout(t time.Time) string {
	switch {
	case t.Nanosecond() != 0:
		return "15:04:05.999999999"
	case t.Second() != 0:
		return "15:04:05"
	default:
		return "15:04"
	}
}
