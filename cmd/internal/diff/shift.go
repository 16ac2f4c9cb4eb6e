package diff

import (
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// shift is an instant at which the clocks of a zone are put forward or back.
type shift struct {
	schedules.Shift
	zone string // " of Europe/Paris" where it is not the zone in which times are printed
}

func (s shift) String() string { return text.ClocksGo(s.Shift, s.zone) }

// clockShifts returns the shifts that split changes: they make a stretch longer or shorter than its times of day suggest, or a
// change recur at another time of day. They are those of the zone in which times are printed, and of the entries' others.
func (r Report) clockShifts() []shift {
	var all []shift
	for i, zone := range slices.Concat([]*time.Location{r.From.Location()}, r.Others) {
		name := ""
		if i > 0 {
			name = " of " + zone.String()
		}
		for _, change := range r.Changes {
			for _, s := range change.clockShifts(zone) {
				known := slices.ContainsFunc(all, func(other shift) bool { return s.At.Equal(other.At) && s.By == other.By })
				if !known && (change.Times == 1 || !s.At.Before(r.From) && s.At.Before(r.To)) {
					all = append(all, shift{s, name})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b shift) int { return a.At.Compare(b.At) })
	return all
}

// clockShifts returns the shifts on the days of a change and since its occurrence opened, or, of one that recurs, where a stretch
// of its dates begins or ends, within a weekend.
func (c Change) clockShifts(zone *time.Location) []schedules.Shift {
	if c.Times == 1 {
		return shiftsOn(zone, schedules.DateOf(schedules.Earlier(c.opens, c.From), zone), schedules.DateOf(c.To, zone))
	}
	pattern := c.Dates.pattern()
	if !pattern.fits(c.Times) {
		return nil
	}
	const weekend = 3
	var all []schedules.Shift
	for _, s := range pattern.stretches {
		all = append(all, shiftsOn(zone, s.First-weekend, s.First)...)
		all = append(all, shiftsOn(zone, s.Last, s.Last+weekend)...)
	}
	return all
}

// shiftsOn returns the shifts on the local dates from first to last.
func shiftsOn(zone *time.Location, first, last schedules.Date) []schedules.Shift {
	return schedules.Shifts(zone, schedules.DayStart(first, zone).Add(-1), schedules.DayStart(last+1, zone))
}
