package controller

import (
	"context"
	"errors"
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

var (
	// errDeposed keeps a process that stood still for longer than its Lease from writing what it decided before.
	errDeposed = errors.New("the Lease may be another's by now")
	// errAltered says that the API server stored something else than was sent.
	errAltered = errors.New("another policy or webhook of the API server changed the patch")
)

// write patches the HPA and, when that has succeeded, reports it.
func (r *reconciler) write(ctx context.Context, look autoscaler.Verdict, revision *Revision, remembered *record) error {
	logger := log.FromContext(ctx).WithValues("from", look.State.MinReplicas, "to", look.Desired.MinReplicas,
		"baseline", look.State.Baseline(), "because", look.Desired.Mark.Because, "until", look.Desired.Mark.Until)
	if r.dryRun {
		if remembered.would != look.Desired {
			logger.Info("would change floor")
		}
		remembered.would = look.Desired
		return nil
	}
	if err := r.change(ctx, look, remembered); err != nil {
		r.tellRefusal(look, remembered, err)
		return err
	}
	remembered.written, remembered.refused = look.At, ""
	if boundary := remembered.boundary; !boundary.IsZero() && !boundary.After(look.At) {
		r.metrics.delay.Observe(r.now().Sub(boundary).Seconds())
	}
	logger.Info("floor changed", "direction", look.Direction())
	opponent := remembered.reverts.answer(look)
	r.tell(look.HPA, look.Notices(revision.Schedule, opponent)...)
	if opponent != "" {
		r.reverted()
	}
	return nil
}

// change sends the patch that brings the HPA to its next state, and fails if the API server stored another minReplicas.
func (r *reconciler) change(ctx context.Context, look autoscaler.Verdict, remembered *record) error {
	key := client.ObjectKeyFromObject(look.HPA)
	data, err := look.Desired.Patch(look.HPA.ResourceVersion)
	if err != nil {
		return fmt.Errorf("cannot write the patch of HorizontalPodAutoscaler %s: %w", key, err)
	}
	stored, err := r.patch(ctx, look.HPA, look.Direction(), client.RawPatch(types.MergePatchType, data))
	if err != nil {
		return err
	}
	remembered.wrote = stored.ResourceVersion
	if got := autoscaler.Observe(stored).MinReplicas; got != look.Desired.MinReplicas {
		return fmt.Errorf("cannot set minReplicas of HorizontalPodAutoscaler %s to %d, it became %d: %w", key, look.Desired.MinReplicas, got, errAltered)
	}
	return nil
}

// tellRefusal tells, once, that the API server does not let us write, which no Event of a change will follow.
func (r *reconciler) tellRefusal(look autoscaler.Verdict, remembered *record, err error) {
	refused := apierrors.IsForbidden(err) || apierrors.IsInvalid(err) || errors.Is(err, errAltered)
	if refused && remembered.refused != err.Error() {
		remembered.refused = err.Error()
		r.tell(look.HPA, autoscaler.PatchRefused(look, err))
	}
}

// handBack gives up the ownership of the fields that we wrote, so that whoever applies the HPA next meets no conflict. It
// returns when to do so, where it is too early: the HPA controller is about to write the status of an HPA whose spec has
// changed, and should not meet a conflict either. A ramp is handed back after its last step. What a crash prevents is
// made up for at the next look; a failure does not keep the next boundary waiting.
func (r *reconciler) handBack(ctx context.Context, look autoscaler.Verdict, remembered *record) (later time.Time, err error) {
	index, owned := autoscaler.OwnEntry(look.HPA)
	written := look.Desired != look.State
	if r.dryRun || look.State.Lost() || look.Applies.Ramp != schedules.Steady || !owned && !written {
		return time.Time{}, nil
	}
	due := remembered.written.Add(HandBackDelay)
	if written || look.At.Before(due) && due.Sub(look.At) <= HandBackDelay {
		return due, nil
	}
	err = r.disown(ctx, look.HPA, index, remembered)
	if err == nil || apierrors.IsConflict(err) {
		return time.Time{}, err
	}
	log.FromContext(ctx).Error(err, "cannot hand field ownership back; trying again", "in", maxBackoff)
	return look.At.Add(maxBackoff), nil
}

// disown removes our entry, at an index of managedFields.
func (r *reconciler) disown(ctx context.Context, hpa *autoscalingv2.HorizontalPodAutoscaler, index int, remembered *record) error {
	data, err := autoscaler.HandBackPatch(index)
	if err != nil {
		return fmt.Errorf("cannot write the patch of HorizontalPodAutoscaler %s: %w", client.ObjectKeyFromObject(hpa), err)
	}
	stored, err := r.patch(ctx, hpa, "hand-back", client.RawPatch(types.JSONPatchType, data))
	if err == nil {
		remembered.wrote = stored.ResourceVersion
	}
	return err
}

// patch sends a patch, counts it and returns what was stored.
func (r *reconciler) patch(ctx context.Context, hpa *autoscalingv2.HorizontalPodAutoscaler, direction string, patch client.Patch) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	if !r.leading() {
		return nil, fmt.Errorf("cannot patch HorizontalPodAutoscaler %s: %w", client.ObjectKeyFromObject(hpa), errDeposed)
	}
	stored := hpa.DeepCopy()
	err := send(ctx, r.client, stored, patch)
	r.metrics.patched(direction, err)
	return stored, err
}
