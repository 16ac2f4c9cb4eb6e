package schedules

import (
	"iter"
	"slices"
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
			if begun && last.same(&next.Decision) {
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
		w := s.walk(&hpa, from)
		for from.Before(to) {
			segment := Segment{From: from}
			segment.Next = w.at(from, func(o occurrence) {
				segment.consider(o, hpa.Baseline, from)
			})
			segment.endBy(to)
			if !yield(segment) {
				return
			}
			from = segment.To
		}
	}
}

// ClaimsOver yields what [Schedule.Claims] returns, from edge to edge over [from, to). A segment has the decision of the first
// claim. The claims hold until the next segment.
func (s *Schedule) ClaimsOver(hpa HPA, from, to time.Time) iter.Seq2[Segment, []Decision] {
	return func(yield func(Segment, []Decision) bool) {
		w := s.walk(&hpa, from)
		var claims []Decision
		for from.Before(to) {
			claims = claims[:0]
			next := w.at(from, func(o occurrence) {
				var claim Decision
				if claim.consider(o, hpa.Baseline, from); claim.Floor > 0 {
					claims = append(claims, claim)
				}
			})
			sortClaims(claims)
			segment := Segment{From: from}
			if len(claims) > 0 {
				segment.Decision = claims[0]
			}
			segment.Next = next
			segment.endBy(to)
			if !yield(segment, claims) {
				return
			}
			from = segment.To
		}
	}
}

// endBy sets the end to the decision's next edge, or to an earlier instant.
func (s *Segment) endBy(to time.Time) {
	s.To = to
	if next := s.Next; !next.IsZero() && next.Before(to) {
		s.To = next
	}
}

// walk visits what is open for one HPA at an instant, and then at later ones. It looks for the spans of a window again only
// where one of them has an edge.
type walk struct {
	windows     []*recurrence // open ones
	closed      []*recurrence // others, in the order in which they open
	ahead, open []occurrence  // of events; those ahead in the order in which they open
	edges       []*recurrence // for reopen
}

// recurrence is a window with its spans that are open until its next edge.
type recurrence struct {
	coverage
	open []Span
	next time.Time // the zero time for never
	zone zone
	last dated
}

type occurrence struct {
	entry  *Entry
	span   Span
	amount int32
}

func (s *Schedule) walk(hpa *HPA, from time.Time) *walk {
	w, covering := &walk{}, s.windowsCovering(nil, hpa)
	for _, c := range covering {
		w.place(&recurrence{coverage: c}, from)
	}
	for _, i := range s.eventsIn.of(hpa.Namespace) {
		event := &s.events[i]
		if span := event.Span(); span.Closes().After(from) && event.covers(hpa, covering) {
			w.ahead = append(w.ahead, occurrence{&event.Entry, span, event.amountFor(hpa, covering)})
		}
	}
	slices.SortStableFunc(w.ahead, func(a, b occurrence) int { return a.span.Opens().Compare(b.span.Opens()) })
	return w
}

// at is [Schedule.open] for an instant that is not before the one that it was called with last.
func (w *walk) at(t time.Time, visit func(occurrence)) (next time.Time) {
	for len(w.ahead) > 0 && !w.ahead[0].span.Opens().After(t) {
		w.open, w.ahead = append(w.open, w.ahead[0]), w.ahead[1:]
	}
	w.open = slices.DeleteFunc(w.open, func(o occurrence) bool { return !o.span.Closes().After(t) })
	w.reopen(t)
	if len(w.closed) > 0 {
		next = w.closed[0].next
	}
	for _, r := range w.windows {
		next = Earlier(next, r.next)
		for _, span := range r.open {
			visit(occurrence{&r.window.Entry, span, r.amount})
		}
	}
	for _, o := range w.open {
		edge, _ := o.span.edge(t)
		next = Earlier(next, edge)
		visit(o)
	}
	if len(w.ahead) > 0 {
		next = Earlier(next, w.ahead[0].span.Opens())
	}
	return next
}

// reopen looks for the spans of the windows that have had an edge.
func (w *walk) reopen(t time.Time) {
	passed := func(r *recurrence) bool { return !r.next.IsZero() && !r.next.After(t) }
	edges, opened := w.edges[:0], 0
	for opened < len(w.closed) && passed(w.closed[opened]) {
		opened++
	}
	edges = append(edges, w.closed[:opened]...)
	w.closed = slices.Delete(w.closed, 0, opened)
	w.windows = slices.DeleteFunc(w.windows, func(r *recurrence) bool {
		if passed(r) {
			edges = append(edges, r)
			return true
		}
		return false
	})
	for _, r := range edges {
		w.place(r, t)
	}
	w.edges = edges
}

// place puts a window among those that are open at an instant or those that are not. One that never opens again is in neither.
func (w *walk) place(r *recurrence, t time.Time) {
	if !r.zone.holds(t, r.window.Location) {
		r.zone = zoneAt(t, r.window.Location).extended()
	}
	if !r.step(t) {
		r.open, r.next = r.window.spans(r.open[:0], t, &r.zone, &r.last)
	}
	switch {
	case len(r.open) > 0:
		w.windows = append(w.windows, r)
	case !r.next.IsZero():
		i, _ := slices.BinarySearchFunc(w.closed, r.next, func(r *recurrence, t time.Time) int { return r.next.Compare(t) })
		w.closed = slices.Insert(w.closed, i, r)
	}
}

// step opens the span that begins at an instant, or closes the one that ends at it, where that is plain: no ramp, no shift
// nearby, and no second span before it ends. Nearly every edge of a year is so. Otherwise it changes nothing and returns false.
func (r *recurrence) step(t time.Time) bool {
	span := &r.last.Span
	if !r.last.known || span.RampUp != 0 || span.RampDown != 0 || !r.zone.steady(span.From.Unix(), span.To.Unix()) ||
		span.To.Sub(span.From) >= secondsPerDay*time.Second {
		return false
	}
	switch {
	case len(r.open) == 0 && t.Equal(span.From):
		r.open, r.next = append(r.open, *span), span.To
		return true
	case t.Equal(span.To):
		date, again := r.window.NextDate(r.last.date + 1)
		if again {
			r.open, r.next = r.open[:0], r.last.on(date, r.window, &r.zone).From
		}
		return again
	default:
		return false
	}
}

// same reports whether two decisions differ at most in their next edge.
func (d *Decision) same(other *Decision) bool {
	return d.Floor == other.Floor && d.Full == other.Full && d.Ramp == other.Ramp && d.Because == other.Because &&
		d.Since.Equal(other.Since) && d.Until.Equal(other.Until)
}
