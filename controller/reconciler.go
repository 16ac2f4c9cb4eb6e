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

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// reconciler brings one HPA to the state that the schedule asks for at this instant. It runs no jobs and replays
// nothing: after any outage the right state follows from now.
type reconciler struct {
	client   client.Client
	live     client.Reader // the API server itself, for when the cache has turned out to be stale
	recorder events.EventRecorder
	feed     *Feed
	scope    autoscaler.Scope
	settling *settling
	metrics  *metrics
	now      func() time.Time
	leading  func() bool // whether the Lease is ours for certain
	dryRun   bool
	deadline time.Duration // of a floor to be reached
	changed  func()        // called when an HPA was seen that may have changed
	reverted func()        // called when a revert was told of
	records  sync.Map
}

// Reconcile observes, decides, patches if something differs, and reports what was written.
func (r *reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	revision := r.feed.Current()
	if revision == nil {
		return ctrl.Result{}, nil // touch nothing; the first schedule wakes every HPA
	}
	r.changed()
	now := r.now()
	remembered := r.recall(req.NamespacedName)
	hpa, err := r.read(ctx, req.NamespacedName, remembered.conflicts > 0)
	if apierrors.IsNotFound(err) {
		r.records.Delete(req.NamespacedName)
	}
	if err != nil || !hpa.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	defer func() { r.records.Store(req.NamespacedName, remembered) }()
	if remembered.uid != hpa.UID {
		remembered = record{uid: hpa.UID}
	}
	if remembered.stale(hpa) {
		return remembered.conflict(), nil
	}
	look := r.scope.Judge(revision.Schedule, hpa, now)
	look.Stripped = !r.dryRun && remembered.stripped(look)
	result, err := r.act(ctx, look, revision, &remembered)
	if apierrors.IsConflict(err) {
		return remembered.conflict(), nil
	}
	remembered.conflicts = 0
	if err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	return result, nil
}

// read returns the HPA from the cache; or from the API server where the cache was stale, for a broken watch may take a
// minute to come back.
func (r *reconciler) read(ctx context.Context, key types.NamespacedName, stale bool) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	var reader client.Reader = r.client
	if stale {
		reader = r.live
	}
	hpa := &autoscalingv2.HorizontalPodAutoscaler{}
	if err := reader.Get(ctx, key, hpa); err != nil {
		return nil, fmt.Errorf("cannot read HorizontalPodAutoscaler %s: %w", key, err)
	}
	return hpa, nil
}

// act brings the HPA to the state that the look decided on, or says when to look again.
func (r *reconciler) act(ctx context.Context, look autoscaler.Verdict, revision *Revision, remembered *record) (ctrl.Result, error) {
	remembered.told = r.tellStanding(look, revision, remembered.told)
	if until, wait := r.settling.until(look, revision); wait {
		return wakeAt(until, look.At), nil
	}
	if until, wait := r.contested(look, &remembered.reverts); wait {
		return wakeAt(schedules.Earlier(until, look.Asked.Next), look.At), nil
	}
	if look.Desired != look.State {
		if err := r.write(ctx, look, revision, remembered); err != nil {
			return ctrl.Result{}, err
		}
	}
	remembered.settle(look)
	overdue := r.follow(look, remembered)
	later, err := r.handBack(ctx, look, remembered)
	return wakeAt(schedules.Earlier(look.Asked.Next, schedules.Earlier(later, overdue)), look.At), err
}

// follow tells whether the HPA controller takes the floor up, and returns when to look again for that.
func (r *reconciler) follow(look autoscaler.Verdict, remembered *record) (wake time.Time) {
	if r.dryRun {
		return time.Time{}
	}
	var told []autoscaler.EventNote
	remembered.progress, told, wake = remembered.progress.Follow(look, !remembered.looked, r.deadline)
	remembered.looked = true
	r.tell(look.HPA, told...)
	return wake
}

// contested counts a revert, and says until when its answer has to wait. An entry that opens meanwhile does not wait.
func (r *reconciler) contested(look autoscaler.Verdict, c *reverts) (time.Time, bool) {
	if !look.Reverted() {
		c.pending = false
		return time.Time{}, false
	}
	if c.reverted(autoscaler.MinReplicasManager(look.HPA), look.At) {
		r.metrics.reverts.WithLabelValues(look.HPA.Namespace, c.last).Inc()
	}
	return c.due, look.Continued() && !c.isDue(look.At)
}

// tellStanding tells, once, of a problem that no patch will follow, and returns what was told.
func (r *reconciler) tellStanding(look autoscaler.Verdict, revision *Revision, told string) string {
	n, found := look.PersistentProblem(revision.Schedule)
	if key := n.Reason + n.Note; found && key != told {
		r.tell(look.HPA, n)
		return key
	} else if found {
		return told
	}
	return ""
}

func (r *reconciler) tell(regarding runtime.Object, told ...autoscaler.EventNote) {
	if r.dryRun {
		return
	}
	for _, n := range told {
		write(r.recorder, regarding, n)
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
