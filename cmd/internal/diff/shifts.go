package diff

import (
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// shift is an instant at which the clocks of a zone are put forward or back.
type shift struct {
	schedules.Shift
	whose string // " of Europe/Paris" where it is not the zone in which times are printed
}

// shifts returns the shifts that say why changes are told apart: for by them the length of a stretch is not what its times
// of day suggest, or a change that comes again does so at another time of day. They are of the zone in which times are told,
// and of the entries' other ones.
func (r Report) shifts() []shift {
	all := r.shiftsIn(r.From.Location())
	for _, zone := range r.Others {
		for _, s := range r.shiftsIn(zone) {
			s.whose = " of " + zone.String()
			if !slices.ContainsFunc(all, s.same) {
				all = append(all, s)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b shift) int { return a.At.Compare(b.At) })
	return all
}

// same says whether two zones have the same shift.
func (s shift) same(other shift) bool { return s.At.Equal(other.At) && s.By == other.By }

// shiftsIn returns the shifts of a zone.
func (r Report) shiftsIn(zone *time.Location) []shift {
	var all []shift
	for _, floor := range r.Floors {
		for _, s := range floor.shifts(zone) {
			if !slices.ContainsFunc(all, s.same) && (floor.Times == 1 || !s.At.Before(r.From) && s.At.Before(r.To)) {
				all = append(all, s)
			}
		}
	}
	return all
}

// shifts returns the shifts on the days of a change and since the occurrence opened that it is of, or, of one that comes
// again, where a stretch of its dates begins or ends, within a weekend.
func (f Floor) shifts(zone *time.Location) []shift {
	if f.Times == 1 {
		return shiftsOver(zone, schedules.DateOf(earlier(f.since, f.From), zone), schedules.DateOf(f.To, zone))
	}
	pattern := patternOf(f.Dates)
	if !pattern.tells(f.Times) {
		return nil
	}
	const weekend = 3
	var all []shift
	for _, s := range pattern.stretches {
		all = append(all, shiftsOver(zone, s.First-weekend, s.First)...)
		all = append(all, shiftsOver(zone, s.Last, s.Last+weekend)...)
	}
	return all
}

// shiftsOver returns the shifts on the local dates from first to last.
func shiftsOver(zone *time.Location, first, last schedules.Date) []shift {
	var all []shift
	for _, s := range schedules.Shifts(zone, schedules.DayStart(first, zone).Add(-1), schedules.DayStart(last+1, zone)) {
		all = append(all, shift{Shift: s})
	}
	return all
}

// opened returns when the occurrence of an entry opened that is open at an instant, and the instant if there is none.
func opened(schedule *schedules.Schedule, entry string, at time.Time) time.Time {
	if event := schedule.Event(entry); event != nil {
		return event.Span().Opens()
	}
	first := at
	if window := schedule.Window(entry); window != nil {
		open, _ := window.Spans(at)
		for _, span := range open {
			first = earlier(first, span.Opens())
		}
	}
	return first
}

// when returns the moment on the clock as it is before the shift.
func (s shift) when() string { return s.Before.Format(dayLayout + " MST") }

// what reports what the clocks do.
func (s shift) what() string {
	if s.By < 0 {
		return "clocks" + s.whose + " go back by " + schedules.FormatDuration(-s.By) + ", to " + s.At.Format(clockLayout+" MST")
	}
	return "clocks" + s.whose + " go forward by " + schedules.FormatDuration(s.By) + ", to " + s.At.Format(clockLayout+" MST")
}
