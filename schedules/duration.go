package schedules

import (
	"strconv"
	"strings"
	"time"
)

// FormatDuration returns a duration of whole seconds as a schedule writes it, in days, hours, minutes and seconds,
// without those that are zero: 45m, 1h30m, 7d. Zero is 0s.
func FormatDuration(d time.Duration) string {
	var text strings.Builder
	if d < 0 {
		text.WriteByte('-')
		d = -d
	}
	for _, unit := range []struct {
		length time.Duration
		letter byte
	}{{24 * time.Hour, 'd'}, {time.Hour, 'h'}, {time.Minute, 'm'}, {time.Second, 's'}} {
		if n := d / unit.length; n > 0 {
			text.WriteString(strconv.Itoa(int(n)))
			text.WriteByte(unit.letter)
		}
		d %= unit.length
	}
	if text.Len() == 0 {
		return "0s"
	}
	return text.String()
}
