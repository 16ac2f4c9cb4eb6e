package plan

import (
	"time"
)

// Step is a change as people are told of it: a ramp is one.
type Step struct {
	Change
	At, Last time.Time // of a ramp, the first step and the last
	Steps    int
	Reason   string
}

// First returns the first changes of an HPA, up to a number.
func (p *Plan) First(n int) []Step {
	var steps []Step
	for i, at := range p.instants {
		for _, place := range p.at(i) {
			change, count, last, first := p.fold(place)
			if !first {
				continue
			}
			if steps = append(steps, Step{
				Change: change, At: time.Unix(0, at).In(p.Zone), Last: time.Unix(0, last).In(p.Zone), Steps: count,
				Reason: change.reason(p.Forecast.Schedule),
			}); len(steps) == n {
				return steps
			}
		}
	}
	return steps
}
