package controller

import (
	"sync"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// settling keeps floors up in the first minutes after an election. The kubelet refreshes a mounted ConfigMap with some
// delay, so a new leader may still read an old schedule: it may raise at once, but it does not lower a floor before the
// instant up to which that floor was promised. It ends early when the file changes.
type settling struct {
	period time.Duration
	once   sync.Once
	from   time.Time
}

// until returns the instant at which to look again if the change has to wait, and whether it has. It never delays what
// a person asked for on the HPA itself: ignore, KEDA, a lowered maxReplicas; nor a raise. The time runs from the first
// call, which is one of the first looks after the election: several are taken at once.
func (s *settling) until(look autoscaler.Verdict, revision *Revision) (time.Time, bool) {
	s.once.Do(func() { s.from = look.At })
	if elapsed := look.At.Sub(s.from); elapsed.Abs() >= s.period { // a clock may have been stepped back
		return time.Time{}, false
	}
	if revision.LoadedAt.After(s.from) || look.Refusal != "" {
		return time.Time{}, false
	}
	promised, early := look.State.LowersEarly(look.Desired, look.At)
	if !early {
		return time.Time{}, false
	}
	return schedules.Earlier(schedules.Earlier(s.from.Add(s.period), promised), look.Asked.Next), true
}
