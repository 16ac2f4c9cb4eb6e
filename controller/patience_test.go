package controller

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

func TestAway(t *testing.T) {
	tooLarge := apierrors.NewTimeoutError("Too large resource version", 1)
	tooLarge.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: metav1.CauseTypeResourceVersionTooLarge}}
	hpas := autoscalingv2.Resource("horizontalpodautoscalers")
	for name, test := range map[string]struct {
		err  error
		want bool
	}{
		"an answer":                     {nil, false},
		"nobody listens":                {errors.New("connect: connection refused"), true},
		"it is starting or stopping":    {apierrors.NewServiceUnavailable("shutting down"), true},
		"etcd is away":                  {apierrors.NewInternalError(errors.New("etcdserver: request timed out")), true},
		"too much is asked":             {apierrors.NewTooManyRequests("later", 1), true},
		"we may not":                    {apierrors.NewForbidden(hpas, "", errors.New("no")), false},
		"the version is compacted":      {apierrors.NewResourceExpired("too old"), false},
		"etcd was restored":             {tooLarge, false},
		"we are stopping":               {context.Canceled, false},
		"an answer of another server's": {apierrors.NewGenericServerResponse(http.StatusNotFound, "get", hpas, "", "", 0, true), false},
	} {
		if got := away(test.err); got != test.want {
			t.Errorf("%s: away %t, want %t", name, got, test.want)
		}
	}
}

// TestInformerOutlastsAnOutage fails the first lists and watches, which a reflector alone would answer with a long wait.
func TestInformerOutlastsAnOutage(t *testing.T) {
	lists, watches := 0, 0
	api := &cache.ListWatch{
		ListWithContextFunc: func(context.Context, metav1.ListOptions) (runtime.Object, error) {
			if lists++; lists <= 2 {
				return nil, errors.New("connect: connection refused")
			}
			return &autoscalingv2.HorizontalPodAutoscalerList{ListMeta: metav1.ListMeta{ResourceVersion: "1"}}, nil
		},
		WatchFuncWithContext: func(_ context.Context, options metav1.ListOptions) (watch.Interface, error) {
			if options.SendInitialEvents != nil {
				return nil, apierrors.NewBadRequest("sendInitialEvents is unknown")
			}
			if watches++; watches <= 1 {
				return nil, apierrors.NewServiceUnavailable("shutting down")
			}
			return watch.NewFake(), nil
		},
	}
	informer := NewInformer(api, &autoscalingv2.HorizontalPodAutoscaler{}, 0, cache.Indexers{})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	go informer.RunWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		t.Fatalf("not filled after %d lists", lists)
	}
}
