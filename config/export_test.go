package config

import (
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// Tune sets how a follower waits.
func (f *Follower) Tune(poll, quiet time.Duration) { f.poll, f.quiet = poll, quiet }

// AfterLook calls looked after each look at the files.
func (f *Follower) AfterLook(looked func()) { f.looked = looked }

// SameSchedule says whether an edit that was to give one schedule, and gave the other, is what was wanted.
func SameSchedule(a, b *schedules.Schedule) bool { return sameSchedule(a, b) }
