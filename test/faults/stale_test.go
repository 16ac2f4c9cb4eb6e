package faults

import (
	"net/http"
	"testing"
	"time"
)

// staleCache lets floorkeeper act on what it saw before its owner edited the HPA: while no event of the watch arrives, a
// floor opens, and later closes. The API server refuses what would have lost the edit, and floorkeeper looks again.
func staleCache(t *testing.T, s *scene) {
	s.create(t, "web", 2)
	p := s.startProxy(t, s.namespace)
	s.keep(t, "only", p)
	open := openFrom(4 * time.Second)
	s.publish(t, s.gala(open, 8))
	p.hold()
	s.edit(t, "web", 5)
	s.awaitHeld(t, "web", 8)
	s.wantConflicts(t, p, 1)
	at(open.start.Add(4 * time.Second)) // the cache is stale for a while yet
	s.wantState(t, held(8, 5))
	p.release()
	s.awaitHeld(t, "web", 8)

	p.hold()
	s.edit(t, "web", 6)
	open = open.until(3 * time.Second)
	s.publish(t, s.gala(open, 8))
	s.awaitFree(t, "web") // it knows by now that its cache is older than its own patch, and needs no conflict to find out
	at(open.end.Add(4 * time.Second))
	s.wantState(t, state{Min: 6})
	p.release()
	s.wantFree(t)
	s.wantQuiet(t, p)
}

// unseenSuccess lets floorkeeper see nothing of what it wrote itself, while its owner writes over it and deletes it.
func unseenSuccess(t *testing.T, s *scene) {
	s.create(t, "web", 2)
	p := s.startProxy(t, s.namespace)
	s.keep(t, "only", p)
	p.hold()
	open := openFrom(-5 * time.Second)
	s.publish(t, s.gala(open, 8))
	s.awaitMin(t, 8)
	s.edit(t, "web", 5)
	s.awaitHeld(t, "web", 8) // it looks again to hand back
	p.release()
	s.awaitHeld(t, "web", 8)

	p.hold()
	s.publish(t)
	s.awaitMin(t, 5)
	s.edit(t, "web", 4)
	s.awaitFree(t, "web")
	s.publish(t, s.gala(open, 9))
	s.awaitHeld(t, "web", 9)
	s.drop(t, "web")
	s.create(t, "web", 3)
	p.release()
	s.awaitHeld(t, "web", 9)
	s.publish(t)
	s.wantFree(t)
	s.wantQuiet(t, p)
}

// missedEvents lets the watch end and not come back while the HPA is edited twice, deleted and created again, and edited
// while its floor closes.
func missedEvents(t *testing.T, s *scene) {
	s.create(t, "web", 2)
	p := s.startProxy(t, s.namespace)
	s.keep(t, "only", p)
	open := openFrom(-5 * time.Second)
	s.publish(t, s.gala(open, 8))
	s.awaitHeld(t, "web", 8)

	seeing := p.blind()
	s.edit(t, "web", 5)
	s.edit(t, "web", 6)
	seeing()
	s.awaitHeld(t, "web", 8)

	seeing = p.blind()
	s.drop(t, "web")
	s.create(t, "web", 3)
	seeing()
	s.awaitHeld(t, "web", 8)

	seeing = p.blind()
	s.drop(t, "web")
	s.create(t, "web", 11) // above the floor
	seeing()
	s.awaitHeld(t, "web", 8)

	seeing = p.blind()
	open = open.until(2 * time.Second)
	s.publish(t, s.gala(open, 8))
	s.edit(t, "web", 9)
	s.edit(t, "web", 7)
	at(open.end.Add(time.Second))
	seeing()
	s.wantFree(t)
	s.wantQuiet(t, p)
}

// blind ends the watches of HPAs and refuses new ones, until the returned function is called.
func (p *proxy) blind() (seeing func()) {
	seeing = p.inject(fault{match: hpaReads, act: dropBefore})
	p.cut()
	return seeing
}

// wantConflicts checks that the API server refused a stale patch, without which the scene proves nothing.
func (s *scene) wantConflicts(t *testing.T, p *proxy, least int) {
	t.Helper()
	if count := p.count(hpaPatches, http.StatusConflict); count < least {
		t.Errorf("the API server refused %d patches for a conflict, want at least %d", count, least)
	}
}

// busy is more patches than any scene needs, and less than a busy loop would send within a second or two.
const busy = 80

// wantQuiet checks that floorkeeper did not write in a busy loop.
func (s *scene) wantQuiet(t *testing.T, p *proxy) {
	t.Helper()
	count := p.count(hpaPatches, -1)
	t.Logf("%d patches, %d of them refused for a conflict", count, p.count(hpaPatches, http.StatusConflict))
	if count > busy {
		t.Errorf("floorkeeper sent %d patches, want at most %d", count, busy)
	}
}
