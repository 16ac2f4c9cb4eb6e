package explain

import (
	"fmt"
	"time"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// parseInstant reads --at. If clocks show it twice or never, reading names the instant that is taken.
func parseInstant(at string, zone *time.Location, now time.Time) (instant time.Time, reading string, err error) {
	if at == "now" || at == "" {
		return now.In(zone), "", nil
	}
	instant, err = config.ParseTime(at, zone)
	if err != nil {
		return instant, "", fmt.Errorf("cannot use --at: %w", err)
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", time.DateOnly} {
		if wall, err := time.Parse(layout, at); err == nil {
			return instant, ambiguity(wall, instant), nil
		}
	}
	return instant, "", nil
}

// ambiguity compares a time of the wall clock, in UTC, with the instant that it is taken for.
func ambiguity(wall, taken time.Time) string {
	zone := taken.Location()
	date, clock := schedules.DateOf(wall, time.UTC), schedules.Clock(wall.Hour()*3600+wall.Minute()*60+wall.Second())
	_, offset := taken.Zone()
	if taken.Unix()+int64(offset) != wall.Unix() {
		return fmt.Sprintf("Clocks of %s skip %s on %s; %s is taken, the earlier reading. Give --at with an offset for another.",
			zone, clock, text.Day(wall), text.Clock(taken))
	}
	if again := schedules.EndInstant(date, clock, zone); again.After(taken) {
		return fmt.Sprintf("Clocks of %s show %s twice on %s; %s is taken, the earlier. Give --at %s for the later.",
			zone, clock, text.Day(wall), text.Clock(taken), again.Format(time.RFC3339))
	}
	return ""
}
