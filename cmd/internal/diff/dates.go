package diff

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

const (
	few  = 3  // from how many on dates and days are told as a range, and names as a number
	many = 12 // how many dates and ranges are told one by one
)

// pattern is how dates come again: on days of the week, from the first to the last of each stretch.
type pattern struct {
	days      []time.Weekday
	stretches []schedules.DateRange
	missing   []schedules.Date // such days within the stretches that are none of the dates
}

// patternOf returns the pattern of dates, which ascend.
func patternOf(all []schedules.Date) pattern {
	var p pattern
	for _, d := range all {
		p.days = append(p.days, d.Weekday())
	}
	p.days = sorted(p.days)
	for _, d := range all {
		i := len(p.stretches) - 1
		if i < 0 {
			p.stretches = append(p.stretches, schedules.DateRange{First: d, Last: d})
			continue
		}
		gap := p.between(p.stretches[i].Last, d)
		if len(gap) > few {
			p.stretches = append(p.stretches, schedules.DateRange{First: d, Last: d})
			continue
		}
		p.missing = append(p.missing, gap...)
		p.stretches[i].Last = d
	}
	return p
}

// between returns the days of the pattern between two dates.
func (p pattern) between(from, to schedules.Date) []schedules.Date {
	var all []schedules.Date
	for d := from + 1; d < to; d++ {
		if slices.Contains(p.days, d.Weekday()) {
			all = append(all, d)
		}
	}
	return all
}

// tells says whether the pattern is a shorter way to tell so many dates than to name them.
func (p pattern) tells(dates int) bool {
	told := len(p.stretches) + len(p.missing)
	return dates > few && told <= many && told*few <= dates
}

// String says from when to when the dates are, and which are missing.
func (p pattern) String() string {
	stretches := make([]string, len(p.stretches))
	for i, s := range p.stretches {
		stretches[i] = fmt.Sprintf("from %s to %s", s.First, s.Last)
	}
	text := strings.Join(stretches, " and ")
	if len(p.missing) > 0 {
		text += ", but not on " + joined(p.missing, schedules.Date.String)
	}
	return text
}

// someOf names dates, the first and the last of very many.
func someOf(all []schedules.Date) string {
	var ranges []string
	for i := 0; i < len(all); {
		next := i + 1
		for next < len(all) && all[next] == all[next-1]+1 {
			next++
		}
		if next-i < few {
			next = i + 1
			ranges = append(ranges, all[i].String())
		} else {
			ranges = append(ranges, all[i].String()+" to "+all[next-1].String())
		}
		i = next
	}
	if len(ranges) > many {
		ranges = append(ranges[:many-1], "… "+all[len(all)-1].String())
	}
	text := "on " + strings.Join(ranges, ", ")
	if len(all) > few+2 {
		text = fmt.Sprintf("on %d days: %s", len(all), strings.Join(ranges, ", "))
	}
	return text
}

// weekdays names days of the week, or all of them at once.
func weekdays(days []time.Weekday) string {
	if len(days) == 7 {
		return "every day"
	}
	return "on " + daysText(days)
}

// daysText names days of the week from Monday on: Mon-Fri, Sun.
func daysText(days []time.Weekday) string {
	const monday = "MonTueWedThuFriSatSun"
	name := func(i int) string { return monday[3*i : 3*i+3] }
	var given [8]bool // the last is never given
	for _, d := range days {
		given[(int(d)+6)%7] = true
	}
	var parts []string
	for i := 0; i < 7; i++ {
		last := i
		for given[i] && given[last+1] {
			last++
		}
		switch {
		case !given[i]:
		case last-i+1 >= few:
			parts = append(parts, name(i)+"-"+name(last))
			i = last
		default:
			parts = append(parts, name(i))
		}
	}
	return strings.Join(parts, ", ")
}
