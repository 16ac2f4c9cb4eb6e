package timeline

import (
	"fmt"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// ClockChanges returns the instants of [from, to) at which local clocks are set to another time. Each is in the zone, and
// so shows what clocks show from then on.
func ClockChanges(from, to time.Time, zone *time.Location) []time.Time {
	var all []time.Time
	for t := from.In(zone); ; {
		_, end := t.ZoneBounds()
		if !end.IsZero() && !end.After(t) { // on the last day of a leap year it can be one that has passed
			end = t.Truncate(24 * time.Hour).Add(24 * time.Hour)
		}
		if end.IsZero() || !end.Before(to) {
			return all
		}
		if end = end.In(zone); shifted(end) != 0 {
			all = append(all, end)
		}
		t = end
	}
}

// shifted returns by how much clocks are set forward at an instant.
func shifted(at time.Time) time.Duration {
	_, before := at.Add(-1).Zone()
	_, after := at.Zone()
	return time.Duration(after-before) * time.Second
}

// TellClockChange says what a clock change does.
func TellClockChange(at time.Time) string {
	name, offset := at.Add(-1).Zone()
	before := at.In(time.FixedZone(name, offset))
	by, direction := shifted(at), "forward"
	if by < 0 {
		by, direction = -by, "back"
	}
	return fmt.Sprintf("%s: clocks go %s by %s, to %s", before.Format("Mon 2 Jan 15:04 MST"), direction, schedules.FormatDuration(by), at.Format("15:04 MST"))
}
