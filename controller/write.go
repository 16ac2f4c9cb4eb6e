package controller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

var (
	// errDeposed keeps a process that was stopped for longer than its Lease from writing what it decided before.
	errDeposed = errors.New("the Lease may be another's by now")
	// errAltered means that the API server stored less than the baseline.
	errAltered = errors.New("another policy or webhook of the API server changed the patch")
	// errNoZero means that the API server does not take a minReplicas of 0; the next attempt has 1.
	errNoZero = errors.New("the API server refuses a minReplicas of 0")
)

// write patches the HPA and, when that has succeeded, reports it.
func (r *reconciler) write(ctx context.Context, verdict autoscaler.Verdict, revision *Revision, remembered *record) (stored int32, err error) {
	if r.dryRun {
		if remembered.would != verdict.Desired {
			logChange(ctx, "would change floor", verdict)
		}
		remembered.would = verdict.Desired
		return verdict.Desired.MinReplicas, nil
	}
	stored, err = r.change(ctx, verdict, remembered)
	if refusesZero(err) && !remembered.noZero {
		remembered.noZero = true
		return 0, errNoZero
	} else if err != nil {
		if unanswered(err) {
			remembered.unanswered = &verdict
		}
		r.reportRefusal(verdict, remembered, err)
		return 0, err
	}
	verdict.Desired = verdict.Desired.As(stored)
	r.reportChange(ctx, verdict, revision, remembered)
	return stored, nil
}

// unanswered reports whether a patch was sent and may have been stored.
func unanswered(err error) bool {
	return !apierrors.IsConflict(err) && !refuses(err) && !errors.Is(err, errShareInUse) && !errors.Is(err, errDeposed)
}

func logChange(ctx context.Context, message string, verdict autoscaler.Verdict) {
	log.FromContext(ctx).Info(message, "from", verdict.State.MinReplicas, "to", verdict.Desired.MinReplicas, "baseline", verdict.State.Baseline(),
		"because", verdict.Desired.Mark.Because, "until", verdict.Desired.Mark.Until, "direction", verdict.Direction())
}

// reportChange reports a change that was stored.
func (r *reconciler) reportChange(ctx context.Context, verdict autoscaler.Verdict, revision *Revision, remembered *record) {
	remembered.written, remembered.noZero, remembered.unanswered = r.now(), false, nil
	if boundary := remembered.boundary; !boundary.IsZero() && !boundary.After(verdict.At) {
		r.metrics.delay.Observe(r.now().Sub(boundary).Seconds())
	}
	logChange(ctx, "floor changed", verdict)
	manager := remembered.reverts.reraised(verdict)
	r.report(verdict.HPA, verdict.Notices(revision.Schedule, manager)...)
	if manager != "" {
		r.reverted()
	}
}

// accept takes the minReplicas that the API server stored instead of ours, and returns when to write again: the next patch
// makes it the floor.
func (r *reconciler) accept(asked autoscaler.Verdict, stored int32, remembered *record) (again time.Time) {
	if stored == asked.Desired.MinReplicas {
		return time.Time{}
	}
	if n, ok := asked.FloorAltered(stored); ok && remembered.altered.reverts < revertFree && stored != remembered.altered.stored {
		r.report(asked.HPA, n)
	}
	if asked.Desired.Condition == autoscaler.Free {
		return time.Time{}
	}
	remembered.altered.add(asked.Desired.MinReplicas, stored, asked.At)
	return remembered.altered.due
}

// change sends the patch that brings the HPA to its next state, and returns the minReplicas that was stored.
func (r *reconciler) change(ctx context.Context, verdict autoscaler.Verdict, remembered *record) (int32, error) {
	data, err := verdict.Desired.Patch(verdict.HPA.ResourceVersion)
	if err != nil {
		return 0, fmt.Errorf("cannot write the patch of HorizontalPodAutoscaler %s: %w", client.ObjectKeyFromObject(verdict.HPA), err)
	}
	stored, err := r.patch(ctx, verdict.HPA, verdict.Direction(), !remembered.failing.IsZero(), client.RawPatch(types.MergePatchType, data))
	if err != nil {
		return 0, err
	}
	remembered.wrote = stored.ResourceVersion
	_, remembered.owns = autoscaler.OwnEntry(stored)
	got, desired := autoscaler.Observe(stored).MinReplicas, verdict.Desired
	if desired.Condition == autoscaler.Held && got < desired.Mark.Baseline {
		remembered.altered.add(desired.MinReplicas, got, r.now())
		return 0, fmt.Errorf("cannot set minReplicas of HorizontalPodAutoscaler %s to %d, it became %d: %w", client.ObjectKeyFromObject(verdict.HPA),
			desired.MinReplicas, got, errAltered)
	}
	return got, nil
}

// reportRefusal reports, once, that the API server refuses our patch, so no Event of a change will follow; or that it has
// failed for a while for another reason.
func (r *reconciler) reportRefusal(verdict autoscaler.Verdict, remembered *record, err error) {
	if errors.Is(err, errShareInUse) || errors.Is(err, errDeposed) {
		return
	}
	now := r.now()
	if remembered.failing.IsZero() {
		remembered.failing = now
	}
	persists := now.Sub(remembered.failing) >= failurePatience
	if !refuses(err) && !persists || remembered.refused == err.Error() || persists && remembered.refused != "" {
		return
	}
	remembered.refused = err.Error()
	r.report(verdict.HPA, autoscaler.PatchRefused(verdict, err))
}

// failurePatience is how long patches of an HPA may fail before that is reported; an outage of the API server is often
// shorter.
const failurePatience = time.Minute

// refuses reports whether an error is a decision about the patch: by the API server's validation, or by a policy or webhook,
// which chooses its code and is named in the message. An API server that is starting also answers 401, 403 and 500.
func refuses(err error) bool {
	if errors.Is(err, errAltered) {
		return true
	}
	status := apierrors.APIStatus(nil)
	if !errors.As(err, &status) {
		return false
	}
	switch s := status.Status(); s.Code {
	case http.StatusConflict, http.StatusNotFound, http.StatusTooManyRequests:
		return false
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return true
	default:
		return strings.Contains(s.Message, "webhook") || strings.Contains(s.Message, "AdmissionPolicy")
	}
}

// handBack releases the ownership of the fields that we wrote, so that the next apply of the HPA meets no conflict, unless
// the policy of that name has done so in the same write. It is early for that at first: the HPA controller is about to write
// the status of an HPA whose spec has changed, and should meet no conflict either. A ramp is handed back after its last
// step. After a crash, the next reconcile does it. It returns when to try again what failed.
func (r *reconciler) handBack(ctx context.Context, verdict autoscaler.Verdict, remembered *record) (later time.Time, err error) {
	index, owned := autoscaler.OwnEntry(verdict.HPA)
	written := verdict.Desired != verdict.State
	if written {
		owned = remembered.owns
	}
	if r.dryRun || verdict.State.Lost() || verdict.Applies.Ramp != schedules.Steady || !owned {
		return time.Time{}, nil
	}
	due := remembered.written.Add(HandBackDelay)
	if due.Sub(verdict.At) > HandBackDelay { // the clock was set back
		due = verdict.At
	}
	if !r.handBacks.turn(client.ObjectKeyFromObject(verdict.HPA), due, verdict.At) {
		return time.Time{}, nil
	}
	return r.disownLater(ctx, verdict, remembered, r.disown(ctx, verdict.HPA, index, remembered))
}

// disownLater returns when to try again what failed, if it did. A webhook may answer with the code of a conflict each time.
func (r *reconciler) disownLater(ctx context.Context, verdict autoscaler.Verdict, remembered *record, err error) (time.Time, error) {
	if err == nil {
		remembered.disowning = 0
	}
	if err == nil || errors.Is(err, errShareInUse) || errors.Is(err, errDeposed) || ctx.Err() != nil {
		return time.Time{}, err
	}
	if remembered.disowning++; apierrors.IsConflict(err) && remembered.disowning <= conflictPatience {
		return time.Time{}, err
	}
	log.FromContext(ctx).Error(err, "cannot hand field ownership back; trying again", "in", maxBackoff)
	return verdict.At.Add(maxBackoff), nil
}

// disown removes our entry, which is at index of managedFields.
func (r *reconciler) disown(ctx context.Context, hpa *autoscalingv2.HorizontalPodAutoscaler, index int, remembered *record) error {
	data, err := autoscaler.HandBackPatch(index)
	if err != nil {
		return fmt.Errorf("cannot write the patch of HorizontalPodAutoscaler %s: %w", client.ObjectKeyFromObject(hpa), err)
	}
	stored, err := r.patch(ctx, hpa, "hand-back", remembered.disowning > 0, client.RawPatch(types.JSONPatchType, data))
	if err == nil && !concerns(event.UpdateEvent{ObjectOld: hpa, ObjectNew: stored}) { // else its watch event must pass
		remembered.wrote = stored.ResourceVersion
	}
	return err
}

// patch sends a patch, counts it and returns what was stored.
func (r *reconciler) patch(ctx context.Context, hpa *autoscalingv2.HorizontalPodAutoscaler, direction string, failed bool, patch client.Patch) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	key := client.ObjectKeyFromObject(hpa)
	if !r.shares.enter(key, failed) {
		return nil, fmt.Errorf("cannot patch HorizontalPodAutoscaler %s: %w", key, errShareInUse)
	}
	defer r.shares.leave(key)
	defer r.gate.enter()()
	if !r.leading() {
		return nil, fmt.Errorf("cannot patch HorizontalPodAutoscaler %s: %w", key, errDeposed)
	}
	ctx, cancel := context.WithTimeout(ctx, patchTimeout)
	defer cancel()
	stored := &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: hpa.Namespace, Name: hpa.Name}}
	err := send(ctx, r.client, stored, patch)
	r.metrics.patched(direction, err)
	return stored, err
}
