// Package plan shows a forecast: every change of every HorizontalPodAutoscaler, the findings, and what the floors add to the
// cluster at their peak; as text, Markdown, JSON, iCalendar, and as a picture or page by cmd/internal/page.
package plan

import (
	"cmp"
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/sums"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

// Plan is a forecast by time, with its findings and sums. Times are shown in Zone.
type Plan struct {
	Forecast *forecast.Forecast
	Zone     *time.Location
	Now      time.Time
	Steps    bool // in text and Markdown, show each step of a ramp, and not only where it begins and ends

	findings []forecast.Finding // warnings first, then by kind, entry and time
	assumed  bool               // the HPAs are placeholders for the targets of the schedule
	sums     *sums.Sums         // nil for placeholders
	names    []string           // of the HPAs, as NAMESPACE/NAME, safe for a terminal
	changes  int                // how many there are, each step of a ramp counted
	changing int                // how many HPAs change
}

// New returns the plan of a forecast, whose findings are computed meanwhile. Without a snapshot the HPAs are placeholders.
func New(f *forecast.Forecast, snapshot *cluster.Snapshot, zone *time.Location, now time.Time, find func() []forecast.Finding) *Plan {
	p := &Plan{Forecast: f, Zone: zone, Now: now, assumed: snapshot == nil}
	for i := range f.Outlooks {
		o := &f.Outlooks[i]
		p.names = append(p.names, text.Visible(o.HPA.Namespace)+"/"+text.Visible(o.HPA.Name))
		if steps := o.Len() - 1; steps > 0 && o.Refusal == "" {
			p.changes, p.changing = p.changes+steps, p.changing+1
		}
	}
	found := make(chan []forecast.Finding)
	go func() {
		findings := find()
		slices.SortStableFunc(findings, func(a, b forecast.Finding) int {
			return cmp.Or(cmp.Compare(levelOf(b), levelOf(a)), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Entry, b.Entry), a.From.Compare(b.From))
		})
		found <- findings
	}()
	if snapshot != nil {
		p.sums = sums.Of(f, snapshot)
	}
	p.findings = <-found
	return p
}

func (p *Plan) span() string {
	return "From " + p.moment(p.Forecast.From) + " to " + p.moment(p.Forecast.To) + " (" + p.Zone.String() + ")"
}

func (p *Plan) moment(t time.Time) string { return text.Moment(t.In(p.Zone)) }
