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
	now     func() time.Time
	stepped func()
}

// Start compares the clocks until the context ends. The ticker's time carries the monotonic reading.
func (c clockWatch) Start(ctx context.Context) error {
	ticker := time.NewTicker(clockPeriod)
	defer ticker.Stop()
	var monotonic, wall time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case tick := <-ticker.C:
			now := c.now().Round(0)
			drift := now.Sub(wall) - tick.Sub(monotonic)
			if known := !wall.IsZero(); known && drift.Abs() <= clockTolerance {
				continue
			} else if known {
				c.stepped()
			}
			monotonic, wall = tick, now
		}
	}
}
