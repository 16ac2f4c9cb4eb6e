package plan

import (
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/sums"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

// Plan is a forecast in the order of time, with all that is told of it. Times are shown in Zone.
type Plan struct {
	Forecast *forecast.Forecast
	Zone     *time.Location
	Now      time.Time
	Findings []forecast.Finding // warnings first, then in the order of entries, HPAs and time
	Steps    bool               // tell each step of a ramp, and not only where it begins and ends
	Assumed  bool               // the HPAs stand for the targets of the schedule; nobody knows the real ones
	Sums     *sums.Sums         // nil where the HPAs are assumed

	names []string       // of the HPAs, as NAMESPACE/NAME, fit for a terminal
	steps sums.Timetable // of every change, each step of a ramp counted
}

// New arranges a forecast and what find finds of it meanwhile. Without a snapshot its HPAs are stand-ins.
func New(f *forecast.Forecast, snapshot *cluster.Snapshot, zone *time.Location, now time.Time, find func() []forecast.Finding) *Plan {
	p := &Plan{Forecast: f, Zone: zone, Now: now, Assumed: snapshot == nil}
	for i := range f.Outlooks {
		hpa := f.Outlooks[i].HPA
		p.names = append(p.names, text.Visible(hpa.Namespace)+"/"+text.Visible(hpa.Name))
	}
	found := make(chan []forecast.Finding)
	go func() { found <- arranged(find()) }()
	p.steps = sums.Arrange(f.Outlooks, sums.EachStep)
	if snapshot != nil {
		p.Sums = sums.Of(f, p.steps, snapshot)
	}
	p.Findings = <-found
	return p
}

// shown returns the changes that are reported: those of a ramp together, unless its steps are asked for.
func (p *Plan) shown() sums.Timetable {
	if p.Steps {
		return p.steps
	}
	return sums.Arrange(p.Forecast.Outlooks, sums.EachChange)
}

// change returns what a place stands for.
func (p *Plan) change(at sums.Place) forecast.Change {
	o := &p.Forecast.Outlooks[at.HPA]
	if p.Steps {
		return o.Step(int(at.Index))
	}
	return o.Change(int(at.Index))
}

// Len returns how many changes there are.
func (p *Plan) Len() int { return len(p.steps.Places) }
