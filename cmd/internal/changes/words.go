package changes

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

const (
	dayLayout   = "Mon 2006-01-02 15:04"
	clockLayout = "15:04"
)

// Span returns a stretch of time in the zone of its instants, with how long it lasts: the day once if it ends on it, and
// both abbreviations of the zone if they differ.
func Span(from, to time.Time) string {
	return stretch(from, to) + " (" + schedules.FormatDuration(to.Sub(from)) + ")"
}

// stretch does the same without the length.
func stretch(from, to time.Time) string {
	begin, end := from.Format(withSeconds(dayLayout, from)), to.Format(withSeconds(dayLayout, to))
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		end = to.Format(withSeconds(clockLayout, to))
	}
	if from.Format("MST") != to.Format("MST") {
		begin += from.Format(" MST")
	}
	return begin + " to " + end + to.Format(" MST")
}

// withSeconds adds the seconds to a layout that ends with the minute, where they are not 0.
func withSeconds(layout string, t time.Time) string {
	if t.Second() == 0 {
		return layout
	}
	return layout + ":05"
}

// given returns a duration as a schedule writes it, and "" for none.
func given(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return schedules.FormatDuration(d)
}

// sorted returns each of the values once, in their order.
func sorted[T cmp.Ordered](all []T) []T { return slices.Compact(slices.Sorted(slices.Values(all))) }

func joined[T any](all []T, text func(T) string) string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = text(one)
	}
	return strings.Join(texts, ", ")
}

func number(n int) string { return strconv.Itoa(n) }

func dates(r schedules.DateRange) string {
	if r.First == r.Last {
		return r.First.String()
	}
	return r.First.String() + "/" + r.Last.String()
}

func date(d *schedules.Date) string {
	if d == nil {
		return ""
	}
	return d.String()
}

// few is how many dates are named one by one.
const few = 3

// regularly names many dates, which ascend, by the days of the week that they are. It returns "" where more than few such
// days between them are missing.
func regularly(all []schedules.Date) string {
	var days []time.Weekday
	for _, d := range all {
		days = append(days, d.Weekday())
	}
	days = sorted(days)
	var missing []schedules.Date
	for d := all[0]; d <= all[len(all)-1]; d++ {
		if slices.Contains(days, d.Weekday()) && !slices.Contains(all, d) {
			missing = append(missing, d)
		}
	}
	switch {
	case len(all) <= few || len(missing) > few || len(missing) >= len(all)/few:
		return ""
	case len(missing) > 0:
		return weekdays(days) + " but " + joined(missing, schedules.Date.String) + ","
	default:
		return weekdays(days)
	}
}

// someOf names dates, the first and the last of many.
func someOf(all []schedules.Date) string {
	if len(all) <= few+2 {
		return "on " + joined(all, schedules.Date.String)
	}
	return fmt.Sprintf("on %d days: %s, … %s", len(all), joined(all[:few], schedules.Date.String), all[len(all)-1])
}

// weekdays names days of the week from Monday on, or all of them at once.
func weekdays(days []time.Weekday) string {
	if len(days) == 7 {
		return "every day"
	}
	return "on " + joined(fromMonday(days), func(d time.Weekday) string { return d.String()[:3] })
}

// fromMonday returns each of the days once, Sunday last.
func fromMonday(days []time.Weekday) []time.Weekday {
	position := func(d time.Weekday) int { return (int(d) + 6) % 7 }
	return slices.SortedFunc(slices.Values(sorted(days)), func(a, b time.Weekday) int { return position(a) - position(b) })
}
