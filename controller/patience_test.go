package controller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
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

// TestInformerNoticesARestore lets etcd be restored from a backup while the watch is interrupted. The API server would accept
// a watch from a version that is to come, and send nothing.
func TestInformerNoticesARestore(t *testing.T) {
	hpas := []autoscalingv2.HorizontalPodAutoscaler{{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "shop", Labels: map[string]string{"made": "before"}}}}
	var mu sync.Mutex
	version, resumed, watches := "100", 0, make(chan *watch.FakeWatcher, 9)
	api := &cache.ListWatch{
		ListWithContextFunc: func(context.Context, metav1.ListOptions) (runtime.Object, error) {
			mu.Lock()
			defer mu.Unlock()
			return &autoscalingv2.HorizontalPodAutoscalerList{ListMeta: metav1.ListMeta{ResourceVersion: version}, Items: slices.Clone(hpas)}, nil
		},
		WatchFuncWithContext: func(_ context.Context, options metav1.ListOptions) (watch.Interface, error) {
			mu.Lock()
			defer mu.Unlock()
			if options.SendInitialEvents != nil {
				return nil, apierrors.NewBadRequest("sendInitialEvents is unknown")
			}
			if version == "50" && options.ResourceVersion == "100" {
				resumed++
			}
			w := watch.NewFake()
			watches <- w
			return w, nil
		},
	}
	informer := NewInformer(api, &autoscalingv2.HorizontalPodAutoscaler{}, 0, cache.Indexers{})
	go informer.RunWithContext(t.Context())
	first := <-watches
	mu.Lock()
	version, hpas = "50", []autoscalingv2.HorizontalPodAutoscaler{{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "shop", Labels: map[string]string{"made": "after"}}}}
	mu.Unlock()
	first.Stop()
	await.Success(t, "what was restored", func(context.Context) error {
		found, _, err := informer.GetStore().GetByKey("shop/web")
		if hpa, ok := found.(*autoscalingv2.HorizontalPodAutoscaler); err == nil && (!ok || hpa.Labels["made"] != "after") {
			err = fmt.Errorf("the cache holds %v", found)
		}
		return err
	})
	if mu.Lock(); resumed > 0 {
		t.Errorf("%d watches went on from a version that does not exist", resumed)
	}
	mu.Unlock()
}

// TestNamespaceThatMayNotBeRead refuses the lists of a namespace that could be read before. An API server that is starting
// refuses a few; only after more of them does the namespace count as empty.
func TestNamespaceThatMayNotBeRead(t *testing.T) {
	refusing := false
	all := NewNamespaces(prometheus.NewRegistry())
	h := herald(t, Options{Lease: types.NamespacedName{Namespace: "floorkeeper", Name: "floorkeeper"}, Namespaces: all})
	n := &namespaceReader{all: all, api: cache.ToListerWatcherWithContext(&cache.ListWatch{
		ListWithContextFunc: func(context.Context, metav1.ListOptions) (runtime.Object, error) {
			if refusing {
				return nil, apierrors.NewForbidden(autoscalingv2.Resource("horizontalpodautoscalers"), "", errors.New("no"))
			}
			return &autoscalingv2.HorizontalPodAutoscalerList{}, nil
		},
	})}
	for _, answers := range []string{"ok", "no", "no", "no", "ok", "no", "no", "no", "empty", "empty", "ok", "no"} {
		refusing = answers != "ok"
		_, err := n.list(t.Context(), metav1.ListOptions{})
		if failed := err != nil; failed != (answers == "no") {
			t.Errorf("a list that should be %q fails with %v", answers, err)
		}
		if n.forbidden != (answers == "empty") {
			t.Errorf("the namespace counts as empty: %t, want %q", n.forbidden, answers)
		}
		if got := testutil.ToFloat64(all.unreadable) == 1; got != n.forbidden {
			t.Errorf("the gauge counts it: %t, want %q", got, answers)
		}
		h.announceRefusals(t.Context())
	}
	h.tells(t, "once it counts as empty", "of-the-api-serverNamespaceUnreadable on *v1.Lease floorkeeper/floorkeeper: a namespace of --namespaces counts as empty: "+
		"horizontalpodautoscalers.autoscaling is forbidden: no; grant the right, or take it out of --namespaces")
}
