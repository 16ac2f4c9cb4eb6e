package forecast

import (
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// ScheduleFindings returns the findings that need no HPAs: entries that are in the past, and the occurrences in [from, to)
// that a daylight-saving change touches.
func ScheduleFindings(schedule *schedules.Schedule, now, from, to time.Time) []Finding {
	var findings []Finding
	windows := schedule.Windows()
	for i := range windows {
		if open, next := windows[i].Spans(now); len(open) == 0 && next.IsZero() {
			findings = append(findings, Finding{
				Kind: PastEntry, Entry: windows[i].Name,
				Message: "its last date is over, and it does nothing any more",
			})
		}
	}
	for _, event := range schedule.Events() {
		if closed := event.Span().Closes(); !closed.After(now) {
			findings = append(findings, Finding{
				Kind: PastEntry, Entry: event.Name, From: closed,
				Message: "it is over since " + text.Minute(closed.In(event.Location)) + " and does nothing any more",
			})
		}
	}
	for _, change := range schedule.ClockChanges(from, to) {
		findings = append(findings, Finding{Kind: ClockChange, Entry: change.Entry, From: change.From, Message: change.String()})
	}
	return findings
}
