package run

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/floorkeeper/floorkeeper/controller"
)

// addChecks adds /healthz, which reports that the process serves, and /readyz, which reports that it could lead: a valid
// schedule was read and the cache is filled.
func addChecks(mgr manager.Manager, feed *controller.Feed) error {
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return fmt.Errorf("cannot add the health check: %w", err)
	}
	schedule := func(*http.Request) error {
		if feed.Current() == nil {
			return errors.New("no valid schedule was read yet; see the log")
		}
		return nil
	}
	if err := mgr.AddReadyzCheck("schedule", schedule); err != nil {
		return fmt.Errorf("cannot add the readiness check: %w", err)
	}
	caches := func(request *http.Request) error {
		ctx, cancel := context.WithTimeout(request.Context(), 500*time.Millisecond)
		defer cancel()
		informer, err := mgr.GetCache().GetInformer(ctx, &autoscalingv2.HorizontalPodAutoscaler{})
		if err != nil {
			return fmt.Errorf("the HorizontalPodAutoscalers are not read yet: %w", err)
		}
		if !informer.HasSynced() {
			return errors.New("the HorizontalPodAutoscalers are not read yet")
		}
		return nil
	}
	if err := mgr.AddReadyzCheck("cache", caches); err != nil {
		return fmt.Errorf("cannot add the readiness check: %w", err)
	}
	return nil
}
