package faults

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// night is a whole story of one HPA: a floor opens, its owner edits below and above it, the schedule changes, and the
// floor closes. Each step waits until the one before has come to its end.
func night(t *testing.T, s *scene) {
	open := openFrom(-5 * time.Second)
	s.publish(t, s.gala(open, 8))
	s.awaitHeld(t, "web", 8)
	s.edit(t, "web", 4)
	s.awaitHeld(t, "web", 8)
	s.publish(t, s.gala(open, 12))
	s.awaitHeld(t, "web", 12)
	s.edit(t, "web", 15)
	s.awaitHeld(t, "web", 12)
	s.edit(t, "web", 3)
	s.awaitHeld(t, "web", 12)
	s.publish(t, s.gala(open.until(4*time.Second), 12))
	s.wantFree(t)
}

// crashAt kills floorkeeper when it sends a request, before or after it reaches the API server.
func crashAt(k **keeper, match func(*http.Request) bool, after int, reaches bool) fault {
	return fault{match: match, after: after, times: 1, act: func(p *proxy, _ http.ResponseWriter, r *http.Request) {
		if reaches {
			p.forward(httptest.NewRecorder(), r)
		}
		(*k).crash()
		abort()
	}}
}

// point is a write at which floorkeeper is killed: one of a kind, counted from 0.
type point struct {
	kind  string
	match func(*http.Request) bool
	index int
}

// crashPoints are the writes that a night takes. The last Events are left out: how many there are differs a little.
func (c *cluster) crashPoints(t *testing.T) []point {
	t.Helper()
	var patched, reported int
	c.play(t, "no-crash", func(t *testing.T, s *scene) {
		s.create(t, "web", 2)
		p := c.startProxy(t, s.namespace)
		s.keep(t, "only", p)
		night(t, s)
		patched, reported = p.count(hpaPatches, -1), p.count(events, -1)
	})
	if patched < 12 || reported < 8 {
		t.Fatalf("a night took %d patches and %d Events", patched, reported)
	}
	var points []point
	for n := range patched {
		points = append(points, point{"patch", hpaPatches, n})
	}
	for n := range reported - 3 {
		points = append(points, point{"event", events, n})
	}
	for _, n := range []int{0, 1, 2, 5, 9} {
		points = append(points, point{"lease", leaseWrites, n})
	}
	return points
}

// crash plays the night with a crash at one write, before or after it reaches the API server.
func crash(at point, reaches bool) func(*testing.T, *scene) {
	return func(t *testing.T, s *scene) {
		s.create(t, "web", 2)
		p := s.startProxy(t, s.namespace)
		var k *keeper
		p.inject(crashAt(&k, at.match, at.index, reaches))
		k = s.launch(t, "only", p)
		night(t, s)
		if k.crashes == 0 {
			t.Errorf("it was never killed: the night took no more than %d such writes", p.count(at.match, -1))
		}
		if k.ended() > 0 {
			t.Errorf("it ended by its own doing %d times", k.ended())
		}
	}
}

// crashes plays the night once for each write that it takes, with a crash at that write.
func (c *cluster) crashes(t *testing.T) {
	t.Parallel()
	for _, at := range c.crashPoints(t) {
		for _, reaches := range []bool{false, true} {
			name := fmt.Sprintf("crash-before-%s-%d", at.kind, at.index)
			if reaches {
				name = fmt.Sprintf("crash-after-%s-%d", at.kind, at.index)
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c.play(t, name, crash(at, reaches))
			})
		}
	}
}
