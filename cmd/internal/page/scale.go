package page

import (
	"math"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// scale maps instants to places on the time axis, from 0 to 1. It is linear in elapsed time, so that every place is the
// same instant in all lanes and an hour is as wide as any other, also on days of 23 and 25 hours.
type scale struct {
	from, to time.Time
	loc      *time.Location
}

func (s scale) length() time.Duration { return s.to.Sub(s.from) }

// x returns the place of an instant; what lies outside is put on the edge.
func (s scale) x(t time.Time) share { return min(1, max(0, s.share(t.Sub(s.from)))) }

// share returns how much of the axis a duration takes.
func (s scale) share(d time.Duration) share { return share(d) / share(s.length()) }

// unit is what the ticks of one row of the axis count.
type unit int

const (
	minutes unit = iota
	hours
	days
	months
	years
)

// tick is an instant at which a unit begins by local clocks.
type tick struct {
	at   time.Time
	unit unit
}

// ticks returns where a unit, or a larger one, begins by local clocks. An hour that happens twice has two ticks, and one that
// the clock skips has none.
func (s scale) ticks(smallest unit) (all []tick) {
	pace := s.pace()
	before := s.from.Add(-1).In(s.loc)
	for t := s.from.Truncate(pace); t.Before(s.to); t = t.Add(pace) {
		if t.Before(s.from) {
			continue
		}
		local := t.In(s.loc)
		if u := begins(before, local); u >= smallest {
			all = append(all, tick{local, u})
		}
		before = local
	}
	return all
}

// smallest returns the unit of the smallest ticks that an axis shows.
func (s scale) smallest() unit {
	switch length := s.length(); {
	case length <= 6*time.Hour:
		return minutes
	case length <= 8*24*time.Hour:
		return hours
	case length <= 63*24*time.Hour:
		return days
	default:
		return months
	}
}

// pace returns how far apart the smallest ticks are at least. A quarter of an hour divides every offset from UTC and every
// change of a clock.
func (s scale) pace() time.Duration {
	switch length := s.length(); {
	case length <= 20*time.Minute:
		return time.Minute
	case length <= 2*time.Hour:
		return 5 * time.Minute
	default:
		return 15 * time.Minute
	}
}

// begins returns the largest unit that begins with an instant, given the one before.
func begins(before, t time.Time) unit {
	switch {
	case t.Year() != before.Year():
		return years
	case t.Month() != before.Month():
		return months
	case t.Day() != before.Day():
		return days
	case t.Minute() == 0:
		return hours
	default:
		return minutes
	}
}

func (s scale) shifts() []schedules.Shift { return schedules.Shifts(s.loc, s.from, s.to) }

// hoursOf returns the length in hours of the local day that contains t, which is not always 24.
func hoursOf(t time.Time) float64 {
	date, loc := schedules.DateOf(t, t.Location()), t.Location()
	return math.Round(schedules.DayStart(date+1, loc).Sub(schedules.DayStart(date, loc)).Hours()*100) / 100
}
