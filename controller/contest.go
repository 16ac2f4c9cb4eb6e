package controller

import (
	"maps"
	"time"
)

const (
	contestWindow  = time.Minute // of peace, after which reverts are counted anew; an opponent is told of once in that time
	contestFree    = 3           // reverts that are answered at once
	contestBackoff = time.Second // the first delay after that; it doubles
	contestLimit   = 30 * time.Second
)

// contest is what is remembered of the writers who keep lowering the minReplicas of one held HPA. A revert is answered at
// once, but a persistent opponent slower and slower, so that two controllers do not write at each other as fast as they
// can.
type contest struct {
	rivals   map[string]rival // by field manager
	opponent string           // whose revert was the last one
	due      time.Time        // when to answer the revert that is pending
	pending  bool
}

// rival is one of those writers.
type rival struct {
	reverts int // without a minute's peace in between
	delay   time.Duration
	due     time.Time // of the last answer
	told    time.Time
}

// reverted notes that a look saw the floor reverted by the opponent, and returns whether that revert is new. The same
// revert may be seen again until it is answered.
func (c *contest) reverted(opponent string, now time.Time) (isNew bool) {
	if c.pending && c.opponent == opponent {
		return false
	}
	if c.rivals == nil {
		c.rivals = make(map[string]rival)
	}
	maps.DeleteFunc(c.rivals, func(_ string, r rival) bool { return now.Sub(r.due).Abs() >= contestWindow })
	r := c.rivals[opponent]
	r.reverts++
	switch {
	case r.delay > 0:
		r.delay = min(2*r.delay, contestLimit)
	case r.reverts > contestFree:
		r.delay = contestBackoff
	}
	r.due = now.Add(r.delay)
	c.rivals[opponent] = r
	c.opponent, c.due, c.pending = opponent, r.due, true
	return true
}

// isDue says whether the pending revert may be answered. A clock that was stepped back does not keep it waiting.
func (c *contest) isDue(now time.Time) bool {
	return !now.Before(c.due) || c.due.Sub(now) > contestLimit
}

// answer notes that the floor of the look was put back, if it was reverted, and returns the opponent to tell of, if any:
// each once in a minute.
func (c *contest) answer(l Look) (opponent string) {
	if !l.reverted() {
		return ""
	}
	c.pending = false
	r := c.rivals[c.opponent]
	if !r.told.IsZero() && l.At.Sub(r.told).Abs() < contestWindow {
		return ""
	}
	r.told = l.At
	c.rivals[c.opponent] = r
	return c.opponent
}
