package controller

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

// NewInformer returns an informer that is back within two seconds after an outage of the API server. A reflector of
// client-go backs off to a minute, which cannot be set for an informer, so the outage is hidden from it: lists and
// watches are repeated until there is an answer.
func NewInformer(lw cache.ListerWatcher, object runtime.Object, resync time.Duration, indexers cache.Indexers) cache.SharedIndexInformer {
	api := cache.ToListerWatcherWithContext(lw)
	return cache.NewSharedIndexInformer(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			return patiently(ctx, func() (runtime.Object, error) { return api.ListWithContext(ctx, options) })
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			return patiently(ctx, func() (watch.Interface, error) { return api.WatchWithContext(ctx, options) })
		},
	}, object, resync, indexers)
}

// patiently calls ask every one to two seconds until the API server answers.
func patiently[T any](ctx context.Context, ask func() (T, error)) (T, error) {
	for logged := false; ; logged = true {
		answer, err := ask()
		if !away(err) {
			return answer, err
		}
		if !logged {
			klog.FromContext(ctx).Error(err, "the API server is away; asking until it answers")
		}
		select {
		case <-ctx.Done():
			return answer, err
		case <-time.After(wait.Jitter(time.Second, 1)):
		}
	}
}

// away reports whether an error means that the API server does not answer, or cannot serve requests.
func away(err error) bool {
	if apierrors.HasStatusCause(err, metav1.CauseTypeResourceVersionTooLarge) {
		return false // etcd was restored; the reflector then lists without a version
	}
	if status := apierrors.APIStatus(nil); errors.As(err, &status) {
		return status.Status().Code >= 500 || apierrors.IsTooManyRequests(err)
	}
	return err != nil && !errors.Is(err, context.Canceled)
}
