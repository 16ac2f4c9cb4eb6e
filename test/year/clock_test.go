package year

import (
	"sort"
	"sync"
	"time"
)

// clock is the injected wall clock. It stops or goes on as the monotonic clock does, and is set at will. It
// remembers what it showed when.
type clock struct {
	mu   sync.Mutex
	sets []setting
}

// setting means that from an instant on the clock showed an instant and stopped there, or went on from there.
type setting struct {
	from, shown time.Time
	stands      bool
}

func newClock(shown time.Time) *clock {
	return &clock{sets: []setting{{time.Now(), shown.Round(0), true}}}
}

func (c *clock) now() time.Time { return c.at(time.Now()) }

// at returns what the clock showed at an instant of the real one.
func (c *clock) at(instant time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := sort.Search(len(c.sets), func(i int) bool { return c.sets[i].from.After(instant) })
	s := c.sets[max(i-1, 0)]
	if s.stands {
		return s.shown
	}
	return s.shown.Add(instant.Sub(s.from))
}

// set makes the clock show an instant, and stop there or go on.
func (c *clock) set(shown time.Time, stands bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sets = append(c.sets, setting{time.Now(), shown.Round(0), stands})
}

// run lets the clock go on from what it shows.
func (c *clock) run() { c.set(c.now(), false) }

// stop stops it.
func (c *clock) stop() { c.set(c.now(), true) }
