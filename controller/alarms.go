package controller

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// alarms wake HPAs at the next edges of their entries: all of one instant together, in the order of their urgency. Their
// methods may be called from any goroutine.
type alarms struct {
	now func() time.Time

	mu    sync.Mutex
	heap  alarmHeap
	reset chan struct{} // signalled when the first alarm is another one
}

type alarm struct {
	key     types.NamespacedName
	at      time.Time
	urgency urgency
}

func newAlarms(now func() time.Time) *alarms {
	return &alarms{now: now, heap: alarmHeap{index: make(map[types.NamespacedName]int)}, reset: make(chan struct{}, 1)}
}

// set replaces the alarm of an HPA; the zero time removes it.
func (a *alarms) set(next alarm) {
	a.mu.Lock()
	defer a.mu.Unlock()
	i, known := a.heap.index[next.key]
	switch {
	case next.at.IsZero() && known:
		heap.Remove(&a.heap, i)
	case next.at.IsZero():
	case known:
		a.heap.alarms[i] = next
		heap.Fix(&a.heap, i)
	default:
		heap.Push(&a.heap, next)
	}
	if i, known := a.heap.index[next.key]; known && i == 0 {
		signal(a.reset)
	}
}

// take removes the alarms that are due, and returns them and the instant of the next one.
func (a *alarms) take(now time.Time) (due []alarm, next time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.heap.Len() > 0 {
		if first := a.heap.alarms[0]; first.at.After(now) {
			return due, first.at
		}
		due = append(due, heap.Pop(&a.heap).(alarm))
	}
	return due, time.Time{}
}

// maxAlarmWait bounds the wait for an alarm on a machine whose clock is set back; a step of the clock pokes every HPA.
const maxAlarmWait = time.Hour

// follow rings the alarms until the context ends.
func (a *alarms) follow(ctx context.Context, ring func([]alarm)) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.reset:
		case <-timer.C:
		}
		now := a.now()
		due, next := a.take(now)
		if len(due) > 0 {
			ring(due)
		}
		wait := maxAlarmWait
		if !next.IsZero() {
			wait = min(wait, next.Sub(now))
		}
		timer.Reset(wait)
	}
}

// alarmHeap implements heap.Interface, and knows where the alarm of each HPA is.
type alarmHeap struct {
	alarms []alarm
	index  map[types.NamespacedName]int
}

func (h *alarmHeap) Len() int           { return len(h.alarms) }
func (h *alarmHeap) Less(i, j int) bool { return h.alarms[i].at.Before(h.alarms[j].at) }

func (h *alarmHeap) Swap(i, j int) {
	h.alarms[i], h.alarms[j] = h.alarms[j], h.alarms[i]
	h.index[h.alarms[i].key], h.index[h.alarms[j].key] = i, j
}

func (h *alarmHeap) Push(x any) {
	next := x.(alarm)
	h.index[next.key] = len(h.alarms)
	h.alarms = append(h.alarms, next)
}

func (h *alarmHeap) Pop() any {
	last := h.alarms[len(h.alarms)-1]
	h.alarms = h.alarms[:len(h.alarms)-1]
	delete(h.index, last.key)
	return last
}
