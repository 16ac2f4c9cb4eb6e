package controller

import (
	"context"
	"time"
)

const (
	clockPeriod    = time.Second
	clockTolerance = 250 * time.Millisecond
)

// clockWatch notices that the wall clock was stepped or has drifted. Timers run on the monotonic clock while boundaries
// are wall-clock instants, so every timer set before is then wrong, and each HPA is looked at again.
type clockWatch struct {
	now       func() time.Time
	stepped   func()
	monotonic time.Time // when the clocks were last seen to agree, on the monotonic clock
	wall      time.Time // and on the wall
}

// newClockWatch compares with the clocks as they are now, so that a step is noticed whenever it comes after this.
func newClockWatch(now func() time.Time, stepped func()) *clockWatch {
	return &clockWatch{now: now, stepped: stepped, monotonic: time.Now(), wall: now().Round(0)}
}

// Start compares the clocks until the context ends.
func (c *clockWatch) Start(ctx context.Context) error {
	ticker := time.NewTicker(clockPeriod)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			c.compare(time.Now(), c.now().Round(0))
		}
	}
}

// compare asks for a look at every HPA if the wall clock has not gone on as the monotonic one has.
func (c *clockWatch) compare(monotonic, wall time.Time) {
	drift := wall.Sub(c.wall) - monotonic.Sub(c.monotonic)
	if drift.Abs() <= clockTolerance {
		return
	}
	c.monotonic, c.wall = monotonic, wall
	c.stepped()
}
