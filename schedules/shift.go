package schedules

import "time"

// Shift is a change of a zone's offset from UTC, as at the begin and the end of daylight saving time.
type Shift struct {
	At     time.Time     // the first instant with the new offset, in the zone
	Before time.Time     // the same instant as a clock shows it that keeps the old offset
	By     time.Duration // how far clocks are put forward; negative if they are put back
}

// Shifts returns the shifts of a zone in (from, to), in order.
func Shifts(loc *time.Location, from, to time.Time) []Shift {
	var shifts []Shift
	for _, end := bounds(from.In(loc)); !end.IsZero() && end.Before(to); _, end = bounds(end) {
		end = end.In(loc)
		name, before := end.Add(-1).Zone()
		if _, after := end.Zone(); before != after {
			shifts = append(shifts, Shift{
				At: end, Before: end.In(time.FixedZone(name, before)), By: time.Duration(after-before) * time.Second,
			})
		}
	}
	return shifts
}

// DayStart returns the first instant of a local date. Where a shift skips midnight, that is the instant of the shift.
func DayStart(d Date, loc *time.Location) time.Time {
	if start := StartInstant(d, 0, loc); DateOf(start, loc) == d {
		return start
	}
	return EndInstant(d, 0, loc)
}

// bounds returns the period around t, [begin, end), over which the offset is constant, or a part of it.
//
// Beyond the last shift that the database lists, the time package goes by the zone's rule, year by year, and takes
// every year for 365 days long: on the last day of a leap year, Time.ZoneBounds returns an end that has passed.
func bounds(t time.Time) (begin, end time.Time) {
	begin, end = t.ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		end = t.Truncate(24 * time.Hour).Add(24 * time.Hour) // New Year, UTC
	}
	return begin, end
}
