package diff

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

const (
	few  = 3  // from how many on dates and days are printed as a range, and names as a number
	many = 12 // how many dates and ranges are printed one by one
)

type dates []schedules.Date

// MarshalJSON returns the dates as YYYY-MM-DD.
func (d dates) MarshalJSON() ([]byte, error) {
	return json.Marshal(each(d, schedules.Date.String))
}

// String names the dates, or the first and the last of very many.
func (d dates) String() string {
	ranges := text.Runs(d, " to ", schedules.Date.String)
	if len(ranges) > many {
		ranges = append(ranges[:many-1], "… "+d[len(d)-1].String())
	}
	if len(d) > few+2 {
		return fmt.Sprintf("on %d days: %s", len(d), strings.Join(ranges, ", "))
	}
	return "on " + strings.Join(ranges, ", ")
}

// pattern is how dates recur: on days of the week, from the first to the last of each stretch.
type pattern struct {
	days      []time.Weekday
	stretches []schedules.DateRange
	missing   []schedules.Date // such days within the stretches that are not among the dates
}

func (d dates) pattern() pattern {
	var p pattern
	for _, date := range d {
		p.days = append(p.days, date.Weekday())
	}
	p.days = unique(p.days)
	for i, date := range d {
		var gap []schedules.Date
		for day := d[max(i-1, 0)] + 1; day < date; day++ {
			if slices.Contains(p.days, day.Weekday()) {
				gap = append(gap, day)
			}
		}
		if i == 0 || len(gap) > few {
			p.stretches = append(p.stretches, schedules.DateRange{First: date, Last: date})
			continue
		}
		p.missing = append(p.missing, gap...)
		p.stretches[len(p.stretches)-1].Last = date
	}
	return p
}

// fits reports whether the pattern is a shorter way to describe so many dates than to name them.
func (p pattern) fits(dates int) bool {
	parts := len(p.stretches) + len(p.missing)
	return dates > few && parts <= many && parts*few <= dates
}

// String returns from when to when the dates are, and which are missing.
func (p pattern) String() string {
	format := func(r schedules.DateRange) string { return fmt.Sprintf("from %s to %s", r.First, r.Last) }
	dates := strings.Join(each(p.stretches, format), " and ")
	if len(p.missing) > 0 {
		dates += ", but not on " + joined(p.missing, schedules.Date.String)
	}
	return dates
}

// weekdays names days of the week from Monday on: Mon-Fri, Sun.
func weekdays(days []time.Weekday) string {
	var fromMonday []int
	for _, d := range days {
		fromMonday = append(fromMonday, (int(d)+6)%7)
	}
	return strings.Join(text.Runs(unique(fromMonday), "-", func(i int) string { return time.Weekday((i + 1) % 7).String()[:3] }), ", ")
}

func unique[T cmp.Ordered](all []T) []T { return slices.Compact(slices.Sorted(slices.Values(all))) }

func each[T any](all []T, format func(T) string) []string {
	texts := make([]string, len(all))
	for i, value := range all {
		texts[i] = format(value)
	}
	return texts
}

func joined[T any](all []T, format func(T) string) string {
	return strings.Join(each(all, format), ", ")
}
