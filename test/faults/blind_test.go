package faults

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// forbiddenNamespace lists a namespace that floorkeeper may not read. The other one has its floor all the same.
func forbiddenNamespace(t *testing.T, s *scene) {
	s.create(t, "web", 2)
	p := s.startProxy(t, s.namespace)
	p.inject(fault{
		match: func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/namespaces/gone/") },
		act:   refuse(http.StatusForbidden, metav1.StatusReasonForbidden), // as without its RoleBinding
	})
	k := s.keep(t, "only", p, "--namespaces="+s.namespace+",gone")
	s.publish(t, s.gala(openFrom(-5*time.Second), 8))
	s.awaitHeld(t, "web", 8)
	if log, err := os.ReadFile(k.options.Log); err != nil || !bytes.Contains(log, []byte("a namespace counts as empty")) {
		t.Errorf("the log does not name the namespace that may not be read: %v", err)
	}
	s.publish(t)
	s.wantFree(t)
}

// blindCandidate starts a process that gets no list of HPAs. It must not win the Lease: it would keep it, and do nothing,
// while a standby that sees everything waits. When the lists come back it takes part.
func blindCandidate(t *testing.T, s *scene) {
	s.create(t, "web", 2)
	p := s.startProxy(t, s.namespace+"-blind")
	end := p.inject(fault{match: hpaReads, act: refuse(http.StatusForbidden, metav1.StatusReasonForbidden)})
	open := openFrom(-time.Second)
	s.publish(t, s.gala(open, 8))
	blind := s.launch(t, "blind", p)
	s.awaitCount(t, p, hpaReads, 2)
	if holder, err := s.holder(t.Context()); err == nil && holder != "" {
		t.Errorf("the Lease is held by %q, which has no list of HPAs", holder)
	}
	s.keep(t, "seeing", nil)
	s.awaitHeld(t, "web", 8)
	end()
	await.Success(t, blind.name+" to be ready", blind.ready)
	s.publish(t)
	s.wantFree(t)
	if blind.ended() > 0 {
		t.Errorf("it ended %d times", blind.ended())
	}
}

// awaitCount waits until a proxy has seen a number of requests.
func (s *scene) awaitCount(t *testing.T, p *proxy, match func(*http.Request) bool, least int) {
	t.Helper()
	await.Success(t, fmt.Sprintf("%d requests", least), func(context.Context) error {
		if count := p.count(match, -1); count < least {
			return fmt.Errorf("there were %d", count)
		}
		return nil
	})
}
