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
		last, begun := Segment{}, false
		for next := range s.Edges(hpa, from, to) {
			if begun && last.same(next.Decision) {
				last.To, last.Next = next.To, next.Next
				continue
			}
			if begun && !yield(last) {
				return
			}
			last, begun = next, true
		}
		if begun {
			yield(last)
		}
	}
}

// Edges is Timeline with a segment from each edge to the next, for who bounds how many are computed.
func (s *Schedule) Edges(hpa HPA, from, to time.Time) iter.Seq[Segment] {
	return func(yield func(Segment) bool) {
		for from.Before(to) {
			segment := Segment{From: from, To: to, Decision: s.At(hpa, from)}
			if next := segment.Next; !next.IsZero() && next.Before(to) {
				segment.To = next
			}
			if !yield(segment) {
				return
			}
			from = segment.To
		}
	}
}

// same reports whether two decisions differ at most in their next edge.
func (d Decision) same(other Decision) bool {
	d.Next, other.Next = time.Time{}, time.Time{}
	return d == other
}
