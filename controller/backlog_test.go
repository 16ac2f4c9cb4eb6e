package controller

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// TestTheOrderAtABoundary rings alarms of one instant, beside what has changed and what is handed back.
func TestTheOrderAtABoundary(t *testing.T) {
	queue := priorityqueue.New[reconcile.Request]("order")
	defer queue.ShutDown()
	b := &backlog{reconciler: &reconciler{shares: newShares(1), gate: newGate()}}
	if b.busy() {
		t.Error("it is busy before it starts")
	}
	b.queue.Store(&queue)
	key := func(name string) types.NamespacedName { return types.NamespacedName{Namespace: "video", Name: name} }
	schedule := schedules.New(nil, []schedules.Event{
		{Entry: schedules.Entry{Name: "now"}}, {Entry: schedules.Entry{Name: "soon", LeadTime: 10 * time.Minute}},
	})
	urgent := func(because string, from, to int32) urgency {
		return urgencyOf(schedule, schedules.Decision{Because: because}, from, to)
	}
	b.add(priorityHandBack, key("handed back"))
	b.addInOrder([]alarm{
		{key: key("unknown"), urgency: looks},
		{key: key("lowered"), urgency: urgent("now", 9, 4)},
		{key: key("by 200 in 10 minutes"), urgency: urgent("soon", 4, 204)},
		{key: key("by 20"), urgency: urgent("now", 4, 24)},
		{key: key("by 21"), urgency: urgent("now", 4, 25)},
	})
	b.add(priorityChanged, key("changed"))
	var got []string
	for queue.Len() > 0 {
		request, _, _ := queue.GetWithPriority()
		got = append(got, request.Name)
	}
	if diff := cmp.Diff([]string{"changed", "by 21", "by 20", "by 200 in 10 minutes", "lowered", "unknown", "handed back"}, got); diff != "" {
		t.Errorf("the order (-want +got):\n%s", diff)
	}
	if b.busy() {
		t.Error("it is busy with nothing")
	}
}

// TestWhatWillBeUrgent asks before an edge what must be done at it, and at the edge what must be done now.
func TestWhatWillBeUrgent(t *testing.T) {
	schedule := evening.Schedule(t, 0)
	held := evening.HPA(autoscaler.State{
		Condition: autoscaler.Held, Mark: autoscaler.Mark{Baseline: 4, Floor: 72, Because: "cup-final"}, MinReplicas: 72, MaxReplicas: 100,
	})
	for at, want := range map[string]struct {
		state string
		next  urgency
		now   urgency
	}{
		"18:00:00": {"free", urgencyOf(schedule, schedules.Decision{Because: "prime-time"}, 4, 24), looks},
		"19:20:00": {"free", urgencyOf(schedule, schedules.Decision{Because: "cup-final"}, 24, 72), urgencyOf(schedule, schedules.Decision{Because: "prime-time"}, 4, 24)},
		"23:45:00": {"held", lowers, lowers}, // its annotations differ
	} {
		hpa := four()
		if want.state == "held" {
			hpa = held
		}
		v := autoscaler.Scope{}.Judge(schedule, hpa, evening.Clock(t, at))
		if next, now := urgencyNext(schedule, v), urgencyNow(schedule, v); next != want.next || now != want.now {
			t.Errorf("at %s: next %d, now %d, want %d and %d", at, next, now, want.next, want.now)
		}
	}
	ignored := four()
	ignored.Annotations = map[string]string{autoscaler.AnnotationIgnore: "true"}
	if v := (autoscaler.Scope{}).Judge(schedule, ignored, evening.Clock(t, "18:00:00")); urgencyNext(schedule, v) != looks {
		t.Error("one that is ignored is urgent")
	}
}

func TestAlarms(t *testing.T) {
	start := time.Date(2026, 12, 18, 20, 0, 0, 0, time.UTC)
	a := newAlarms(func() time.Time { return start })
	key := func(i int) types.NamespacedName {
		return types.NamespacedName{Namespace: "video", Name: fmt.Sprint(i)}
	}
	for i := range 50 {
		a.set(alarm{key: key(i), at: start.Add(time.Duration(i*37%50) * time.Minute)})
	}
	for i := range 25 {
		a.set(alarm{key: key(2 * i)}) // half of them are taken back
	}
	a.set(alarm{key: key(1), at: start.Add(-time.Second)}) // and one is set anew
	a.set(alarm{key: key(100)})
	due, next := a.take(start)
	if len(due) != 1 || due[0].key != key(1) {
		t.Errorf("due are %v", due)
	}
	for last := start; !next.IsZero(); {
		if !next.After(last) {
			t.Fatalf("%s follows %s", next, last)
		}
		last = next
		if due, next = a.take(next); len(due) != 1 || !due[0].at.Equal(last) {
			t.Fatalf("due at %s are %v", last, due)
		}
	}
	if len(a.heap.alarms) != 0 || len(a.heap.index) != 0 {
		t.Errorf("%d alarms are left, %d in the index", len(a.heap.alarms), len(a.heap.index))
	}
}

// TestAlarmsRing sets an alarm while another one, which is later, is waited for.
func TestAlarmsRing(t *testing.T) {
	a := newAlarms(time.Now)
	rung := make(chan alarm)
	go a.follow(t.Context(), func(due []alarm) { rung <- due[0] })
	a.set(alarm{key: types.NamespacedName{Name: "late"}, at: time.Now().Add(time.Hour)})
	a.set(alarm{key: types.NamespacedName{Name: "soon"}, at: time.Now().Add(50 * time.Millisecond)})
	if got := <-rung; got.key.Name != "soon" || got.at.After(time.Now()) {
		t.Errorf("%v rings", got)
	}
}

func TestHandBacksWaitForWhatIsUrgent(t *testing.T) {
	idle := false
	h := newHandBacks(func() bool { return idle })
	start := time.Date(2026, 12, 18, 20, 0, 0, 0, time.UTC)
	key := func(i int) types.NamespacedName { return types.NamespacedName{Name: fmt.Sprint(i)} }
	for i := range handBackShare + 5 {
		if h.turn(key(i), start, start) {
			t.Fatalf("it is the turn of %d while floors are due", i)
		}
	}
	if next, left := h.next(start.Add(time.Second), idle); len(next) != 0 || !left {
		t.Errorf("%v are next while floors are due", next)
	}
	h.forget(key(0))
	idle = true
	next, left := h.next(start.Add(time.Second), idle)
	if len(next) != handBackShare || !left {
		t.Errorf("%d are next, want %d", len(next), handBackShare)
	}
	if again, _ := h.next(start.Add(time.Second), idle); len(again) != 0 {
		t.Errorf("%v are next before the others are done", again)
	}
	if !h.turn(next[0], start, start.Add(time.Second)) || h.turn(next[0], start.Add(2*time.Second), start.Add(time.Second)) {
		t.Error("it is not the turn of one that is next, or it is of one that was changed since")
	}
	for _, k := range next {
		h.done(k)
	}
	idle = false
	if next, left := h.next(start.Add(2*handBackPatience), idle); len(next) != 5 || left {
		t.Errorf("after a long wait %v are next, want 5", next)
	}
}
