package schedules

import (
	"iter"
	"time"
)

// Segment is a range of time, [From, To), over which a decision is constant.
type Segment struct {
	From, To time.Time
	Decision
}

// Timeline walks [Schedule.At] from edge to edge over [from, to) and yields the segments in order, without gaps. Edges
// at which nothing changes for this HPA are skipped, so two neighbours always differ.
func (s *Schedule) Timeline(hpa HPA, from, to time.Time) iter.Seq[Segment] {
	return func(yield func(Segment) bool) {
		if !from.Before(to) {
			return
		}
		segment := Segment{From: from, Decision: s.At(hpa, from)}
		for next := segment.Next; !next.IsZero() && next.Before(to); next = segment.Next {
			decision := s.At(hpa, next)
			if segment.same(decision) {
				segment.Next = decision.Next
				continue
			}
			segment.To = next
			if !yield(segment) {
				return
			}
			segment = Segment{From: next, Decision: decision}
		}
		segment.To = to
		yield(segment)
	}
}

// same reports whether two decisions differ at most in their next edge.
func (d Decision) same(other Decision) bool {
	d.Next, other.Next = time.Time{}, time.Time{}
	return d == other
}
