// Package clock proves, with an injected clock and a real API server, that a stepped wall clock is noticed: the timers
// that were set before the step are then wrong.
package clock

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

const (
	namespace = "video"
	name      = "front"
)

// steppedClock is the wall clock plus a step.
type steppedClock struct{ offset atomic.Int64 }

func (c *steppedClock) now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

func (c *steppedClock) step(d time.Duration) { c.offset.Add(int64(d)) }

func TestASteppedClockIsNoticed(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	plane := kit.ControlPlane(t, controlplane.Options{})
	clientset := plane.Client()
	createHPA(ctx, t, clientset)

	clock := &steppedClock{}
	kickOff := clock.now().Add(3 * time.Hour)
	stop := startController(ctx, t, plane, clock, schedules.New(nil, []schedules.Event{{
		Entry: schedules.Entry{
			Name: "cup-final", Location: time.UTC,
			Targets: []schedules.Target{{Namespace: namespace, Amount: schedules.Amount{Replicas: 7}}},
		},
		Start: kickOff, End: kickOff.Add(4 * time.Hour), StartDate: schedules.DateOf(kickOff, time.UTC),
	}}))
	defer stop()

	clock.step(3*time.Hour + time.Minute)
	expect(ctx, t, clientset, 7)
	clock.step(-2 * time.Hour)
	expect(ctx, t, clientset, 2)
	clock.step(3 * time.Hour)
	expect(ctx, t, clientset, 7)
	clock.step(24 * time.Hour)
	expect(ctx, t, clientset, 2)
}

func createHPA(ctx context.Context, t *testing.T, clientset kubernetes.Interface) {
	t.Helper()
	_, err := clientset.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = clientset.AutoscalingV2().HorizontalPodAutoscalers(namespace).Create(ctx, &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: name},
			MinReplicas:    new(int32(2)),
			MaxReplicas:    20,
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

// startController runs the controller in this process, the only way to give it a clock, and returns what stops it.
func startController(ctx context.Context, t *testing.T, plane *controlplane.ControlPlane, clock *steppedClock, schedule *schedules.Schedule) func() {
	t.Helper()
	mgr, err := ctrl.NewManager(plane.Config(), ctrl.Options{
		Logger:  zap.New(zap.WriteTo(t.Output())),
		Metrics: metricsserver.Options{BindAddress: "0"},
	})
	if err != nil {
		t.Fatal(err)
	}
	feed := controller.NewFeed()
	feed.Publish(controller.Outcome{Revision: &controller.Revision{Schedule: schedule, SHA256: "test", LoadedAt: clock.now()}})
	err = controller.Setup(mgr, controller.Options{Feed: feed, Registerer: prometheus.NewRegistry(), Now: clock.now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	<-mgr.Elected()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// expect waits until minReplicas is the wanted value.
func expect(ctx context.Context, t *testing.T, clientset kubernetes.Interface, want int32) {
	t.Helper()
	var last int32
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		hpa, err := clientset.AutoscalingV2().HorizontalPodAutoscalers(namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		last = *hpa.Spec.MinReplicas
		return last == want, nil
	})
	if err != nil {
		t.Fatalf("minReplicas is %d, want %d: %v", last, want, err)
	}
}
