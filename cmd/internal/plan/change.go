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
	case c.Refusal != "":
		return Stay
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
func (c Change) Clamped() bool { return c.Refusal == "" && c.After.Floor > c.State.MaxReplicas }

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
	if ramp == schedules.Steady {
		return ""
	}
	return ", " + string(ramp)
}
