package controller

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/floorkeeper/floorkeeper/test/evening"
)

func (l *loop) request() reconcile.Request { return reconcile.Request{NamespacedName: l.key} }

// TestAReconcileThatTakesTooLongIsTriedAgain: only the end of the process, or of the term, ends the attempts.
func TestAReconcileThatTakesTooLongIsTriedAgain(t *testing.T) {
	l := evening24(t)
	l.now = evening.Clock(t, "19:20:00")
	ctx, cancel := context.WithCancel(t.Context())
	l.answer = func(func() error) error { return context.DeadlineExceeded }
	late, done := context.WithDeadline(ctx, time.Now().Add(-time.Second))
	defer done()
	if result, err := l.Reconcile(late, l.request()); err == nil && result.RequeueAfter == 0 {
		t.Error("it is not reconciled again before the next edge")
	}
	cancel()
	if result, err := l.Reconcile(ctx, l.request()); err != nil || result.RequeueAfter != 0 {
		t.Errorf("at the end of the process: %v, %v", result, err)
	}
}

// TestATermThatEndsLeavesNoTurnTaken: an HPA may be gone when the next term begins.
func TestATermThatEndsLeavesNoTurnTaken(t *testing.T) {
	l := evening24(t)
	var woken []types.NamespacedName
	l.shares.begin(func(key types.NamespacedName) { woken = append(woken, key) })
	other, third := types.NamespacedName{Namespace: l.key.Namespace, Name: "other"}, types.NamespacedName{Namespace: l.key.Namespace, Name: "third"}
	l.shares.enter(other, false)
	l.shares.enter(l.key, false)
	l.shares.enter(third, false)
	l.shares.leave(other)
	l.handBacks.waiting[l.key] = l.now
	l.handBacks.next(l.now, true)
	l.leads = false
	if _, err := l.Reconcile(t.Context(), l.request()); err != nil {
		t.Fatal(err)
	}
	if len(woken) != 2 || woken[1] != third {
		t.Errorf("woken are %v, want %s and %s", woken, l.key, third)
	}
	if l.handBacks.running.Len() != 0 {
		t.Errorf("%v have their turn for ever", l.handBacks.running)
	}
}

// TestWhatIsGoneIsForgotten: it was deleted while nobody led, and the leader before has left a note of it.
func TestWhatIsGoneIsForgotten(t *testing.T) {
	l := evening24(t)
	l.play("19:30:00")
	l.restart()
	if err := l.api.Delete(t.Context(), l.stored()); err != nil {
		t.Fatal(err)
	}
	if l.notes.String() == "" {
		t.Fatal("there is no note")
	}
	for _, due := range (&backlog{reconciler: l.reconciler}).everyHPA(t.Context()) {
		if _, err := l.Reconcile(t.Context(), reconcile.Request{NamespacedName: due.key}); err != nil {
			t.Fatal(err)
		}
	}
	if got := l.notes.String(); got != "" {
		t.Errorf("it is noted for ever: %s", got)
	}
}

// TestWhatOurOwnWriteHides: of a deletion that the watch has missed, the cache has the object as we wrote it; and after the
// hand-back of one that somebody has changed in between, a list shows both changes as one.
func TestWhatOurOwnWriteHides(t *testing.T) {
	l := evening24(t)
	l.play("19:20:00")
	l.now = l.now.Add(HandBackDelay)
	l.cached = l.stored()
	l.setsMin("kubectl-edit", 5)
	result, err := l.Reconcile(t.Context(), l.request())
	if err != nil || l.story[len(l.story)-1] != "19:20:01 hands back" {
		t.Fatalf("it is not handed back: %v, %q", err, l.story)
	}
	before, after := l.cached, l.stored()
	l.cached = nil
	if passes := l.noting().Update(event.UpdateEvent{ObjectOld: before, ObjectNew: after}); !passes && result.RequeueAfter == 0 {
		t.Error("nobody sees that the floor was lowered")
	}
	if !l.noting().Delete(event.DeleteEvent{Object: after}) {
		t.Error("nobody sees that it was deleted")
	}
}

// TestAFloorThatIsReachedAlready: the HPA controller asks for more than the floor before it is raised, and changes nothing.
func TestAFloorThatIsReachedAlready(t *testing.T) {
	l := evening24(t)
	l.policy = true
	busy := l.stored()
	busy.Status.DesiredReplicas = 30
	if err := l.api.Status().Update(t.Context(), busy); err != nil {
		t.Fatal(err)
	}
	l.play("19:20:00")
	if passes := l.noting().Update(event.UpdateEvent{ObjectOld: busy, ObjectNew: l.stored()}); !passes {
		t.Error("its own change is not looked at")
	}
	l.until("19:40:00", `
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:00.02 FloorReached the HPA asks for 30 replicas, 20ms after the raise to 24 ...
		23:30:00 wakes`)
}

// TestALookAheadIsNotPutOffForEver: something is always due.
func TestALookAheadIsNotPutOffForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := herald(t, Options{})
		h.feed.Publish(Outcome{Revision: &Revision{Schedule: evening.Schedule(t, 0)}})
		h.idle = func() bool { return false }
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _ = h.Start(ctx) }()
		time.Sleep(lookAheadLatest + time.Second)
		first := h.looks.Load()
		time.Sleep(lookAheadPeriod + 2*lookAheadLatest)
		synctest.Wait()
		if got := h.looks.Load(); first != 1 || got != 2 {
			t.Errorf("it has looked %d times at first and %d times after an hour, want 1 and 2", first, got)
		}
	})
}
