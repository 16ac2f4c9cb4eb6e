package faults

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	ctrlconfig "sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/floorkeeper/floorkeeper/controller"
)

// clock is a wall clock that can be stepped.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) step(ahead time.Duration) { c.ahead.Store(int64(ahead)) }

// counted counts patches on their way to the API server.
type counted struct {
	http.RoundTripper
	patches *atomic.Int64
}

func (c counted) RoundTrip(r *http.Request) (*http.Response, error) {
	if hpaPatches(r) {
		c.patches.Add(1)
	}
	return c.RoundTripper.RoundTrip(r)
}

// control runs a controller with a clock of its own in this process, elected or not.
func (s *scene) control(t *testing.T, clock *clock, feed *controller.Feed, patches *atomic.Int64) {
	t.Helper()
	kubeconfig, err := clientcmd.BuildConfigFromFlags("", s.Account)
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig.QPS = -1
	kubeconfig.Wrap(func(rt http.RoundTripper) http.RoundTripper { return counted{rt, patches} })
	types := runtime.NewScheme()
	if err := scheme.AddToScheme(types); err != nil {
		t.Fatal(err)
	}
	mgr, err := ctrl.NewManager(kubeconfig, ctrl.Options{
		Scheme: types, Logger: logr.Discard(),
		Cache:      cache.Options{DefaultNamespaces: map[string]cache.Config{s.namespace: {}}},
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: ctrlconfig.Controller{SkipNameValidation: new(true)}, // two in one process
	})
	if err != nil {
		t.Fatal(err)
	}
	err = controller.Setup(mgr, controller.Options{
		Feed: feed, Version: "test", Registerer: prometheus.NewRegistry(), Now: clock.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the manager ended with %v", err)
		}
	})
}

// publishTo gives a schedule to a controller of this process, and notes it.
func (s *scene) publishTo(t *testing.T, feeds []*controller.Feed, text string) {
	t.Helper()
	parsed := s.note(t, text)
	for _, feed := range feeds {
		feed.Publish(controller.Outcome{Revision: &controller.Revision{Schedule: parsed, SHA256: text, LoadedAt: time.Now()}})
	}
}

// clocks lets two controllers act at the same time, neither of them elected, with clocks that are minutes apart and
// stepped back: more than any election would let happen. They may fight while one of them believes that the floor is
// open and the other that it is not, and nothing may be lost in it.
func clocks(t *testing.T, s *scene) {
	s.skew = 8 * time.Minute
	s.create(t, "web", 2)
	var first, second clock
	var patches atomic.Int64
	feeds := []*controller.Feed{controller.NewFeed(), controller.NewFeed()}
	second.step(-3 * time.Minute)
	s.control(t, &first, feeds[0], &patches)
	s.control(t, &second, feeds[1], &patches)
	start := time.Now().UTC().Truncate(time.Second).Add(3 * time.Second)
	s.publishTo(t, feeds, schedule(s.gala(span{start, start.Add(6 * time.Minute)}, 8)))

	fight := func(what string, begin func(), edit int32) {
		before := patches.Load()
		begin()
		at(time.Now().Add(2 * time.Second))
		s.edit(t, "web", edit)
		at(time.Now().Add(2 * time.Second))
		count := patches.Load() - before
		t.Logf("RESULT clocks: %d patches in 4 s while %s", count, what)
		if count > busy {
			t.Errorf("while %s they sent %d patches in 4 s, want at most %d", what, count, busy)
		}
	}
	fight("the floor is open for the first alone", func() { at(start) }, 5)
	fight("the second steps back", func() { second.step(-4 * time.Minute) }, 6)
	second.step(0)
	s.awaitHeld(t, "web", 8)
	fight("the floor is over for the first alone", func() { first.step(7 * time.Minute) }, 4)
	first.step(3 * time.Minute) // back into the event
	s.awaitHeld(t, "web", 8)
	const over = 10 * time.Minute
	stepped := time.Now()
	s.clock = func(instant time.Time) time.Time { // as the judge of the history has to see it
		if instant.Before(stepped) {
			return instant
		}
		return instant.Add(over)
	}
	second.step(over)
	first.step(over)
	s.wantFree(t)
}
