package changes

import (
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// shift is an instant at which the clocks of a zone are put forward or back.
type shift struct {
	at   time.Time
	goes time.Duration // forward; negative for back
}

// shifts returns the shifts over the days of changes that do not come again, and since the occurrences opened that they
// are of: there the length of a stretch is not what its times of day suggest.
func (r Report) shifts() []shift {
	var all []shift
	for _, floor := range r.Floors {
		if floor.Times > 1 {
			continue
		}
		for _, s := range shiftsOver(earlier(floor.since, floor.From), floor.To) {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	slices.SortFunc(all, func(a, b shift) int { return a.at.Compare(b.at) })
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
			all = append(all, shift{at, time.Duration(becomes-was) * time.Second})
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
		return "clocks go back by " + schedules.FormatDuration(-s.goes) + ", to " + s.at.Format(clockLayout+" MST")
	}
	return "clocks go forward by " + schedules.FormatDuration(s.goes) + ", to " + s.at.Format(clockLayout+" MST")
}
