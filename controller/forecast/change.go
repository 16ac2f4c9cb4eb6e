package forecast

import (
	"iter"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// Change is what happens at one instant to minReplicas of an HPA, or to the entry that it follows. A ramp is one change,
// at its first step that moves minReplicas: where the floor is clamped, others do not.
type Change struct {
	*autoscaler.Verdict
	Before Stretch // the stretch that it ends
	After  Stretch // the stretch that it begins; where a ramp has Steps, with To, Floor and MinReplicas of its End
	End    Stretch // the stretch behind the last step of a ramp; After for any other change
	Steps  []Step  // of a ramp, those that move minReplicas; none for any other change
}

// Step is one of a ramp: when it is, and what minReplicas is from then on.
type Step struct {
	At          time.Time
	MinReplicas int32
}

// Last returns when the last step of a ramp is, and when any other change happens.
func (c *Change) Last() time.Time {
	if len(c.Steps) == 0 {
		return c.After.From
	}
	return c.Steps[len(c.Steps)-1].At
}

// Moves reports whether minReplicas becomes another.
func (c *Change) Moves() bool { return c.Before.MinReplicas != c.After.MinReplicas }

// Clamped reports whether maxReplicas or a limit keeps the HPA from the floor that is asked for.
func (c *Change) Clamped() bool { return c.After.Floor > c.State.Ceiling().Replicas }

// Verb is what happens to minReplicas.
type Verb string

// The verbs. Programs rely on these words.
const (
	Raise   Verb = "raise"
	Lower   Verb = "lower"
	Release Verb = "release"
	Hold    Verb = "hold" // the baseline reaches the floor already
	Stay    Verb = "stay" // another entry applies
)

// Verb returns what happens.
func (c *Change) Verb() Verb {
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

// Reason returns why a change happens: which entry opens, goes on, or ends.
func (c *Change) Reason(schedule *schedules.Schedule) string {
	return c.reason(schedule, " opens", " applies over ")
}

// ShortReason is Reason with fewer words, for a table.
func (c *Change) ShortReason(schedule *schedules.Schedule) string {
	return c.reason(schedule, "", ", over ")
}

func (c *Change) reason(schedule *schedules.Schedule, opens, over string) string {
	before, after := c.Before.Because, c.After.Because
	switch {
	case after == "":
		return schedule.Title(before) + " ends"
	case before == after:
		return schedule.Title(after) + c.After.Course()
	case before == "":
		return schedule.Title(after) + opens + c.After.Course()
	case c.After.Floor < c.Before.Floor:
		return schedule.Title(before) + " ends, " + schedule.Title(after) + " applies" + c.After.Course()
	default:
		return schedule.Title(after) + over + schedule.Title(before) + c.After.Course()
	}
}

// Course names the ramp that a stretch is on, to be put behind the name of its entry; it is empty where there is none.
func (s Stretch) Course() string {
	switch s.Ramp {
	case schedules.Climbing:
		return ", ramp up"
	case schedules.Descending:
		return ", ramp down"
	default:
		return ""
	}
}

// Changes yields what happens to the HPA, in order. Nothing happens to one that no entry may cover.
func (o *Outlook) Changes() iter.Seq[Change] { return changes(&o.Verdict, o.Stretches()) }

// Steps yields the same, but each step of a ramp on its own.
func (o *Outlook) Steps() iter.Seq[Change] {
	return func(yield func(Change) bool) {
		for i := 1; i < o.Len() && o.Refusal == ""; i++ {
			after := o.Stretch(i)
			if !yield(Change{Verdict: &o.Verdict, Before: o.Stretch(i - 1), After: after, End: after}) {
				return
			}
		}
	}
}

func changes(verdict *autoscaler.Verdict, stretches iter.Seq[Stretch]) iter.Seq[Change] {
	return func(yield func(Change) bool) {
		if refusal(verdict) != "" {
			return
		}
		var before Stretch
		var change Change
		begun, open, falls := false, false, false
		for next := range stretches {
			switch {
			case !begun:
			case open && !falls && next.continues(before):
				change.extend(before, next)
			default:
				if open && !yield(change) {
					return
				}
				change, open = Change{Verdict: verdict, Before: before, After: next, End: next}, true
			}
			falls = begun && next.yields(before) // at once, even where it leads into a ramp
			before, begun = next, true
		}
		if open {
			yield(change)
		}
	}
}

func (c *Change) extend(before, step Stretch) {
	moves := step.MinReplicas != before.MinReplicas
	switch {
	case moves && !c.Moves() && len(c.Steps) == 0: // the first that does
		c.Before, c.After = before, step
	case len(c.Steps) == 0 && c.Moves():
		c.Steps = append(c.Steps, Step{c.After.From, c.After.MinReplicas})
	}
	if moves {
		c.Steps = append(c.Steps, Step{step.From, step.MinReplicas})
	}
	if len(c.Steps) > 0 {
		c.After.To, c.After.Floor, c.After.MinReplicas = step.To, step.Floor, step.MinReplicas
	}
	c.End = step
}

// continues reports whether a stretch is a later step of the ramp that the one before it is on: of the same entry, in the
// same direction, up to the full floor or back to the baseline.
func (s Stretch) continues(before Stretch) bool {
	same := before.Because == s.Because
	switch before.Ramp {
	case schedules.Climbing:
		return same && s.Ramp != schedules.Descending
	case schedules.Descending:
		return same && s.Ramp == schedules.Descending || s.Floor == 0
	default:
		return false
	}
}

// yields reports whether minReplicas falls because another entry takes over, which asks for less.
func (s Stretch) yields(before Stretch) bool {
	return before.Because != "" && s.Because != "" && before.Because != s.Because && s.MinReplicas < before.MinReplicas
}

// ahead yields what becomes of an HPA from the instant of its verdict up to another one, as the stretches of an [Outlook]
// do, and computes no more than is read.
func ahead(v *autoscaler.Verdict, schedule *schedules.Schedule, to time.Time) iter.Seq[Stretch] {
	return func(yield func(Stretch) bool) {
		state := v.State
		for s := range asked(nil, schedule, v.Subject(), v.At, to) {
			state = under(v, state, s.Floor)
			s.MinReplicas = state.MinReplicas
			if !yield(s) {
				return
			}
		}
	}
}

// Ahead yields what happens to an HPA from the instant of its verdict up to another one, as [Outlook.Changes] does, and
// computes no more than is read.
func Ahead(v *autoscaler.Verdict, schedule *schedules.Schedule, to time.Time) iter.Seq[Change] {
	return changes(v, ahead(v, schedule, to))
}

// Upcoming returns the stretch that begins with the next change of the HPA before an instant, each step of a ramp counted,
// and false if there is none.
func Upcoming(v *autoscaler.Verdict, schedule *schedules.Schedule, before time.Time) (Stretch, bool) {
	if schedule == nil || refusal(v) != "" {
		return Stretch{}, false
	}
	var first *Stretch
	for stretch := range ahead(v, schedule, before) {
		if first == nil {
			first = &stretch
		} else if stretch.MinReplicas != first.MinReplicas || stretch.Because != first.Because {
			return stretch, true
		}
	}
	return Stretch{}, false
}

// Differing yields, for two outlooks of an HPA over the same time, the stretches between which minReplicas differs: both from
// the later beginning to the earlier end.
func Differing(before, after *Outlook) iter.Seq2[Stretch, Stretch] {
	return func(yield func(old, current Stretch) bool) {
		for i, j := 0, 0; i < before.Len() && j < after.Len(); {
			old, current := before.Stretch(i), after.Stretch(j)
			to := schedules.Earlier(old.To, current.To)
			if !old.To.After(to) {
				i++
			}
			if !current.To.After(to) {
				j++
			}
			if old.From.Before(current.From) {
				old.From = current.From
			}
			old.To, current.From, current.To = to, old.From, to
			if old.MinReplicas != current.MinReplicas && !yield(old, current) {
				return
			}
		}
	}
}
