package e2e

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
)

// recording holds every version of an HPA since a test began to record it. Whatever must never happen is looked for there,
// since a poll could miss it.
type recording struct {
	mu       sync.Mutex
	versions []version
}

// version is one of them, with the instant at which it was seen, which is later than the instant of the write.
type version struct {
	state
	seen time.Time
}

// record watches an HPA until the test ends.
func (s *scene) record(t *testing.T, name string) *recording {
	t.Helper()
	h := &recording{}
	watch, err := s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Watch(t.Context(), metav1.ListOptions{
		FieldSelector: fields.OneTermEqualSelector(metav1.ObjectNameField, name).String(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(watch.Stop)
	go func() {
		for event := range watch.ResultChan() {
			if hpa, ok := event.Object.(*autoscalingv2.HorizontalPodAutoscaler); ok {
				h.add(version{stateOf(hpa), time.Now()})
			}
		}
	}()
	return h
}

func (h *recording) add(v version) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.versions = append(h.versions, v)
}

// until waits until the recording has come to a version and returns all up to it.
func (h *recording) until(t *testing.T, s *scene, what string, last func(version) bool) []version {
	t.Helper()
	var versions []version
	s.await(t, "the history to show "+what, func(context.Context) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		index := slices.IndexFunc(h.versions, last)
		if index < 0 {
			return fmt.Errorf("it has %d versions and not that one", len(h.versions))
		}
		versions = slices.Clone(h.versions[:index+1])
		return nil
	})
	return versions
}

// minima are the values of minReplicas in order, each once in a row.
func minima(versions []version) []int32 {
	var values []int32
	for _, v := range versions {
		values = append(values, v.Min)
	}
	return slices.Compact(values)
}

// wantAlways checks that the HPA never stood otherwise.
func (h *recording) wantAlways(t *testing.T, want state) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.versions) == 0 {
		t.Error("the history is empty")
	}
	for _, v := range h.versions {
		if v.state != want {
			t.Errorf("at %s the HPA stood at %+v, want always %+v", v.seen.Format(time.TimeOnly), v.state, want)
		}
	}
}
