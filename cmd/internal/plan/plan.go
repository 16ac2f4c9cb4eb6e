package plan

import (
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
	steps    sums.Timetable     // of every change, each step of a ramp counted
}

// New returns the plan of a forecast, whose findings are computed meanwhile. Without a snapshot the HPAs are placeholders.
func New(f *forecast.Forecast, snapshot *cluster.Snapshot, zone *time.Location, now time.Time, find func() []forecast.Finding) *Plan {
	p := &Plan{Forecast: f, Zone: zone, Now: now, assumed: snapshot == nil}
	for i := range f.Outlooks {
		hpa := f.Outlooks[i].HPA
		p.names = append(p.names, text.Visible(hpa.Namespace)+"/"+text.Visible(hpa.Name))
	}
	found := make(chan []forecast.Finding)
	go func() { found <- sorted(find()) }()
	p.steps = sums.NewTimetable(f.Outlooks, true)
	if snapshot != nil {
		p.sums = sums.Of(f, p.steps, snapshot)
	}
	p.findings = <-found
	return p
}

// shown returns the changes for text and Markdown. At the first instant, the beginning, are the HPAs that an entry covers
// then.
func (p *Plan) shown() sums.Timetable {
	t, begin := sums.NewTimetable(p.Forecast.Outlooks, p.Steps), p.Forecast.From.UnixNano()
	t.Instants = slices.Insert(t.Instants, 0, begin)
	for i := range p.Forecast.Outlooks {
		if o := &p.Forecast.Outlooks[i]; o.Stretch(0).Floor > 0 && o.Refusal == "" {
			t.At[begin] = append(t.At[begin], sums.Place{HPA: int32(i)})
		}
	}
	return t
}

// change returns the change at a place. At the beginning minReplicas stays as it is.
func (p *Plan) change(at sums.Place) forecast.Change {
	o := &p.Forecast.Outlooks[at.HPA]
	switch {
	case at.Index == 0:
		first := o.Stretch(0)
		return forecast.Change{Verdict: &o.Verdict, Before: first, After: first}
	case p.Steps:
		return o.Step(int(at.Index))
	default:
		return o.Change(int(at.Index))
	}
}

// changing returns how many HPAs change.
func (p *Plan) changing() int {
	n := 0
	for i := range p.Forecast.Outlooks {
		if o := &p.Forecast.Outlooks[i]; o.Len() > 1 && o.Refusal == "" {
			n++
		}
	}
	return n
}

// span returns the range of time of the plan in words.
func (p *Plan) span() string {
	return "From " + p.moment(p.Forecast.From) + " to " + p.moment(p.Forecast.To) + " (" + p.Zone.String() + ")"
}

func (p *Plan) moment(t time.Time) string { return text.Moment(t.In(p.Zone)) }
