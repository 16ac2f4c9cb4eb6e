package faults

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
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
	patched, reported := c.uncrashed(t, "no-crash")
	if patched < 12 || reported < 8 {
		t.Fatalf("a night took %d patches and %d Events", patched, reported)
	}
	points := patchPoints(patched)
	for n := range reported - 3 {
		points = append(points, point{"event", events, n})
	}
	for _, n := range []int{0, 1, 2, 5, 9} {
		points = append(points, point{"lease", leaseWrites, n})
	}
	return points
}

func patchPoints(patched int) (points []point) {
	for n := range patched {
		points = append(points, point{"patch", hpaPatches, n})
	}
	return points
}

// uncrashed plays the night without a crash, and counts what it writes.
func (c *cluster) uncrashed(t *testing.T, name string) (patched, reported int) {
	t.Helper()
	c.play(t, name, func(t *testing.T, s *scene) {
		s.create(t, "web", 2)
		p := c.startProxy(t, s.namespace)
		s.keep(t, "only", p)
		night(t, s)
		patched, reported = p.count(hpaPatches, -1), p.count(events, -1)
	})
	return patched, reported
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
	c.crashAtEach(t, "crash", c.crashPoints(t))
}

func (c *cluster) crashAtEach(t *testing.T, prefix string, points []point) {
	for _, at := range points {
		for when, reaches := range map[string]bool{"before": false, "after": true} {
			name := fmt.Sprintf("%s-%s-%s-%d", prefix, when, at.kind, at.index)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c.play(t, name, crash(at, reaches))
			})
		}
	}
}

// crashesHandedBack does the same for patches where the API server hands ownership back in the same write: nothing on the HPA
// then names floorkeeper. The guard, which would leave less to write, is not in force.
func (c *cluster) crashesHandedBack(t *testing.T) {
	s := &strangers{plane: c.ControlPlane, hpas: c.client.AutoscalingV2().HorizontalPodAutoscalers("default")}
	s.install(t)
	if _, err := c.Kubectl(t.Context(), "delete", "mutatingadmissionpolicybinding/floorkeeper-floor-guard"); err != nil {
		t.Fatal(err)
	}
	await.Success(t, "the guard to be gone", func(ctx context.Context) error {
		if s.guarded(ctx) == nil {
			return errors.New("it keeps the floor")
		}
		return nil
	})
	if err := s.hpas.Delete(t.Context(), "held", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	patched, _ := c.uncrashed(t, "handed-back")
	if patched < 6 || patched >= 12 {
		t.Fatalf("a night took %d patches", patched)
	}
	t.Run("each", func(t *testing.T) { c.crashAtEach(t, "handed-back", patchPoints(patched)) })
}
