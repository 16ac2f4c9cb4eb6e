package plan

import (
	"strings"

	"github.com/floorkeeper/floorkeeper/cmd/internal/timeline"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
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
		return schedule.Title(after) + timeline.Course(c.After.Ramp)
	case before == "":
		return schedule.Title(after) + " opens" + timeline.Course(c.After.Ramp)
	case c.After.Floor < c.Before.Floor:
		return schedule.Title(before) + " ends, " + schedule.Title(after) + " applies" + timeline.Course(c.After.Ramp)
	default:
		return schedule.Title(after) + " applies over " + schedule.Title(before) + timeline.Course(c.After.Ramp)
	}
}

// about returns the description of an event that begins to apply, on one line of at most so many characters.
func (c Change) about(schedule *schedules.Schedule, most int) string {
	entry := c.After.Because
	if entry == "" || entry == c.Before.Because || schedule.Event(entry) == nil {
		return ""
	}
	return text.Cut(text.Visible(strings.Join(strings.Fields(schedule.Entry(entry).Description), " ")), most)
}

// fold takes the steps of a ramp together, and tells them at the first that changes minReplicas: others do not where
// maxReplicas is below the floor. Steps is how many change it, at least 1, and last is when the last one does. It returns
// false for a place at which nothing is told.
func (p *Plan) fold(at place) (c Change, steps int, last int64, first bool) {
	begin, end := p.ramp(at)
	if end-begin == 1 {
		return p.change(at), 1, p.Forecast.Outlooks[at.hpa].Instant(int(begin)), true
	}
	told := begin
	for k := begin; k < end; k++ {
		if step := p.change(place{at.hpa, k}); step.Before.MinReplicas != step.After.MinReplicas {
			if steps == 0 {
				told = k
			}
			steps++
			last = step.After.From.UnixNano()
		}
	}
	if at.stretch != told {
		return c, 0, 0, false
	}
	c = p.change(at)
	if steps == 0 {
		return c, 1, c.After.From.UnixNano(), true
	}
	end-- // the last step
	final := p.change(place{at.hpa, end}).After
	c.After.To, c.After.MinReplicas, c.After.Floor = final.To, final.MinReplicas, final.Floor
	return c, steps, last, true
}

// ramp returns the first step of the ramp that a place is a step of, and the first change behind that ramp. A change that
// is none is alone, and so is every step where steps are asked for.
func (p *Plan) ramp(at place) (begin, end int32) {
	begin, end = at.stretch, at.stretch+1
	if p.Steps {
		return begin, end
	}
	o := &p.Forecast.Outlooks[at.hpa]
	for begin > 1 && o.Continues(int(begin)) {
		begin--
	}
	for int(end) < o.Len() && o.Continues(int(end)) {
		end++
	}
	return begin, end
}
