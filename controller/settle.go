package controller

import (
	"sync"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// settling keeps floors up in the first minutes after an election. The kubelet refreshes a mounted ConfigMap with some
// delay, so a new leader may still read an old schedule: it raises at once, but lowers no floor before the instant until
// which that floor was promised. It ends early when the file changes.
type settling struct {
	period time.Duration
	mu     sync.Mutex
	from   time.Time // zero until the first reconcile
}

// restart begins the period anew.
func (s *settling) restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from = time.Time{}
}

// begin returns when the period began: now, if this is its first reconcile.
func (s *settling) begin(now time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.from.IsZero() {
		s.from = now
	}
	return s.from
}

// until returns whether the change has to wait, and until when. It never delays a raise, nor what a person asks for on the
// HPA itself: ignore, KEDA, a lowered maxReplicas. The period starts with the first call, which is one of the first
// reconciles after the election: several run at once.
func (s *settling) until(verdict autoscaler.Verdict, revision *Revision) (time.Time, bool) {
	from := s.begin(verdict.At)
	if elapsed := verdict.At.Sub(from); elapsed.Abs() >= s.period { // a clock may have been stepped back
		return time.Time{}, false
	}
	if revision.LoadedAt.After(from) || verdict.Refusal != "" {
		return time.Time{}, false
	}
	promised, early := verdict.State.LowersEarly(verdict.Desired, verdict.At)
	if !early {
		return time.Time{}, false
	}
	return schedules.Earlier(schedules.Earlier(from.Add(s.period), promised), verdict.Asked.Next), true
}
