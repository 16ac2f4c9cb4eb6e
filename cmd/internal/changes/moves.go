package changes

import (
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// moved says how an event moves from one schedule to another: on the clock, and in elapsed time as well where a clock
// change makes that another. It returns "" where the event does not move.
func moved(old, current *schedules.Event) string {
	if old == nil || current == nil {
		return ""
	}
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

func event(schedule *schedules.Schedule, name string) *schedules.Event {
	for i := range schedule.Events() {
		if event := &schedule.Events()[i]; event.Name == name {
			return event
		}
	}
	return nil
}
