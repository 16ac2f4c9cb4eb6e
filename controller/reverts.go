package controller

import (
	"maps"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

const (
	revertWindow  = time.Minute // without a revert, after which counting starts anew; a writer is reported once in that time
	revertFree    = 3           // reverts after which the floor is re-raised at once
	revertBackoff = time.Second // the first delay after that; it doubles
	revertLimit   = 30 * time.Second
)

// reverts remembers the writers that lower the minReplicas of one held HPA. The floor is re-raised at once, but more and
// more slowly against the same writer, so that two controllers do not overwrite each other as fast as they can.
type reverts struct {
	writers map[string]writer // by field manager
	last    string            // whose revert was the last one
	due     time.Time         // when to re-raise after the revert that is pending
	pending bool
}

type writer struct {
	reverts  int // with less than revertWindow in between
	delay    time.Duration
	due      time.Time // of the last re-raise
	reported time.Time
}

// reverted records that a writer reverted the floor, and reports whether that revert is new. The same revert is seen again
// until the floor is re-raised.
func (c *reverts) reverted(manager string, now time.Time) (isNew bool) {
	if c.pending && c.last == manager {
		return false
	}
	if c.writers == nil {
		c.writers = make(map[string]writer)
	}
	maps.DeleteFunc(c.writers, func(_ string, r writer) bool { return now.Sub(r.due).Abs() >= revertWindow })
	r := c.writers[manager]
	r.reverts++
	switch {
	case r.delay > 0:
		r.delay = min(2*r.delay, revertLimit)
	case r.reverts > revertFree:
		r.delay = revertBackoff
	}
	r.due = now.Add(r.delay)
	c.writers[manager] = r
	c.last, c.due, c.pending = manager, r.due, true
	return true
}

// isDue reports whether the floor may be re-raised. A clock that was stepped back does not delay it.
func (c *reverts) isDue(now time.Time) bool {
	return !now.Before(c.due) || c.due.Sub(now) > revertLimit
}

// reraised records that the floor was re-raised, if it was reverted, and returns the writer to report, if any: each once in
// revertWindow.
func (c *reverts) reraised(l autoscaler.Verdict) (manager string) {
	if !l.Reverted() {
		return ""
	}
	c.pending = false
	r := c.writers[c.last]
	if !r.reported.IsZero() && l.At.Sub(r.reported).Abs() < revertWindow {
		return ""
	}
	r.reported = l.At
	c.writers[c.last] = r
	return c.last
}
