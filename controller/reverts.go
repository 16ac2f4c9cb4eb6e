package controller

import (
	"maps"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

const (
	revertWindow  = time.Minute // of peace, after which reverts are counted anew; an opponent is told of once in that time
	revertFree    = 3           // reverts that are answered at once
	revertBackoff = time.Second // the first delay after that; it doubles
	revertLimit   = 30 * time.Second
)

// reverts is what is remembered of the writers who keep lowering the minReplicas of one held HPA. A revert is answered at
// once, but a persistent opponent slower and slower, so that two controllers do not write at each other as fast as they
// can.
type reverts struct {
	writers map[string]writer // by field manager
	last    string            // whose revert was the last one
	due     time.Time         // when to answer the revert that is pending
	pending bool
}

// writer is one of those writers.
type writer struct {
	reverts int // without a minute's peace in between
	delay   time.Duration
	due     time.Time // of the last answer
	told    time.Time
}

// reverted notes that a look saw the floor reverted by the opponent, and returns whether that revert is new. The same
// revert may be seen again until it is answered.
func (c *reverts) reverted(opponent string, now time.Time) (isNew bool) {
	if c.pending && c.last == opponent {
		return false
	}
	if c.writers == nil {
		c.writers = make(map[string]writer)
	}
	maps.DeleteFunc(c.writers, func(_ string, r writer) bool { return now.Sub(r.due).Abs() >= revertWindow })
	r := c.writers[opponent]
	r.reverts++
	switch {
	case r.delay > 0:
		r.delay = min(2*r.delay, revertLimit)
	case r.reverts > revertFree:
		r.delay = revertBackoff
	}
	r.due = now.Add(r.delay)
	c.writers[opponent] = r
	c.last, c.due, c.pending = opponent, r.due, true
	return true
}

// isDue says whether the pending revert may be answered. A clock that was stepped back does not keep it waiting.
func (c *reverts) isDue(now time.Time) bool {
	return !now.Before(c.due) || c.due.Sub(now) > revertLimit
}

// answer notes that the floor of the look was put back, if it was reverted, and returns the opponent to tell of, if any:
// each once in a minute.
func (c *reverts) answer(l autoscaler.Verdict) (opponent string) {
	if !l.Reverted() {
		return ""
	}
	c.pending = false
	r := c.writers[c.last]
	if !r.told.IsZero() && l.At.Sub(r.told).Abs() < revertWindow {
		return ""
	}
	r.told = l.At
	c.writers[c.last] = r
	return c.last
}
