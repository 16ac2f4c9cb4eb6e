package schedules

import "time"

// steps is the number of even steps in which a ramp climbs or descends.
const steps = 10

// Span is one occurrence of an entry. The full floor is in effect over [From, To): from start - leadTime to end.
//
// A ramp is ten nested spans of growing fractions: step k, at k tenths of the way from baseline to floor, is in effect over
// [From - (10-k)/10 x RampUp, To + (10-k)/10 x RampDown). The largest of what is open applies, as everywhere.
type Span struct {
	From, To         time.Time
	RampUp, RampDown time.Duration
}

// Opens returns the first instant of the span, that of its lowest step.
func (s Span) Opens() time.Time { return s.begins(1) }

// Closes returns the first instant after the span, the end of its lowest step.
func (s Span) Closes() time.Time { return s.ends(1) }

// Contains reports whether any step of the span is open at t.
func (s Span) Contains(t time.Time) bool {
	return !t.Before(s.Opens()) && t.Before(s.Closes())
}

// step returns the highest step that is open at t, which the span must contain.
func (s *Span) step(t time.Time) int {
	for k := steps; k > 1; k-- {
		if !t.Before(s.begins(k)) && t.Before(s.ends(k)) {
			return k
		}
	}
	return 1
}

// edge returns the first edge of any step after t, and false where the span is over.
func (s *Span) edge(t time.Time) (time.Time, bool) {
	switch {
	case !t.Before(s.Closes()):
		return time.Time{}, false
	case t.Before(s.From):
		k := 1
		for !s.begins(k).After(t) {
			k++
		}
		return s.begins(k), true
	default:
		k := steps
		for !s.ends(k).After(t) {
			k--
		}
		return s.ends(k), true
	}
}

// falls returns the first instant after t at which the span asks for less than it does at t, or, while it climbs, than
// it will ask for at its full floor. Steps that give the same number of replicas count as one.
func (s *Span) falls(t time.Time, baseline, floor int32) time.Time {
	if s.RampDown == 0 {
		return s.To
	}
	k := steps
	if !t.Before(s.To) {
		k = s.step(t)
	}
	for k > 1 && stepAmount(k-1, baseline, floor) == stepAmount(k, baseline, floor) {
		k--
	}
	return s.ends(k)
}

// begins returns when step k begins, and ends when it ends. Most spans have no ramp, and adding nothing to an instant costs
// more than to ask.
func (s *Span) begins(k int) time.Time {
	if s.RampUp == 0 {
		return s.From
	}
	return s.From.Add(-lag(s.RampUp, k))
}

func (s *Span) ends(k int) time.Time {
	if s.RampDown == 0 {
		return s.To
	}
	return s.To.Add(lag(s.RampDown, k))
}

// lag returns how far the edge of step k lies from the full floor's.
func lag(ramp time.Duration, k int) time.Duration {
	return ramp * time.Duration(steps-k) / steps
}

// stepAmount returns the replicas of step k. A floor that the baseline already reaches needs no steps.
func stepAmount(k int, baseline, floor int32) int32 {
	if floor <= baseline {
		return floor
	}
	return baseline + int32((int64(k)*int64(floor-baseline)+steps-1)/steps)
}

// ramp returns the ramp that the span is on at t, where its step gives floor and its full floor is full.
func (s *Span) ramp(t time.Time, floor, full int32) Ramp {
	switch {
	case floor == full:
		return Steady
	case t.Before(s.From):
		return Climbing
	default:
		return Descending
	}
}
