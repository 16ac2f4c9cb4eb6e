package diff

import (
	"cmp"
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
	return stretch(from, to, " to ") + " (" + schedules.FormatDuration(to.Sub(from)) + ")"
}

// stretch does the same without the length, with a word between.
func stretch(from, to time.Time, word string) string {
	begin, end := from.Format(withSeconds(dayLayout, from)), to.Format(withSeconds(dayLayout, to))
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		end = to.Format(withSeconds(clockLayout, to))
	}
	if from.Format("MST") != to.Format("MST") {
		begin += from.Format(" MST")
	}
	return begin + word + end + to.Format(" MST")
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
