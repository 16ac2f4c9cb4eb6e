package diff

import (
	"fmt"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// moved says how an event, or a window in another zone, moves from one schedule to another. It returns "" where it does not
// move.
func moved(name string, before, after *schedules.Schedule, from time.Time) string {
	if old, current := before.Event(name), after.Event(name); old != nil && current != nil {
		return movedEvent(old, current)
	}
	if old, current := before.Window(name), after.Window(name); old != nil && current != nil && old.Location.String() != current.Location.String() {
		return movedWindow(old, current, from)
	}
	return ""
}

// movedWindow says how much later or earlier a window starts by the clock of its other zone, in the year from an instant on.
func movedWindow(old, current *schedules.Window, from time.Time) string {
	var least, most time.Duration
	first := schedules.DateOf(from, current.Location)
	for date := first; date <= first+365; date++ {
		by := schedules.StartInstant(date, current.Start, current.Location).Sub(schedules.StartInstant(date, old.Start, old.Location))
		if date == first {
			least, most = by, by
		}
		least, most = min(least, by), max(most, by)
	}
	if most < 0 {
		least, most = most, least // the shorter one first
	}
	by := delayed(least)
	switch {
	case least == 0 && most == 0:
		by = "at the same time"
	case least == most:
	case least == 0:
		by = "up to " + delayed(most)
	case most == 0:
		by = "up to " + delayed(least)
	case least < 0 == (most < 0):
		by = schedules.FormatDuration(least.Abs()) + " to " + delayed(most)
	default:
		by += " to " + delayed(most)
	}
	return fmt.Sprintf("starts %s: %s in %s becomes %s in %s", by, old.Start, old.Location, current.Start, current.Location)
}

// movedEvent says how an event moves: on the clock, and in elapsed time as well where a clock change makes that another.
func movedEvent(old, current *schedules.Event) string {
	wall := func(t time.Time) time.Time { // as if there were no zones
		_, offset := t.In(current.Location).Zone()
		return t.Add(time.Duration(offset) * time.Second)
	}
	onClock := move(wall(current.Start).Sub(wall(old.Start)), wall(current.End).Sub(wall(old.End)))
	elapsed := move(current.Start.Sub(old.Start), current.End.Sub(old.End))
	switch {
	case onClock == elapsed:
		return onClock
	case onClock == "":
		return elapsed + " in elapsed time, at the same time on the clock"
	case elapsed == "":
		return onClock + " on the clock, at the same time"
	default:
		return onClock + " on the clock, " + elapsed + " in elapsed time"
	}
}

// move says how much later or earlier something starts and ends.
func move(start, end time.Duration) string {
	switch {
	case start == 0 && end == 0:
		return ""
	case start == end:
		return "moves " + delayed(start)
	case start == 0:
		return "ends " + delayed(end)
	case end == 0:
		return "starts " + delayed(start)
	default:
		return "starts " + delayed(start) + " and ends " + delayed(end)
	}
}

func delayed(d time.Duration) string {
	if d < 0 {
		return schedules.FormatDuration(-d) + " earlier"
	}
	return schedules.FormatDuration(d) + " later"
}
