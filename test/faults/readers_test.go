package faults

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/workqueue"
)

// curiousReaders ask the page for as much as it shows, and scrape the metrics, all at the same time and all the time. Half
// of them do not wait for the answer. A floor opens and closes meanwhile as it does without them.
func curiousReaders(t *testing.T, s *scene) {
	crowd := s.crowd(t, 1000)
	s.create(t, "web", 2)
	address, err := addresses.Next()
	if err != nil {
		t.Fatal(err)
	}
	if s.metrics, err = addresses.Next(); err != nil {
		t.Fatal(err)
	}
	k := s.keep(t, "only", nil, "--namespaces="+s.namespace+","+crowd, "--ui-bind-address="+address)
	busy := fmt.Sprintf("windows:\n- {name: crowd, start: %q, duration: 1h, rampUp: 5h, rampDown: 5h, targets: [{namespace: %s, minReplicas: 300%%}]}\n",
		time.Now().UTC().Add(12*time.Hour).Format("15:04"), crowd)
	idle := s.boundary(t, busy)
	before := peakMemory(t, k)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var readers sync.WaitGroup
	var pages, scrapes, turnedAway atomic.Int64
	for i := range 8 {
		patience := time.Minute
		if i%2 == 1 {
			patience = 300 * time.Millisecond
		}
		readers.Go(func() { read(ctx, "http://"+address+"/?for=31d", patience, &pages, &turnedAway) })
		readers.Go(func() { read(ctx, "http://"+s.metrics+"/metrics", patience, &scrapes, &turnedAway) })
	}
	loaded := s.boundary(t, busy)
	cancel()
	readers.Wait()
	after := peakMemory(t, k)
	t.Logf("RESULT 8 readers: raised after %.2f s, without them %.2f s; %d pages, %d scrapes, %d turned away; %d MiB at most, %d before",
		loaded.Seconds(), idle.Seconds(), pages.Load(), scrapes.Load(), turnedAway.Load(), after>>20, before>>20)
	if loaded > max(10*idle, 3*time.Second) {
		t.Errorf("beside readers the floor is raised after %s, without them after %s", loaded, idle)
	}
	if after > 224<<20 { // a seventh below the limit of the Deployment
		t.Errorf("readers cost %d MiB", after>>20)
	}
	if pages.Load() == 0 || scrapes.Load() == 0 {
		t.Error("no reader was answered")
	}
	if lost := k.current().Tail(1, "the Lease was lost"); lost != "" {
		t.Errorf("readers cost the Lease: %s", lost)
	}
	s.publish(t)
	s.wantFree(t)
}

// boundary opens a floor for the HPA web, closes it, and returns how late it opened.
func (s *scene) boundary(t *testing.T, others string) time.Duration {
	t.Helper()
	open := openFrom(4 * time.Second)
	s.publish(t, s.gala(open, 8), others)
	at(open.start)
	s.awaitMin(t, 8)
	late := time.Since(open.start)
	s.publish(t, s.gala(open.until(2*time.Second), 8), others)
	s.awaitMin(t, 2)
	return late
}

// read asks again and again.
func read(ctx context.Context, url string, patience time.Duration, answered, turnedAway *atomic.Int64) {
	for ctx.Err() == nil {
		asking, cancel := context.WithTimeout(ctx, patience)
		request, err := http.NewRequestWithContext(asking, http.MethodGet, url, nil)
		if err != nil {
			panic(err)
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			if response.StatusCode == http.StatusServiceUnavailable {
				turnedAway.Add(1)
			} else {
				answered.Add(1)
			}
		}
		cancel()
	}
}

// crowd creates a namespace of HPAs that the schedule treats differently: each has a baseline of its own.
func (s *scene) crowd(t *testing.T, count int) (namespace string) {
	t.Helper()
	namespace = s.namespace + "-crowd"
	object := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	if _, err := s.client.CoreV1().Namespaces().Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Beside(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	errs := make([]error, count)
	workqueue.ParallelizeUntil(t.Context(), 16, count, func(i int) {
		hpa := newHPA(fmt.Sprintf("front-%04d", i), int32(1+i))
		hpa.Spec.MaxReplicas = 10_000
		_, errs[i] = s.client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Create(t.Context(), hpa, metav1.CreateOptions{})
	})
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return namespace
}

// peakMemory returns the most memory that the process of a keeper has had, in bytes.
func peakMemory(t *testing.T, k *keeper) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", k.current().Pid()))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if kilobytes, found := strings.CutPrefix(line, "VmHWM:"); found {
			n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kilobytes), "kB")), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n << 10
		}
	}
	t.Fatal("the kernel does not say how much memory the process has had")
	return 0
}
