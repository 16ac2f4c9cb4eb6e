package controller

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
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
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// TestAWatchThatEndsEarlyIsComparedWithEtcd asks for the version only where etcd may have been restored meanwhile.
func TestAWatchThatEndsEarlyIsComparedWithEtcd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		version, lists := "100", 0
		var failure error
		p := &patientReader{api: cache.ToListerWatcherWithContext(&cache.ListWatch{
			ListWithContextFunc: func(context.Context, metav1.ListOptions) (runtime.Object, error) {
				lists++
				return &autoscalingv2.HorizontalPodAutoscalerList{ListMeta: metav1.ListMeta{ResourceVersion: version}}, failure
			},
			WatchFuncWithContext: func(context.Context, metav1.ListOptions) (watch.Interface, error) { return watch.NewFake(), nil },
		})}
		watches := func(when string, options metav1.ListOptions, looks int, check func(error) bool) {
			t.Helper()
			before := lists
			_, err := p.watch(t.Context(), options)
			if lists-before != looks || !check(err) {
				t.Errorf("%s it asks %d times, want %d: %v", when, lists-before, looks, err)
			}
		}
		fine := func(err error) bool { return err == nil }
		from := func(version string) metav1.ListOptions {
			return metav1.ListOptions{ResourceVersion: version, TimeoutSeconds: new(int64(300))}
		}
		watches("before any watch", from("100"), 0, fine)
		watches("soon after", from("100"), 1, fine)
		version = "101"
		watches("when etcd goes on", from("100"), 1, fine)
		version = "no number"
		watches("when versions are not numbers", from("100"), 1, fine)
		version = "50"
		watches("after a restore", from("100"), 1, apierrors.IsResourceExpired)
		watches("with its own list", metav1.ListOptions{ResourceVersion: "100", SendInitialEvents: new(true), TimeoutSeconds: new(int64(300))}, 0, fine)
		failure = apierrors.NewForbidden(autoscalingv2.Resource("horizontalpodautoscalers"), "", errors.New("no"))
		watches("without the right", from("100"), 1, apierrors.IsForbidden)
		failure = nil
		time.Sleep(301 * time.Second)
		watches("after the time that was asked for", from("100"), 0, fine)
		if _, err := p.list(t.Context(), metav1.ListOptions{}); err != nil {
			t.Error(err)
		}
		watches("after a list", from("100"), 0, fine)
	})
}

func TestNamespacesThatMayNotBeReadAreCounted(t *testing.T) {
	registry := prometheus.NewRegistry()
	forbidden := map[string]bool{}
	all := NewNamespaces(registry)
	if got, found := value(t, registry, "floorkeeper_namespaces_unreadable"); got != 0 || !found {
		t.Errorf("at first %v, %t", got, found)
	}
	if all.NewInformer(&cache.ListWatch{}, &autoscalingv2.HorizontalPodAutoscaler{}, 0, cache.Indexers{}) == nil {
		t.Error("there is no informer")
	}
	reader := func(namespace string) *namespaceReader {
		answer := func() error {
			if forbidden[namespace] {
				return apierrors.NewForbidden(autoscalingv2.Resource("horizontalpodautoscalers"), "", errors.New("no"))
			}
			return nil
		}
		return &namespaceReader{all: all, api: cache.ToListerWatcherWithContext(&cache.ListWatch{
			ListWithContextFunc: func(context.Context, metav1.ListOptions) (runtime.Object, error) {
				return &autoscalingv2.HorizontalPodAutoscalerList{}, answer()
			},
			WatchFuncWithContext: func(context.Context, metav1.ListOptions) (watch.Interface, error) {
				return watch.NewFake(), answer()
			},
		})}
	}
	shop, video := reader("shop"), reader("video")
	forbidden["shop"], forbidden["video"] = true, true
	if _, err := shop.list(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("where none may be read, none counts as empty: %v", err)
	}
	forbidden["video"] = false
	if _, err := video.watch(t.Context(), metav1.ListOptions{}); err != nil { // which is a read as well
		t.Error(err)
	}
	for range 2 {
		if _, err := shop.list(t.Context(), metav1.ListOptions{}); err != nil || testutil.ToFloat64(all.unreadable) != 1 || len(all.refused()) != 1 || len(all.changes()) != 1 {
			t.Errorf("where another one may be read, it counts as empty: %v, %v are counted", err, testutil.ToFloat64(all.unreadable))
		}
	}
	if _, err := shop.watch(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("it is watched: %v", err)
	}
	forbidden["shop"] = false
	if _, err := shop.list(t.Context(), metav1.ListOptions{}); err != nil || testutil.ToFloat64(all.unreadable) != 0 || all.readable.Load() != 2 || len(all.refused()) != 0 {
		t.Errorf("when it may be read again: %v, %v are counted, %d may be read", err, testutil.ToFloat64(all.unreadable), all.readable.Load())
	}
}

func TestAWokenHPAIsDue(t *testing.T) {
	queue := priorityqueue.New[reconcile.Request]("test")
	defer queue.ShutDown()
	r := &reconciler{shares: newShares(1), gate: newGate(), alarms: newAlarms(time.Now), handBacks: newHandBacks(func() bool { return true }), feed: NewFeed(), now: time.Now}
	key := types.NamespacedName{Namespace: "video", Name: "front"}
	if err := (&backlog{reconciler: r}).Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	r.shares.enqueue(key)
	if request, priority, _ := queue.GetWithPriority(); request.NamespacedName != key || priority != priorityChanged || queue.Len() != 0 {
		t.Errorf("%v has priority %d, and %d follow", request, priority, queue.Len())
	}
}
