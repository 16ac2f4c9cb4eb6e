package forecast

import (
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// Step is the next change of one HPA: what it becomes, when, and for which entry, "" where it is released.
type Step struct {
	At          time.Time
	MinReplicas int32
	Because     string
}

// Upcoming returns the next change of the HPA before an instant, as far as the schedule makes it, and false if there is
// none.
func Upcoming(l autoscaler.Verdict, schedule *schedules.Schedule, before time.Time) (Step, bool) {
	if schedule == nil || l.Refusal != "" || l.State.Lost() {
		return Step{}, false
	}
	for segment := range schedule.Timeline(l.Subject(), l.At, before) {
		next := l.State.Next(segment.Decision)
		if next.MinReplicas != l.Desired.MinReplicas || next.Mark.Because != l.Desired.Mark.Because {
			return Step{segment.From, next.MinReplicas, segment.Because}, true
		}
	}
	return Step{}, false
}
