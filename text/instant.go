package text

import (
	"fmt"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// Clock returns the time of an instant with its zone: 15:04 CET. Each form with a time shows seconds, and parts of them, only
// where there are any.
func Clock(t time.Time) string { return format(t, "15:04 MST") }

// Moment returns an instant for a sentence: Mon 2 Jan 2006 15:04 CET.
func Moment(t time.Time) string { return format(t, "Mon 2 Jan 2006 15:04 MST") }

// MomentAfter returns an instant for a reader who has just read of another: the date only where it is a different one.
func MomentAfter(t, other time.Time) string {
	if day(t) == day(other.In(t.Location())) {
		return Clock(t)
	}
	return format(t, "Mon 2 Jan 15:04 MST")
}

// MomentAt returns an instant for a reader at now: 15:04 CET today, Mon 15:04 CET within six days, else 2006-01-02 15:04 CET.
func MomentAt(t, now time.Time) string {
	switch {
	case day(t) == day(now.In(t.Location())):
		return Clock(t)
	case t.Sub(now).Abs() < 6*24*time.Hour:
		return format(t, "Mon 15:04 MST")
	default:
		return format(t, "2006-01-02 15:04 MST")
	}
}

// Minute returns an instant for messages that are read at any time, to the minute: 2006-01-02 15:04 CET.
func Minute(t time.Time) string { return t.Format("2006-01-02 15:04 MST") }

// UTC returns an instant in UTC for a column: 2006-01-02 15:04.
func UTC(t time.Time) string { return format(t.UTC(), "2006-01-02 15:04") }

// Day returns the local date of an instant: Mon 2 Jan 2006.
func Day(t time.Time) string { return t.Format("Mon 2 Jan 2006") }

// Span returns a stretch of time in the zone of its instants, Mon 2006-01-02 15:04 to 17:30 CET (2h30m): the day once if it
// ends on it, and both abbreviations of the zone if they differ.
func Span(from, to time.Time) string {
	return fmt.Sprintf("%s (%s)", Range(from, to, "to"), schedules.FormatDuration(to.Sub(from)))
}

// Range is Span without the length, and with another word between the two.
func Range(from, to time.Time, word string) string {
	begin, end := format(from, "Mon 2006-01-02 15:04"), Dated(to)
	if day(from) == day(to) {
		end = Clock(to)
	}
	if from.Format("MST") != to.Format("MST") {
		begin = Dated(from)
	}
	return begin + " " + word + " " + end
}

// Dated returns an instant for a table: Mon 2006-01-02 15:04 CET.
func Dated(t time.Time) string { return format(t, "Mon 2006-01-02 15:04 MST") }

// Ago returns how long ago something was, as exactly as a person needs it.
func Ago(d time.Duration) string {
	d = max(d, 0)
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s ago", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days ago", int(d.Hours()/24))
	}
}

func day(t time.Time) schedules.Date { return schedules.DateOf(t, t.Location()) }

// format formats an instant by a layout with 15:04 in it, adding what there is below the minute.
func format(t time.Time, layout string) string {
	switch {
	case t.Nanosecond() != 0:
		layout = strings.Replace(layout, "15:04", "15:04:05.999999999", 1)
	case t.Second() != 0:
		layout = strings.Replace(layout, "15:04", "15:04:05", 1)
	}
	return t.Format(layout)
}

// ClockShift returns when clocks are set, and how: Sun 25 Oct 03:00 CEST: clocks go back by 1h, to 02:00 CET.
func ClockShift(s schedules.Shift) string {
	return format(s.Before, "Mon 2 Jan 15:04 MST") + ": " + ClocksGo(s, "")
}

// ClocksGo returns how clocks are set, those of a zone with of as in " of Europe/Paris".
func ClocksGo(s schedules.Shift, of string) string {
	direction := "forward"
	if s.By < 0 {
		direction = "back"
	}
	return fmt.Sprintf("clocks%s go %s by %s, to %s", of, direction, schedules.FormatDuration(s.By.Abs()), Clock(s.At))
}
