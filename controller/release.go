package controller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// HandBackDelay is how long after a change its ownership is handed back: the HPA controller is about to write the status
// of an HPA whose spec has changed, and should not meet a conflict.
const HandBackDelay = time.Second

// Release gives the baseline of an HPA back as if no entry were open, and returns its state before and after; an HPA
// with invalid annotations is not changed, nor one without them, unless its baseline is noted and [autoscaler.Recall] is sure
// of it. It reads from the API server, never from a cache, and starts again if somebody writes in between. Any client that may
// get and patch the HPA will do. Our entry in managedFields is left to [HandBack].
func Release(ctx context.Context, c client.Client, key client.ObjectKey, notes *Notes, options ...client.PatchOption) (before, after autoscaler.State, err error) {
	seen, noZero := false, false
	err = retryBriefly(func() error {
		hpa := &autoscalingv2.HorizontalPodAutoscaler{}
		if err := c.Get(ctx, key, hpa); err != nil {
			return fmt.Errorf("cannot read HorizontalPodAutoscaler %s: %w", key, err)
		}
		after = autoscaler.Recall(hpa, notes.Known(hpa, nil))
		if after.Condition != autoscaler.Free || !seen { // if it is free now, the answer to our patch was lost
			before, seen = after, true
		}
		after.ZeroLegal = after.ZeroLegal && !noZero
		next := after.Next(schedules.Decision{})
		if next == after {
			return nil
		}
		data, err := next.Patch(hpa.ResourceVersion)
		if err != nil {
			return fmt.Errorf("cannot write the patch of HorizontalPodAutoscaler %s: %w", key, err)
		}
		switch err := send(ctx, c, hpa, client.RawPatch(types.MergePatchType, data), options...); {
		case refusesZero(err) && !noZero:
			noZero = true
			return apierrors.NewConflict(autoscalingv2.Resource("horizontalpodautoscalers"), key.Name, err) // try again, with 1
		case err != nil:
			return err
		}
		known := notes.Known(hpa, nil)
		if noZero { // a floor of 1 over 0 would still be known
			known = autoscaler.Known{}
		}
		after = autoscaler.Recall(hpa, known) // as the API server stored it
		return nil
	})
	return before, after, err
}

// HandBack removes our entries from the managedFields of an HPA that was released, and returns its state. One that is
// held, or has invalid annotations, is not changed.
func HandBack(ctx context.Context, c client.Client, key client.ObjectKey) (state autoscaler.State, err error) {
	err = retryBriefly(func() error {
		hpa := &autoscalingv2.HorizontalPodAutoscaler{}
		if err := c.Get(ctx, key, hpa); err != nil {
			return fmt.Errorf("cannot read HorizontalPodAutoscaler %s: %w", key, err)
		}
		for state = autoscaler.Observe(hpa); state.Condition == autoscaler.Free; {
			index, owned := autoscaler.OwnEntry(hpa)
			if !owned {
				return nil
			}
			data, err := autoscaler.HandBackPatch(index)
			if err != nil {
				return fmt.Errorf("cannot write the patch of HorizontalPodAutoscaler %s: %w", key, err)
			}
			if err := send(ctx, c, hpa, client.RawPatch(types.JSONPatchType, data)); err != nil {
				return err
			}
		}
		return nil
	})
	return state, err
}

// send sends a patch with our field manager.
func send(ctx context.Context, c client.Client, hpa *autoscalingv2.HorizontalPodAutoscaler, patch client.Patch, options ...client.PatchOption) error {
	key := client.ObjectKeyFromObject(hpa)
	err := c.Patch(ctx, hpa, patch, append(options, client.FieldOwner(autoscaler.FieldManager))...)
	if patch.Type() == types.JSONPatchType {
		err = testAsConflict(err, autoscalingv2.Resource("horizontalpodautoscalers"), key.Name)
	}
	if err != nil {
		return fmt.Errorf("cannot patch HorizontalPodAutoscaler %s: %w", key, err)
	}
	return nil
}

// refusesZero reports whether the API server refuses a patch because its minReplicas is 0.
func refusesZero(err error) bool {
	status := apierrors.APIStatus(nil)
	if !errors.As(err, &status) || status.Status().Details == nil {
		return false
	}
	return slices.ContainsFunc(status.Status().Details.Causes, func(cause metav1.StatusCause) bool {
		return cause.Field == "spec.minReplicas" && strings.Contains(cause.Message, "Invalid value: 0")
	})
}

// testAsConflict returns the error of a JSON patch of an object; one whose test fails is a conflict too. The error of the API
// server then names no object, while that of a policy does.
func testAsConflict(err error, resource schema.GroupResource, name string) error {
	if testFailed(err) {
		return apierrors.NewConflict(resource, name, err)
	}
	return err
}

func testFailed(err error) bool {
	status := apierrors.APIStatus(nil)
	if !errors.As(err, &status) || status.Status().Code != http.StatusUnprocessableEntity {
		return false
	}
	details := status.Status().Details
	return details == nil || details.Name == ""
}

// retryBriefly repeats, for about two seconds, what fails with a conflict or because the server asks to retry later.
func retryBriefly(try func() error) error {
	backoff := wait.Backoff{Steps: 7, Duration: 30 * time.Millisecond, Factor: 2, Jitter: 0.1}
	return retry.OnError(backoff, func(err error) bool {
		return apierrors.IsConflict(err) || apierrors.IsServerTimeout(err) || apierrors.IsTooManyRequests(err) ||
			apierrors.IsServiceUnavailable(err)
	}, try)
}
