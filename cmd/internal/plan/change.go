package plan

import (
	"github.com/floorkeeper/floorkeeper/schedules"
)

// Verb is what happens to minReplicas.
type Verb string

// The verbs. Stay is the change of an entry alone.
const (
	Raise   Verb = "raise"
	Lower   Verb = "lower"
	Release Verb = "release"
	Hold    Verb = "hold" // the baseline reaches the floor already
	Stay    Verb = "stay"
)

// Verb says what happens.
func (c Change) Verb() Verb {
	before, after := c.Before.MinReplicas, c.After.MinReplicas
	switch {
	case after > before:
		return Raise
	case c.After.Floor == 0:
		return Release
	case after < before:
		return Lower
	case c.Before.Floor == 0:
		return Hold
	default:
		return Stay
	}
}

// Clamped says whether maxReplicas keeps the HPA from the floor that is asked for.
func (c Change) Clamped() bool { return c.After.Floor > c.State.MaxReplicas }

// reason says why, for a person: which entry opens, goes on, or ends.
func (c Change) reason(schedule *schedules.Schedule) string {
	before, after := c.Before.Because, c.After.Because
	switch {
	case after == "":
		return schedule.Title(before) + " ends"
	case before == after:
		return schedule.Title(after) + course(c.After.Ramp)
	case before == "":
		return schedule.Title(after) + " opens" + course(c.After.Ramp)
	case c.After.Floor < c.Before.Floor:
		return schedule.Title(before) + " ends, " + schedule.Title(after) + " applies" + course(c.After.Ramp)
	default:
		return schedule.Title(after) + " applies over " + schedule.Title(before) + course(c.After.Ramp)
	}
}

// course says on which ramp a floor is.
func course(ramp schedules.Ramp) string {
	switch ramp {
	case schedules.Climbing:
		return ", ramp up"
	case schedules.Descending:
		return ", ramp down"
	default:
		return ""
	}
}

// goesOn says whether a change is a later step of the ramp on which the HPA was before: of the same entry, in the same
// direction, up to the full floor or back to the baseline.
func (c Change) goesOn() bool {
	same := c.Before.Because == c.After.Because
	switch c.Before.Ramp {
	case schedules.Climbing:
		return same && c.After.Ramp != schedules.Descending
	case schedules.Descending:
		return same && c.After.Ramp == schedules.Descending || c.After.Floor == 0
	default:
		return false
	}
}

// fold takes the steps of a ramp together, of which at is the first in the plan. Last is the step that ends it, which is
// the first where there is no other. It returns false for a later step, which is told with the first.
func (p *Plan) fold(at place) (c Change, steps int, last int64, first bool) {
	o := &p.Forecast.Outlooks[at.hpa]
	c, last = p.change(at), o.Instant(int(at.stretch))
	if p.Steps {
		return c, 1, last, true
	}
	if at.stretch > 1 && c.goesOn() {
		return c, 0, 0, false
	}
	steps = 1
	for k := int(at.stretch) + 1; k < o.Len(); k++ {
		next := Change{o, o.Stretch(k - 1), o.Stretch(k)}
		if !next.goesOn() {
			break
		}
		c.After.To, c.After.MinReplicas, c.After.Floor = next.After.To, next.After.MinReplicas, next.After.Floor
		last = o.Instant(k)
		steps++
	}
	return c, steps, last, true
}
