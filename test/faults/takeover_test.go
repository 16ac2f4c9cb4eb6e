package faults

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

// takeover ends the leader shortly before a floor opens and measures until the standby has raised it. What was promised
// is printed beside what was measured; the limit leaves room for a machine that is busy with other things.
func takeover(death syscall.Signal, promised, limit time.Duration) func(*testing.T, *scene) {
	return func(t *testing.T, s *scene) {
		s.create(t, "web", 2)
		leader, standby := s.pair(t)
		open := openFrom(4 * time.Second)
		s.publish(t, s.gala(open, 8))
		at(open.start.Add(-200 * time.Millisecond))
		s.wantState(t, state{Min: 2})
		died := time.Now()
		leader.signal(t, death, true)
		s.awaitMin(t, 8)
		took := time.Since(died)
		t.Logf("RESULT takeover after %s: the floor stood after %.1f s, promised %s", death, took.Seconds(), promised)
		if took > limit {
			t.Errorf("the standby raised the floor %s after %s, want at most %s", took, death, limit)
		}
		s.awaitHeld(t, "web", 8)
		s.publish(t, s.gala(open.until(2*time.Second), 8))
		s.wantFree(t)
		if standby.ended() > 0 {
			t.Errorf("the standby ended %d times", standby.ended())
		}
	}
}

// takeovers are measured when the scenes have ended.
func (c *cluster) takeovers(t *testing.T) {
	for i := range 3 {
		term, kill := fmt.Sprintf("takeover-term-%d", i), fmt.Sprintf("takeover-kill-%d", i)
		t.Run(term, func(t *testing.T) {
			t.Parallel()
			c.play(t, term, takeover(syscall.SIGTERM, 3*time.Second, 4500*time.Millisecond))
		})
		t.Run(kill, func(t *testing.T) {
			t.Parallel()
			c.play(t, kill, takeover(syscall.SIGKILL, 10*time.Second, 13*time.Second))
		})
	}
}
