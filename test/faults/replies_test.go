package faults

import (
	"net/http"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// badReplies are the ways in which patches go wrong for a while.
func badReplies() map[string]action {
	return map[string]action{
		"reply-409":       refuse(http.StatusConflict, metav1.StatusReasonConflict),
		"reply-403":       refuse(http.StatusForbidden, metav1.StatusReasonForbidden),
		"reply-422":       refuse(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid),
		"reply-429":       refuse(http.StatusTooManyRequests, metav1.StatusReasonTooManyRequests),
		"reply-500":       refuse(http.StatusInternalServerError, metav1.StatusReasonInternalError),
		"reply-late":      slow(3 * time.Second),
		"request-dropped": dropBefore,
		"reply-dropped":   dropAfter,
	}
}

// replies lets every patch go wrong in the same way while a floor opens, and again while it closes. The owner writes
// meanwhile.
func replies(act action) func(t *testing.T, s *scene) {
	return func(t *testing.T, s *scene) {
		s.create(t, "web", 2)
		p := s.startProxy(t, s.namespace)
		k := s.keep(t, "only", p)
		wrong := fault{match: hpaPatches, act: act}

		open := openFrom(3 * time.Second)
		s.publish(t, s.gala(open, 8))
		end := p.inject(wrong)
		at(open.start.Add(2 * time.Second))
		s.edit(t, "web", 4)
		at(open.start.Add(5 * time.Second))
		s.wantAttempts(t, p, 1)
		end()
		s.awaitHeld(t, "web", 8)

		before := p.count(hpaPatches, -1)
		end = p.inject(wrong)
		open = open.until(3 * time.Second)
		s.publish(t, s.gala(open, 8))
		at(open.end.Add(2 * time.Second))
		s.edit(t, "web", 3)
		at(open.end.Add(5 * time.Second))
		s.wantAttempts(t, p, before+1)
		end()
		s.wantFree(t)
		s.wantQuiet(t, p)
		if k.ended() > 0 {
			t.Errorf("it ended by its own doing %d times", k.ended())
		}
	}
}

// wantAttempts checks that floorkeeper has tried, without which the scene proves nothing.
func (s *scene) wantAttempts(t *testing.T, p *proxy, least int) {
	t.Helper()
	if count := p.count(hpaPatches, -1); count < least {
		t.Errorf("floorkeeper sent %d patches, want at least %d", count, least)
	}
}
