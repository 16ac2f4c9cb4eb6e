package controller

import (
	"context"
	"fmt"
	"sync"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// conflictDelay is how long to wait after a conflict before the next look. Whatever was written in between may have
// changed nothing that wakes us, and the cache needs a moment to show it.
const conflictDelay = 50 * time.Millisecond

// reconciler brings one HPA to the state that the schedule asks for at this instant. It runs no jobs and replays
// nothing: after any outage the right state follows from now.
type reconciler struct {
	client   client.Client
	recorder events.EventRecorder
	feed     *Feed
	scope    Scope
	settling *settling
	metrics  *metrics
	now      func() time.Time
	dryRun   bool
	changed  func() // called when an HPA was seen that may have changed
	memory   sync.Map
}

// memory is what the reconciler remembers of an HPA between two looks. Losing it loses no state.
type memory struct {
	boundary time.Time // the next edge that the previous look knew of
	told     string    // the standing problem that was told last
}

// Reconcile observes, decides, patches if something differs, and reports what was written.
func (r *reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	revision := r.feed.Current()
	if revision == nil {
		return ctrl.Result{}, nil // touch nothing; the first schedule wakes every HPA
	}
	r.changed()
	now := r.now()
	hpa := &autoscalingv2.HorizontalPodAutoscaler{}
	if err := r.client.Get(ctx, req.NamespacedName, hpa); err != nil {
		r.memory.Delete(req.NamespacedName)
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !hpa.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, nil
	}
	look := r.scope.Look(revision.Schedule, hpa, now)
	remembered := r.recall(req.NamespacedName)
	remembered.told = r.tellStanding(look, revision, remembered.told)
	r.memory.Store(req.NamespacedName, remembered)
	if until, wait := r.settling.until(look, revision); wait {
		return wakeAt(until, now), nil
	}
	if look.Next != look.State {
		if err := r.write(ctx, look, revision, remembered.boundary); apierrors.IsConflict(err) {
			return ctrl.Result{RequeueAfter: conflictDelay, Priority: new(0)}, nil
		} else if err != nil {
			return ctrl.Result{}, client.IgnoreNotFound(err)
		}
	}
	remembered.boundary = look.Asked.Next
	r.memory.Store(req.NamespacedName, remembered)
	return wakeAt(look.Asked.Next, now), nil
}

func (r *reconciler) recall(key types.NamespacedName) memory {
	value, _ := r.memory.Load(key)
	remembered, _ := value.(memory)
	return remembered
}

// write patches the HPA and, when that has succeeded, reports it. Boundary is the edge that the change was due at, if
// it was due.
func (r *reconciler) write(ctx context.Context, look Look, revision *Revision, boundary time.Time) error {
	logger := log.FromContext(ctx).WithValues("from", look.State.MinReplicas, "to", look.Next.MinReplicas,
		"baseline", look.State.Baseline(), "because", look.Next.Mark.Because, "until", look.Next.Mark.Until)
	if r.dryRun {
		logger.Info("would change floor")
		return nil
	}
	told := look.notices(revision.Schedule)
	direction := look.direction()
	if err := r.patch(ctx, look); err != nil {
		r.metrics.patched(direction, err)
		return fmt.Errorf("cannot patch HorizontalPodAutoscaler %s: %w", client.ObjectKeyFromObject(look.HPA), err)
	}
	acknowledged := r.now()
	r.metrics.patched(direction, nil)
	if !boundary.IsZero() && !boundary.After(look.At) {
		r.metrics.delay.Observe(acknowledged.Sub(boundary).Seconds())
	}
	logger.Info("floor changed", "direction", direction)
	r.tell(look.HPA, told...)
	return nil
}

func (r *reconciler) patch(ctx context.Context, look Look) error {
	data, err := look.Next.Patch(look.HPA.ResourceVersion)
	if err != nil {
		return err
	}
	hpa := look.HPA.DeepCopy()
	return r.client.Patch(ctx, hpa, client.RawPatch(types.MergePatchType, data), client.FieldOwner(FieldManager))
}

// tellStanding tells, once, of a problem that no patch will follow, and returns what was told.
func (r *reconciler) tellStanding(look Look, revision *Revision, told string) string {
	n, found := look.standing(revision.Schedule)
	if key := n.reason + n.note; found && key != told {
		r.tell(look.HPA, n)
		return key
	} else if found {
		return told
	}
	return ""
}

func (r *reconciler) tell(regarding runtime.Object, told ...notice) {
	if r.dryRun {
		return
	}
	for _, n := range told {
		r.recorder.Eventf(regarding, nil, n.eventType, n.reason, n.action, "%s", n.note)
	}
}

// wakeAt asks for the next look at an instant, with the priority of a change: controller-runtime would keep the low
// priority of the initial list.
func wakeAt(instant, now time.Time) ctrl.Result {
	if instant.IsZero() {
		return ctrl.Result{}
	}
	return ctrl.Result{RequeueAfter: max(instant.Sub(now), time.Millisecond), Priority: new(0)}
}
