package controller

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
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
	client    client.Client
	live      client.Reader // the API server itself, for when the cache is stale
	recorder  events.EventRecorder
	feed      *Feed
	scope     autoscaler.Scope
	settling  *settling
	notes     *Notes
	alarms    *alarms
	shares    *shares
	gate      *gate
	handBacks *handBacks
	targets   *targets // nil unless they are to be raised
	metrics   *metrics
	now       func() time.Time
	leading   func() bool  // whether the Lease is ours for certain
	term      atomic.Int64 // of this process; another replica has led between two of them
	dryRun    bool
	deadline  time.Duration // for a floor to be reached
	changed   func()        // called when an HPA has changed
	reverted  func()        // called when a revert was reported
	records   sync.Map
}

// Reconcile observes, decides, patches if something differs, and reports what was written.
func (r *reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	defer r.shares.passOn(req.NamespacedName)
	defer r.handBacks.done(req.NamespacedName)
	revision := r.feed.Current()
	if revision == nil || !r.leading() {
		return ctrl.Result{}, nil // touch nothing; the first schedule, or the Lease, causes a reconcile of every HPA
	}
	remembered := r.recall(req.NamespacedName)
	hpa, err := r.read(ctx, req.NamespacedName, remembered.conflicts > 0)
	if apierrors.IsNotFound(err) {
		r.forget(ctx, req.NamespacedName)
	}
	if err != nil || !hpa.DeletionTimestamp.IsZero() {
		return ctrl.Result{Priority: new(priorityFailed)}, client.IgnoreNotFound(err)
	}
	defer func() { r.records.Store(req.NamespacedName, remembered) }()
	if remembered.uid != hpa.UID {
		noted := r.notes.Known(hpa, nil)
		remembered = record{term: remembered.term, uid: hpa.UID, mark: noted.Mark, leftAlone: noted.LeftAlone}
	}
	if remembered.stale(hpa) {
		return remembered.conflict(), nil
	}
	verdict := r.judge(ctx, revision, hpa, &remembered)
	result, err := r.act(ctx, verdict, revision, &remembered)
	return r.outcome(ctx, verdict, &remembered, result, err)
}

// forget forgets an HPA that was deleted, and with the last one of a namespace the namespace.
func (r *reconciler) forget(ctx context.Context, key types.NamespacedName) {
	r.records.Delete(key)
	r.targets.forget(key)
	r.alarms.set(alarm{key: key})
	r.handBacks.forget(key)
	r.notes.keep(key, "", autoscaler.Mark{}, false)
	var rest autoscalingv2.HorizontalPodAutoscalerList
	err := r.client.List(ctx, &rest, client.InNamespace(key.Namespace), client.Limit(1), client.UnsafeDisableDeepCopy)
	if err == nil && len(rest.Items) == 0 {
		r.metrics.forget(key.Namespace)
	}
}

// copyOf returns the floor that the minReplicas of an HPA is a copy of.
func (r *reconciler) copyOf(ctx context.Context, hpa *autoscalingv2.HorizontalPodAutoscaler) autoscaler.Copy {
	var others autoscalingv2.HorizontalPodAutoscalerList
	if !autoscaler.CanBeCopy(hpa) || r.client.List(ctx, &others, client.InNamespace(hpa.Namespace), client.UnsafeDisableDeepCopy) != nil {
		return autoscaler.Copy{}
	}
	return autoscaler.CopyIn(others.Items, hpa)
}

// judge decides at this instant, also by what is remembered.
func (r *reconciler) judge(ctx context.Context, revision *Revision, hpa *autoscalingv2.HorizontalPodAutoscaler, remembered *record) autoscaler.Verdict {
	if found := r.copyOf(ctx, hpa); found != (autoscaler.Copy{}) {
		remembered.copied = found
	}
	var known autoscaler.Known
	if !r.dryRun {
		known = remembered.known()
	}
	verdict := r.scope.JudgeKnowing(revision.Schedule, hpa, r.now(), known)
	if !verdict.Copied() {
		remembered.copied = autoscaler.Copy{}
	}
	r.alarms.set(alarm{client.ObjectKeyFromObject(hpa), verdict.Asked.Next, urgencyNext(revision.Schedule, verdict)})
	return verdict
}

// outcome returns when to reconcile again.
func (r *reconciler) outcome(ctx context.Context, verdict autoscaler.Verdict, remembered *record, result ctrl.Result, err error) (ctrl.Result, error) {
	switch {
	case apierrors.IsConflict(err):
		if remembered.conflicts > conflictPatience { // a webhook may answer so each time
			r.reportRefusal(verdict, remembered, err)
		}
		return remembered.conflict(), nil
	case errors.Is(err, errShareInUse):
		return ctrl.Result{RequeueAfter: sharePatience, Priority: new(priorityFailed)}, nil // it is woken much earlier
	case errors.Is(err, errDeposed) || err != nil && errors.Is(ctx.Err(), context.Canceled):
		return ctrl.Result{}, nil // the Lease causes a reconcile of every HPA; or the process ends
	case errors.Is(err, errNoZero):
		return wakeAt(verdict.At, r.now()), nil
	}
	remembered.conflicts = 0
	if err != nil {
		return ctrl.Result{Priority: new(priorityFailed)}, client.IgnoreNotFound(err)
	}
	return result, nil
}

// read returns the HPA from the cache, whose maps it shares, or from the API server if the cache was stale, as a broken
// watch may take a minute to come back.
func (r *reconciler) read(ctx context.Context, key types.NamespacedName, stale bool) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	var reader client.Reader = r.client
	if stale {
		reader = r.live
	}
	hpa := &autoscalingv2.HorizontalPodAutoscaler{}
	if err := reader.Get(ctx, key, hpa, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("cannot read HorizontalPodAutoscaler %s: %w", key, err)
	}
	return hpa, nil
}

// act brings the HPA to its desired state, or returns when to reconcile it again.
func (r *reconciler) act(ctx context.Context, verdict autoscaler.Verdict, revision *Revision, remembered *record) (ctrl.Result, error) {
	remembered.reported = r.reportPersistent(verdict, revision, remembered.reported)
	if verdict.HeldBy != "" {
		remembered.mark = autoscaler.Mark{}
	}
	if verdict.TakenOff() || verdict.HeldBy != "" {
		r.targets.follow(ctx, verdict)
		r.note(verdict, remembered)
		return ctrl.Result{}, nil
	}
	remembered.label(verdict.HPA)
	if until, wait := r.settling.until(verdict, revision); wait && !remembered.relabelled {
		return wakeAt(until, r.now()), nil
	}
	if until, wait := r.contested(verdict, &remembered.reverts); wait {
		return wakeAt(until, r.now()), nil
	}
	if due := remembered.altered.due; verdict.State.Altered && verdict.At.Before(due) {
		return wakeAt(due, r.now()), nil
	}
	if remembered.answered(verdict.State) {
		r.reportChange(ctx, *remembered.unanswered, revision, remembered)
	}
	return r.perform(ctx, verdict, revision, remembered)
}

// perform writes what differs, reports what has come of the last change, and returns when to reconcile again.
func (r *reconciler) perform(ctx context.Context, verdict autoscaler.Verdict, revision *Revision, remembered *record) (ctrl.Result, error) {
	stored := verdict.Desired.MinReplicas
	if verdict.Desired != verdict.State {
		var err error
		if stored, err = r.write(ctx, verdict, revision, remembered); err != nil {
			return ctrl.Result{}, err
		}
		verdict.At = r.now() // what follows is counted from here: a webhook may have taken half a minute
	} else {
		r.report(verdict.HPA, verdict.GuardNotices(revision.Schedule)...)
	}
	asked := verdict
	verdict.Desired = verdict.Desired.As(stored)
	remembered.settle(verdict)
	r.targets.follow(ctx, verdict)
	r.note(verdict, remembered)
	again := r.accept(asked, stored, remembered)
	overdue := r.follow(verdict, remembered)
	later, err := r.handBack(ctx, verdict, remembered)
	return wakeAt(schedules.Earlier(again, schedules.Earlier(later, overdue)), r.now()), err
}

// note leaves to another leader what it cannot learn from an HPA whose annotations are taken off.
func (r *reconciler) note(verdict autoscaler.Verdict, remembered *record) {
	if !r.dryRun {
		r.notes.keep(client.ObjectKeyFromObject(verdict.HPA), verdict.HPA.UID, remembered.mark, remembered.mark != verdict.Desired.Mark)
	}
}

// follow reports whether the HPA controller follows the floor, and returns when to check that again.
func (r *reconciler) follow(verdict autoscaler.Verdict, remembered *record) (wake time.Time) {
	if r.dryRun {
		return time.Time{}
	}
	var notes []autoscaler.EventNote
	remembered.progress, notes, wake = remembered.progress.Follow(verdict, !remembered.seen, r.deadline)
	remembered.seen = true
	r.report(verdict.HPA, notes...)
	return wake
}

// contested counts a revert and returns until when the floor has to wait for its re-raise, if it has to. An entry that
// opens meanwhile does not wait.
func (r *reconciler) contested(verdict autoscaler.Verdict, c *reverts) (time.Time, bool) {
	if !verdict.Opposed() {
		c.pending = false
		return time.Time{}, false
	}
	if c.reverted(verdict.Opponent(), verdict.At) {
		r.metrics.reverted(verdict.HPA.Namespace, c.last)
	}
	return c.due, verdict.Continued() && !c.isDue(verdict.At)
}

// reportPersistent reports, once, a problem that no patch will follow, and returns its key.
func (r *reconciler) reportPersistent(verdict autoscaler.Verdict, revision *Revision, reported string) string {
	n, found := verdict.PersistentProblem(revision.Schedule)
	if key := n.Reason + n.Note; found && key != reported {
		r.report(verdict.HPA, n)
		return key
	} else if found {
		return reported
	}
	return ""
}

func (r *reconciler) report(regarding runtime.Object, notes ...autoscaler.EventNote) {
	if r.dryRun {
		return
	}
	for _, n := range notes {
		write(r.recorder, regarding, n)
	}
}

// wakeAt requests a reconcile at an instant before the next edge, with the priority of a change: controller-runtime would
// keep the low priority of the initial list.
func wakeAt(instant, now time.Time) ctrl.Result {
	if instant.IsZero() {
		return ctrl.Result{}
	}
	return ctrl.Result{RequeueAfter: max(instant.Sub(now), time.Millisecond), Priority: new(priorityChanged)}
}
