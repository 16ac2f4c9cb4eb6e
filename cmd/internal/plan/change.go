package plan

import (
	"strings"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// about returns the description of an event that begins to apply, on one line of at most so many characters.
func about(c *forecast.Change, schedule *schedules.Schedule, most int) string {
	entry := c.After.Because
	if entry == "" || entry == c.Before.Because || schedule.Event(entry) == nil {
		return ""
	}
	return text.Cut(text.Visible(strings.Join(strings.Fields(schedule.Entry(entry).Description), " ")), most)
}
