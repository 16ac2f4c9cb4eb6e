package explain

import (
	"fmt"
	"time"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// instantOf reads --at. Where clocks show what is written twice or never, reading says which instant is taken.
func instantOf(text string, zone *time.Location, now time.Time) (at time.Time, reading string, err error) {
	if text == "now" || text == "" {
		return now.In(zone), "", nil
	}
	at, err = config.ParseTime(text, zone)
	if err != nil {
		return at, "", fmt.Errorf("cannot use --at: %w", err)
	}
	return at, readingOf(text, at), nil
}

// readingOf compares what is written with what clocks show.
func readingOf(input string, at time.Time) string {
	written, ok := wallClock(input)
	if !ok {
		return ""
	}
	clock := text.TimeOfDay(written)
	if !shows(at, written) {
		return fmt.Sprintf("Clocks of %s skip %s on %s; %s is taken, the earlier reading. Give --at with an offset for another.",
			at.Location(), clock, text.Day(written), text.Clock(at))
	}
	hour, minute, second := written.Clock()
	date, clockTime := schedules.DateOf(written, time.UTC), schedules.Clock(hour*3600+minute*60+second)
	if again := schedules.EndInstant(date, clockTime, at.Location()); again.After(at) {
		return fmt.Sprintf("Clocks of %s show %s twice on %s; %s is taken, the earlier. Give --at %s for the later.",
			at.Location(), clock, text.Day(written), text.Clock(at), again.Format(time.RFC3339))
	}
	return ""
}

// wallClock returns what is written, in UTC, and false where it has an offset.
func wallClock(text string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02"} {
		if written, err := time.Parse(layout, text); err == nil {
			return written, true
		}
	}
	return time.Time{}, false
}

func shows(at, written time.Time) bool {
	year, month, day := at.Date()
	return time.Date(year, month, day, at.Hour(), at.Minute(), at.Second(), 0, time.UTC).Equal(written)
}
