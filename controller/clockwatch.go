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
// are wall-clock instants, so every timer set before is then wrong, and every HPA is reconciled.
type clockWatch struct {
	now       func() time.Time
	stepped   func()
	monotonic time.Time // when the clocks last agreed, on the monotonic clock
	wall      time.Time // and on the wall clock
}

// newClockWatch takes the clocks as they are now as the reference, so any later step is noticed.
func newClockWatch(now func() time.Time, stepped func()) *clockWatch {
	return &clockWatch{now: now, stepped: stepped, monotonic: time.Now(), wall: now().Round(0)}
}

// Start compares the clocks once a second until the context ends.
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

// compare reports a step if the wall clock has not advanced as the monotonic clock has.
func (c *clockWatch) compare(monotonic, wall time.Time) {
	drift := wall.Sub(c.wall) - monotonic.Sub(c.monotonic)
	if drift.Abs() <= clockTolerance {
		return
	}
	c.monotonic, c.wall = monotonic, wall
	c.stepped()
}
