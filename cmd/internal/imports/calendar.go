package imports

import (
	"maps"
	"slices"
	"time"
)

// The calendar of 30 years in which lines are played through, on a wall clock that is never shifted. 28 years have
// every weekday on every date; the year before and the year after let windows that cross their borders settle.
const (
	firstYear = 2000
	lastYear  = 2029
	dayLength = 24 * 60 // minutes
)

// calendarDay is a date as cron lines see it.
type calendarDay struct {
	year, day int
	month     time.Month
	weekday   time.Weekday
}

// calendar returns the dates of all years.
func calendar() []calendarDay {
	var days []calendarDay
	for t := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC); t.Year() <= lastYear; t = t.AddDate(0, 0, 1) {
		days = append(days, calendarDay{t.Year(), t.Day(), t.Month(), t.Weekday()})
	}
	return days
}

// settled says whether a date lies in the 28 years that count.
func (d calendarDay) settled() bool { return firstYear < d.year && d.year < lastYear }

// stretch is a stretch of wall-clock time, [from, to), in minutes since the calendar begins.
type stretch struct{ from, to int }

// piece is what a window can say: from a time of day to another, which is on the next day if it is not after the first.
// An end at midnight is dayLength.
type piece struct{ start, end int }

// most pieces that are worth a window each.
const maxPieces = 24

// pieces cuts stretches into what windows can say, and returns the days on which each piece starts, by their index in
// the calendar. A stretch of up to a day stays whole, a longer one is cut at midnight. It returns false where there are
// too many different pieces.
func pieces(calendar []calendarDay, stretches []stretch) (map[piece][]int, bool) {
	all := map[piece][]int{}
	for _, s := range stretches {
		for s.from < s.to {
			day, start := s.from/dayLength, s.from%dayLength
			to := s.to
			if to-s.from > dayLength || to-s.from == dayLength && start > 0 {
				to = (day + 1) * dayLength
			}
			end := to % dayLength
			if end == 0 {
				end = dayLength
			}
			all[piece{start, end}] = append(all[piece{start, end}], day)
			s.from = to
		}
		if len(all) > 2*maxPieces {
			return nil, false
		}
	}
	settles := func(day int) bool { return calendar[day].settled() }
	maps.DeleteFunc(all, func(_ piece, days []int) bool { return !slices.ContainsFunc(days, settles) })
	return all, len(all) <= maxPieces
}

// pattern counts how often a set of dates has each weekday, day of the month and month.
type pattern struct {
	calendar []calendarDay
	in       []bool // by the index in the calendar
}

// conditions expresses a set of days, given by their index in the calendar, as conditions on the date; several where
// one does not do. It returns false where the schedule has no words for the set.
func conditions(calendar []calendarDay, days []int) ([]dates, bool) {
	p := &pattern{calendar: calendar, in: make([]bool, len(calendar))}
	for _, day := range days {
		p.in[day] = true
	}
	for _, guess := range []func() []dates{p.product, p.byMonth, p.either} {
		if found := guess(); p.matches(found) {
			return found, true
		}
	}
	return nil, false
}

// matches says whether exactly the days of the set meet one of the conditions.
func (p *pattern) matches(all []dates) bool {
	if len(all) == 0 {
		return false
	}
	for i, day := range p.calendar {
		if !day.settled() {
			continue
		}
		met := slices.ContainsFunc(all, func(d dates) bool { return d.admits(day) })
		if met != p.in[i] {
			return false
		}
	}
	return true
}

// admits says whether a date meets the conditions.
func (d dates) admits(day calendarDay) bool {
	return (len(d.Days) == 0 || slices.Contains(d.Days, day.weekday)) &&
		(len(d.DaysOfMonth) == 0 || slices.Contains(d.DaysOfMonth, day.day)) &&
		(len(d.Months) == 0 || slices.Contains(d.Months, day.month))
}

// product guesses that weekdays, days of the month and months are independent conditions.
func (p *pattern) product() []dates {
	d := p.present(func(calendarDay) bool { return true })
	if len(d.Months) == 0 {
		return nil
	}
	return []dates{d.short()}
}

// byMonth guesses that each month has its own weekdays and days of the month.
func (p *pattern) byMonth() []dates {
	var all []dates
	for month := time.January; month <= time.December; month++ {
		d := p.present(func(day calendarDay) bool { return day.month == month })
		if len(d.Months) == 0 {
			continue
		}
		d = d.short()
		alike := slices.IndexFunc(all, func(other dates) bool {
			return slices.Equal(other.Days, d.Days) && slices.Equal(other.DaysOfMonth, d.DaysOfMonth)
		})
		if alike < 0 {
			all = append(all, d)
			continue
		}
		all[alike].Months = append(all[alike].Months, month)
	}
	return all
}

// either guesses that a day of the month or a weekday suffices, as in a cron line that gives both.
func (p *pattern) either() []dates {
	months := p.present(func(calendarDay) bool { return true }).Months
	absent := dates{}
	for i, day := range p.calendar {
		if day.settled() && !p.in[i] && slices.Contains(months, day.month) {
			absent.Days = include(absent.Days, day.weekday)
			absent.DaysOfMonth = include(absent.DaysOfMonth, day.day)
		}
	}
	var byDay, byWeek dates
	for weekday := time.Sunday; weekday <= time.Saturday; weekday++ {
		if !slices.Contains(absent.Days, weekday) {
			byWeek.Days = append(byWeek.Days, weekday)
		}
	}
	for day := 1; day <= 31; day++ {
		if !slices.Contains(absent.DaysOfMonth, day) {
			byDay.DaysOfMonth = append(byDay.DaysOfMonth, day)
		}
	}
	if len(byWeek.Days) == 0 || len(byDay.DaysOfMonth) == 0 {
		return nil
	}
	byWeek.Months, byDay.Months = months, months
	return []dates{byWeek.short(), byDay.short()}
}

// present returns which weekdays, days of the month and months the set has among the days that where admits.
func (p *pattern) present(where func(calendarDay) bool) dates {
	var d dates
	for i, day := range p.calendar {
		if day.settled() && p.in[i] && where(day) {
			d.Days = include(d.Days, day.weekday)
			d.DaysOfMonth = include(d.DaysOfMonth, day.day)
			d.Months = include(d.Months, day.month)
		}
	}
	return d
}

// short leaves out the conditions that admit everything. All days of each of its months are such a condition, too.
func (d dates) short() dates {
	if len(d.Days) == 7 {
		d.Days = nil
	}
	longest := 0
	for _, month := range d.Months {
		longest = max(longest, time.Date(2000, month+1, 0, 0, 0, 0, 0, time.UTC).Day())
	}
	if len(d.DaysOfMonth) == longest {
		d.DaysOfMonth = nil
	}
	if len(d.Months) == 12 {
		d.Months = nil
	}
	return d
}

// include adds a value to a sorted set.
func include[T ~int](set []T, value T) []T {
	if i, found := slices.BinarySearch(set, value); !found {
		return slices.Insert(set, i, value)
	}
	return set
}
