package changes

import (
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// shift is an instant at which the clocks of a zone are put forward or back.
type shift struct {
	at    time.Time
	goes  time.Duration // forward; negative for back
	whose string        // " of Europe/Paris" where it is not the zone in which times are told
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
	slices.SortStableFunc(all, func(a, b shift) int { return a.at.Compare(b.at) })
	return all
}

// same says whether two zones have the same shift.
func (s shift) same(other shift) bool { return s.at.Equal(other.at) && s.goes == other.goes }

// shiftsIn returns the shifts of a zone.
func (r Report) shiftsIn(zone *time.Location) []shift {
	var all []shift
	for _, floor := range r.Floors {
		for _, s := range floor.shifts(zone) {
			if !slices.ContainsFunc(all, s.same) && (floor.Times == 1 || !s.at.Before(r.From) && s.at.Before(r.To)) {
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
		return shiftsOver(earlier(f.since, f.From), f.To.In(zone))
	}
	pattern := patternOf(f.Dates)
	if !pattern.tells(f.Times) {
		return nil
	}
	const weekend = 3
	dawn := func(d schedules.Date) time.Time { return schedules.StartInstant(d, 0, zone).In(zone) }
	var all []shift
	for _, s := range pattern.stretches {
		all = append(all, shiftsOver(dawn(s.First-weekend), dawn(s.First))...)
		all = append(all, shiftsOver(dawn(s.Last), dawn(s.Last+weekend))...)
	}
	return all
}

// shiftsOver returns the shifts on the local dates from one instant to another, in the zone of the latter.
func shiftsOver(from, to time.Time) []shift {
	var all []shift
	zone := to.Location()
	last := schedules.DateOf(to, zone)
	before := schedules.StartInstant(schedules.DateOf(from, zone), 0, zone).Add(-1).In(zone)
	for {
		_, at := before.ZoneBounds()
		if at.IsZero() || schedules.DateOf(at.Add(-1), zone) > last || schedules.DateOf(at, zone) > last {
			return all
		}
		_, was := before.Zone()
		if _, becomes := at.Zone(); becomes != was {
			all = append(all, shift{at: at, goes: time.Duration(becomes-was) * time.Second})
		}
		before = at
	}
}

// opened returns when the occurrence of an entry opened that is open at an instant, and the instant if there is none.
func opened(schedule *schedules.Schedule, entry string, at time.Time) time.Time {
	if event := event(schedule, entry); event != nil {
		return event.Span().Opens()
	}
	first := at
	if window := window(schedule, entry); window != nil {
		open, _ := window.Spans(at)
		for _, span := range open {
			first = earlier(first, span.Opens())
		}
	}
	return first
}

// when returns the moment on the clock as it is before the shift.
func (s shift) when() string {
	before := s.at.Add(-1)
	name, offset := before.Zone()
	return s.at.In(time.FixedZone(name, offset)).Format(dayLayout + " MST")
}

// what says what the clocks do.
func (s shift) what() string {
	if s.goes < 0 {
		return "clocks" + s.whose + " go back by " + schedules.FormatDuration(-s.goes) + ", to " + s.at.Format(clockLayout+" MST")
	}
	return "clocks" + s.whose + " go forward by " + schedules.FormatDuration(s.goes) + ", to " + s.at.Format(clockLayout+" MST")
}
