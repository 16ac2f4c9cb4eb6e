package plan

import (
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
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
	Sums     *Sums              // nil where the HPAs are assumed

	names    []string // of the HPAs, as NAMESPACE/NAME, fit for a terminal
	instants []int64  // at which something changes, in nanoseconds since 1970
	starts   []int32  // where the changes of each instant begin in changes; one more than there are instants
	changes  []place
}

// place says where a change lies in the forecast: before the stretch of an HPA. A year of 1,000 HPAs can have millions.
type place struct{ hpa, stretch int32 }

// Change is what happens to one HPA at one instant.
type Change struct {
	*forecast.Outlook
	Before, After forecast.Stretch
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
	p.arrange()
	if snapshot != nil {
		p.Sums = p.sum(snapshot)
	}
	p.Findings = <-found
	return p
}

// arrange sorts the changes by time, those of an instant by HPA. It counts instead of comparing, because the instants of
// a fleet are few. An HPA that no entry may cover has no changes, whatever the schedule asks.
func (p *Plan) arrange() {
	counts := make(map[int64]int32)
	total := int32(0)
	for i := range p.Forecast.Outlooks {
		o := &p.Forecast.Outlooks[i]
		for k := 1; k < o.Len() && o.Refusal == ""; k++ {
			counts[o.Instant(k)]++
			total++
		}
	}
	for at := range counts {
		p.instants = append(p.instants, at)
	}
	slices.Sort(p.instants)
	p.starts = make([]int32, 0, len(p.instants)+1)
	next := int32(0)
	for _, at := range p.instants {
		p.starts = append(p.starts, next)
		next, counts[at] = next+counts[at], next
	}
	p.starts = append(p.starts, next)
	p.changes = make([]place, total)
	for i := range p.Forecast.Outlooks {
		o := &p.Forecast.Outlooks[i]
		for k := 1; k < o.Len() && o.Refusal == ""; k++ {
			at := o.Instant(k)
			p.changes[counts[at]] = place{int32(i), int32(k)}
			counts[at]++
		}
	}
}

// at returns the changes of the i-th instant.
func (p *Plan) at(i int) []place { return p.changes[p.starts[i]:p.starts[i+1]] }

// change returns what a place stands for.
func (p *Plan) change(at place) Change {
	o := &p.Forecast.Outlooks[at.hpa]
	return Change{o, o.Stretch(int(at.stretch) - 1), o.Stretch(int(at.stretch))}
}

// Len returns how many changes there are.
func (p *Plan) Len() int { return len(p.changes) }
