package controller

import "time"

const (
	contestWindow  = time.Minute // of peace, after which reverts are counted anew; an opponent is told of once in that time
	contestFree    = 3           // reverts that are answered at once
	contestBackoff = time.Second // the first delay after that; it doubles
	contestLimit   = 30 * time.Second
)

// contest is what is remembered of the writer who keeps lowering the minReplicas of one held HPA. A revert is answered
// at once, but a persistent opponent slower and slower, so that two controllers do not write at each other as fast as
// they can.
type contest struct {
	opponent string
	reverts  int // without a minute's peace in between
	told     time.Time
	delay    time.Duration
	due      time.Time // when to answer the revert that is pending
	pending  bool
}

// reverted returns the contest after a look that saw the floor reverted by the opponent, and whether that revert is new.
// The same revert may be seen again until it is answered.
func (c contest) reverted(opponent string, now time.Time) (next contest, isNew bool) {
	if c.opponent != opponent {
		c = contest{opponent: opponent}
	}
	if c.pending {
		return c, false
	}
	if now.Sub(c.due).Abs() >= contestWindow {
		c.reverts, c.delay = 0, 0
	}
	c.reverts++
	switch {
	case c.delay > 0:
		c.delay = min(2*c.delay, contestLimit)
	case c.reverts > contestFree:
		c.delay = contestBackoff
	}
	c.pending, c.due = true, now.Add(c.delay)
	return c, true
}

// isDue says whether the pending revert may be answered. A clock that was stepped back does not keep it waiting.
func (c contest) isDue(now time.Time) bool {
	return !now.Before(c.due) || c.due.Sub(now) > contestLimit
}

// answer notes that the floor of the look was put back, if it was reverted, and returns the opponent to tell of, if any:
// once in a minute.
func (c *contest) answer(l Look) (opponent string) {
	if !l.reverted() {
		return ""
	}
	c.pending = false
	if !c.told.IsZero() && l.At.Sub(c.told).Abs() < contestWindow {
		return ""
	}
	c.told = l.At
	return c.opponent
}
