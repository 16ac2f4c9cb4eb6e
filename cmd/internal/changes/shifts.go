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

// shifts returns the shifts on the days on which changes begin or end that do not come again: there the length of a
// stretch is not what its times of day suggest.
func (r Report) shifts() []shift {
	var all []shift
	for _, floor := range r.Floors {
		if floor.Times > 1 {
			continue
		}
		for _, t := range []time.Time{floor.From, floor.To} {
			if s, ok := shiftOn(t); ok && !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	slices.SortFunc(all, func(a, b shift) int { return a.at.Compare(b.at) })
	return all
}

// shiftOn returns the first shift on the local date of an instant.
func shiftOn(t time.Time) (shift, bool) {
	zone := t.Location()
	date := schedules.DateOf(t, zone)
	dawn := schedules.StartInstant(date, 0, zone).Add(-1).In(zone)
	_, at := dawn.ZoneBounds()
	if at.IsZero() || schedules.DateOf(at.Add(-1), zone) > date || schedules.DateOf(at, zone) > date {
		return shift{}, false
	}
	_, before := dawn.Zone()
	_, after := at.Zone()
	return shift{at, time.Duration(after-before) * time.Second}, before != after
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
