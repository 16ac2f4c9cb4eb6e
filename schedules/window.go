package schedules

import (
	"slices"
	"time"
)

// Window is a recurring entry. Days, DaysOfMonth, Months, ExceptDates, OnlyDates and FirstDate to LastDate are
// conditions on the local date on which the window starts; all of them must hold, and one that is not given holds. It
// ends at the wall-clock time End, on the next day where that is not after Start, or, if Duration is set, after that
// much elapsed time.
type Window struct {
	Entry
	Days        []time.Weekday
	DaysOfMonth []int // 1 to 31, or -1 (the last day) to -31
	Months      []time.Month
	ExceptDates []DateRange
	OnlyDates   []DateRange // nil: every date
	FirstDate   *Date
	LastDate    *Date
	Start, End  Clock
	Duration    time.Duration
}

// Spans returns the spans that contain t, ramps included, and the next edge of any span after t: the zero time if
// there is none. One span starts on each date that the window's conditions admit.
func (w *Window) Spans(t time.Time) (open []Span, next time.Time) {
	z := zoneAt(t, w.Location)
	return w.spans(nil, t, &z, &dated{})
}

// dated is the span that was computed last, for a walk, which asks for the same one at its start and at its end.
type dated struct {
	Span
	date  Date
	known bool
}

func (d *dated) on(date Date, w *Window, z *zone) *Span {
	if !d.known || d.date != date {
		d.Span, d.date, d.known = w.spanOn(date, z), date, true
	}
	return &d.Span
}

// spans is Spans with the zone at t, and appends the spans.
func (w *Window) spans(open []Span, t time.Time, z *zone, latest *dated) (_ []Span, next time.Time) {
	ahead := w.LeadTime + w.RampUp
	first, last, later := z.dates(t, w.length()+w.RampDown, ahead)
	for date := first; date <= last; date++ {
		if !w.startsOn(date) {
			continue
		}
		span := latest.on(date, w, z)
		if span.Contains(t) {
			open = append(open, *span)
		}
		if edge, ok := span.edge(t); ok {
			next = Earlier(next, edge)
		}
	}
	if !next.IsZero() && !later.Add(-ahead).Before(next) {
		return open, next // no later date can matter
	}
	if date, ok := w.NextDate(last + 1); ok {
		next = Earlier(next, latest.on(date, w, z).Opens())
	}
	return open, next
}

// next returns the next start after t and the next end after t, as written: without leads and ramps. The zero time is never.
func (w *Window) next(t time.Time) (start, end time.Time) {
	z := zoneAt(t, w.Location)
	first, _, _ := z.dates(t, w.length(), 0)
	for date, more := w.NextDate(first); more; date, more = w.NextDate(date + 1) {
		span := w.spanOn(date, &z)
		if end.IsZero() && span.To.After(t) {
			end = span.To
		}
		if start = span.From.Add(w.LeadTime); start.After(t) {
			return start, end
		}
	}
	return time.Time{}, end
}

// NextDate returns the first date from the given one on which the window starts, and false if it never does again.
func (w *Window) NextDate(from Date) (Date, bool) {
	const cycle = 41 * 366 // the longest wait is for 29 February on a given weekday, around the year 2100
	if w.FirstDate != nil {
		from = max(from, *w.FirstDate)
	}
	last := from + cycle
	for date := from; date <= last && (w.LastDate == nil || date <= *w.LastDate); date++ {
		if len(w.Months) > 0 {
			if year, month, _ := date.Civil(); !w.inMonth(month) {
				date = NewDate(year, month+1, 1) - 1
				continue
			}
		}
		if i := w.exception(date); i >= 0 {
			date = w.ExceptDates[i].Last
			last = date + cycle // an exception may outlast every wait
			continue
		}
		if next, ok := w.admitted(date); !ok {
			return 0, false
		} else if next > date {
			date = next - 1
			last = next + cycle
			continue
		}
		if w.startsOn(date) {
			return date, true
		}
	}
	return 0, false
}

// length returns the length of a span as written, without leads and ramps.
func (w *Window) length() time.Duration {
	if w.Duration > 0 {
		return w.Duration
	}
	return time.Duration(w.endOffset()-w.Start) * time.Second
}

// endOffset returns the end as seconds from the midnight with which the starting date begins.
func (w *Window) endOffset() Clock {
	if w.End <= w.Start {
		return w.End + EndOfDay
	}
	return w.End
}

func (w *Window) spanOn(date Date, z *zone) Span {
	start := z.starts(date, w.Start)
	if w.Duration > 0 {
		return w.span(start, start.Add(w.Duration))
	}
	return w.span(start, z.ends(date, w.endOffset()))
}

// startsOn reports whether the window's conditions admit the date.
func (w *Window) startsOn(date Date) bool {
	return w.inSeason(date) &&
		w.onWeekday(date) && w.onDayOfMonth(date) && w.exception(date) < 0 && w.only(date)
}

func (w *Window) only(date Date) bool {
	return w.OnlyDates == nil || slices.ContainsFunc(w.OnlyDates, func(r DateRange) bool { return r.Contains(date) })
}

// admitted returns the first date from the given one that onlyDates has, and false where there is none.
func (w *Window) admitted(date Date) (Date, bool) {
	if w.only(date) {
		return date, true
	}
	next, found := Date(0), false
	for _, r := range w.OnlyDates {
		if r.First > date && (!found || r.First < next) {
			next, found = r.First, true
		}
	}
	return next, found
}

// exception returns the index of a range of exceptDates that contains the date, or -1.
func (w *Window) exception(date Date) int {
	return slices.IndexFunc(w.ExceptDates, func(r DateRange) bool { return r.Contains(date) })
}

// inSeason reports whether firstDate, lastDate and months admit the date.
func (w *Window) inSeason(date Date) bool {
	if w.FirstDate != nil && date < *w.FirstDate || w.LastDate != nil && date > *w.LastDate {
		return false
	}
	if len(w.Months) == 0 {
		return true
	}
	_, month, _ := date.Civil()
	return w.inMonth(month)
}

func (w *Window) inMonth(month time.Month) bool {
	return len(w.Months) == 0 || slices.Contains(w.Months, month)
}

func (w *Window) onWeekday(date Date) bool {
	return len(w.Days) == 0 || slices.Contains(w.Days, date.Weekday())
}

func (w *Window) onDayOfMonth(date Date) bool {
	if len(w.DaysOfMonth) == 0 {
		return true
	}
	year, month, day := date.Civil()
	_, _, length := (NewDate(year, month+1, 1) - 1).Civil()
	return slices.Contains(w.DaysOfMonth, day) || slices.Contains(w.DaysOfMonth, day-length-1)
}

// Earlier returns the earlier of two instants, where the zero time means never.
func Earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
