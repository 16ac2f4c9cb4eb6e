package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/timeline"
	"github.com/floorkeeper/floorkeeper/controller"
)

// findings gathers what is found of a forecast. Of stand-ins little can be said: they have no behavior, no owner and no
// maxReplicas, and a target that selects nothing has one all the same.
func findings(forecast *controller.Forecast, assumed bool, now time.Time) []controller.Finding {
	all := slices.Concat(controller.About(forecast.Schedule, now, forecast.From, forecast.To), forecast.Overlaps())
	if !assumed {
		all = append(all, forecast.Problems()...)
	}
	slices.SortStableFunc(all, func(a, b controller.Finding) int {
		return cmp.Or(severity(a)-severity(b), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Entry, b.Entry))
	})
	return all
}

func severity(f controller.Finding) int {
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
	kind    controller.FindingKind
	text    string
}

// tell groups findings by kind and entry and says each in a sentence, without markup.
func (p *Plan) tell() []told {
	var all []told
	for rest := p.Findings; len(rest) > 0; {
		first, n := rest[0], 1
		for n < len(rest) && rest[n].Kind == first.Kind && rest[n].Entry == first.Entry {
			n++
		}
		all = append(all, told{first.Warning(), first.Kind, p.sentence(rest[:n])})
		rest = rest[n:]
	}
	if p.Sums != nil {
		for _, q := range p.Sums.Quotas {
			all = append(all, told{true, "exceeded-quota", fmt.Sprintf(
				"ResourceQuota %s/%s allows %s %s, of which %s are used; the floors add up to %s at their peak",
				timeline.Visible(q.Namespace), timeline.Visible(q.Name), q.Hard.String(), timeline.Visible(string(q.Resource)), q.Used.String(), q.Added.String())})
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

// sentence says what is found of an entry: the first finding in full, and which other HPAs it is about.
func (p *Plan) sentence(group []controller.Finding) string {
	first := group[0]
	var b strings.Builder
	b.WriteString(p.Forecast.Schedule.Title(first.Entry))
	if first.Kind != controller.PastEntry && !first.From.IsZero() {
		b.WriteString(", " + Moment(first.From, p.Zone))
	}
	if first.HPA != nil {
		b.WriteString(", " + name(first))
	}
	b.WriteString(": " + timeline.Visible(first.Message))
	var others []string
	for _, finding := range group[1:] {
		if finding.HPA != nil {
			others = append(others, name(finding))
		}
	}
	if len(others) > 0 {
		b.WriteString("; so with " + some(others))
	}
	return b.String()
}

func name(f controller.Finding) string {
	return timeline.Visible(f.HPA.Namespace) + "/" + timeline.Visible(f.HPA.Name)
}

// some returns the first few names, and how many more there are.
func some(names []string) string {
	if len(names) <= few+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}

// Moment returns an instant as people read it.
func Moment(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("Mon 2 Jan 2006 " + clockLayout(t) + " MST")
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
