package page

import (
	"fmt"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// TellClockChange reports what clocks do at a shift.
func TellClockChange(shift schedules.Shift) string {
	by, direction := shift.By, "forward"
	if by < 0 {
		by, direction = -by, "back"
	}
	return fmt.Sprintf("%s: clocks go %s by %s, to %s",
		shift.Before.Format("Mon 2 Jan 15:04 MST"), direction, schedules.FormatDuration(by), shift.At.Format("15:04 MST"))
}
