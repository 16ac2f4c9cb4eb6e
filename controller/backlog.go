package controller

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// The order of what is due at the same time: what somebody has changed, for it may have knocked a floor down; floors to be
// raised; floors to be lowered; HPAs for which nothing is known to be due; and what does not concern floors. What has failed
// is behind all that, and behind what a new leader has not seen yet.
const (
	priorityChanged  = 0 // as controller-runtime has it
	priorityRaise    = -1
	priorityLower    = -2
	priorityLook     = -3
	priorityHandBack = -4
	priorityFailed   = handler.LowPriority - 1
)

// backlog is the controller's queue as a source, for HPAs that no watch event puts there.
type backlog struct {
	*reconciler
	events *Events
	queue  atomic.Pointer[priorityqueue.PriorityQueue[reconcile.Request]] // nil before it starts
}

// newBacklog makes Events and hand-backs wait for the floors that are due.
func newBacklog(r *reconciler, events *Events) *backlog {
	b := &backlog{reconciler: r, events: events}
	r.handBacks = newHandBacks(b.idle)
	events.busy = b.busy
	return b
}

// Start implements source.Source.
func (b *backlog) Start(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	prioritized := queue.(priorityqueue.PriorityQueue[reconcile.Request])
	b.queue.Store(&prioritized)
	b.shares.begin(func(key types.NamespacedName) { b.add(priorityChanged, key) })
	go b.handBacks.follow(ctx, b.now, func(keys ...types.NamespacedName) { b.add(priorityHandBack, keys...) })
	go b.alarms.follow(ctx, b.addInOrder)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-b.feed.pokes:
				b.addInOrder(b.everyHPA(ctx))
			}
		}
	}()
	return nil
}

// everyHPA returns every HPA as due now, and what is remembered of one that is gone, if this process leads.
func (b *backlog) everyHPA(ctx context.Context) []alarm {
	revision := b.feed.Current()
	if revision == nil || !b.leading() {
		return nil
	}
	var hpas autoscalingv2.HorizontalPodAutoscalerList
	if err := b.client.List(ctx, &hpas, client.UnsafeDisableDeepCopy); err != nil {
		log.FromContext(ctx).Error(err, "cannot list HorizontalPodAutoscalers")
		return nil
	}
	due, now, gone := make([]alarm, len(hpas.Items)), b.now(), b.remembered()
	for i := range hpas.Items {
		hpa := &hpas.Items[i]
		due[i] = alarm{client.ObjectKeyFromObject(hpa), now, urgencyNow(revision.Schedule, b.scope.Judge(revision.Schedule, hpa, now))}
		gone.Delete(due[i].key)
	}
	for key := range gone { // while nobody led, so that no event of that has passed
		due = append(due, alarm{key: key, at: now})
	}
	return due
}

func (b *backlog) add(priority int, keys ...types.NamespacedName) {
	requests := make([]reconcile.Request, len(keys))
	for i := range keys {
		requests[i].NamespacedName = keys[i]
	}
	(*b.queue.Load()).AddWithOpts(priorityqueue.AddOpts{Priority: &priority}, requests...)
}

// addInOrder adds HPAs that are due at the same time, the more urgent first.
func (b *backlog) addInOrder(due []alarm) {
	slices.SortStableFunc(due, func(a, b alarm) int { return cmp.Compare(b.urgency, a.urgency) })
	for rest := due; len(rest) > 0; {
		priority := rest[0].urgency.priority()
		count := slices.IndexFunc(rest, func(a alarm) bool { return a.urgency.priority() != priority })
		if count < 0 {
			count = len(rest)
		}
		keys := make([]types.NamespacedName, count)
		for i := range keys {
			keys[i] = rest[i].key
		}
		b.add(priority, keys...)
		rest = rest[count:]
	}
}

// busy reports whether a floor is due that is not on its way yet.
func (b *backlog) busy() bool {
	queue := b.queue.Load()
	return queue != nil && (*queue).Len() > 0 || b.shares.waits() || b.gate.waits()
}

// idle reports whether no floor is due, and no Event waits.
func (b *backlog) idle() bool { return !b.busy() && !b.events.waits() }

// urgency orders what is due at the same instant. A floor that has to be raised is urgent: the more the less time is left
// until its entry begins, and the more replicas it adds.
type urgency int64

const (
	looks  urgency = iota // nothing is known to be due
	lowers                // and all that follow raise
)

func (u urgency) priority() int {
	switch u {
	case looks:
		return priorityLook
	case lowers:
		return priorityLower
	default:
		return priorityRaise
	}
}

// urgencyOf returns how urgent a step is from one minReplicas to another, which a decision asks for.
func urgencyOf(schedule *schedules.Schedule, d schedules.Decision, from, to int32) urgency {
	if to <= from {
		return lowers
	}
	left := 24 * time.Hour // at most
	if entry := schedule.Entry(d.Because); entry != nil {
		left -= entry.LeadTime
	}
	return lowers + urgency(max(0, left)/time.Second)*schedules.MaxReplicas + urgency(to-from)
}

// urgencyNow returns how urgent the HPA is.
func urgencyNow(schedule *schedules.Schedule, v autoscaler.Verdict) urgency {
	if v.Desired == v.State {
		return looks
	}
	return urgencyOf(schedule, v.Applies, v.State.MinReplicas, v.Desired.MinReplicas)
}

// urgencyNext returns how urgent the HPA will be at the next edge.
func urgencyNext(schedule *schedules.Schedule, v autoscaler.Verdict) urgency {
	if v.Asked.Next.IsZero() || v.Refusal != "" || v.State.Lost() {
		return looks
	}
	next := schedule.At(v.Subject(), v.Asked.Next)
	return urgencyOf(schedule, next, v.Desired.MinReplicas, v.Desired.Under(next.Floor).MinReplicas)
}
