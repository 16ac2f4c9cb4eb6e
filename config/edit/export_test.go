package edit

import "github.com/floorkeeper/floorkeeper/schedules"

// SameSchedule reports whether an edit that was to give one schedule, and gave the other, is what was wanted.
func SameSchedule(a, b *schedules.Schedule) bool { return sameSchedule(a, b) }
