package controller

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// eventsServer stores Events, and answers with the codes that it is given, one after the other, before that.
type eventsServer struct {
	mu     sync.Mutex
	codes  []int
	stored []eventsv1.Event
}

func (s *eventsServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if len(s.codes) > 0 {
		code := s.codes[0]
		s.codes = s.codes[1:]
		w.WriteHeader(code)
		return
	}
	var event eventsv1.Event
	if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	s.stored = append(s.stored, event)
	_ = json.NewEncoder(w).Encode(event)
}

func (s *eventsServer) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.stored)
}

func newTestEvents(t *testing.T, codes ...int) (*Events, *eventsServer) {
	t.Helper()
	server := &eventsServer{codes: codes}
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	scheme := runtime.NewScheme()
	if err := autoscalingv2.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	e, err := NewEvents(&rest.Config{Host: listener.URL, QPS: -1, ContentConfig: rest.ContentConfig{ContentType: "application/json"}}, scheme, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return e, server
}

func eventually(t *testing.T, what string, check func() bool) {
	t.Helper()
	await.Success(t, what, func(context.Context) error {
		if !check() {
			return errors.New("not yet")
		}
		return nil
	})
}

func TestAnEventWaitsForFloors(t *testing.T) {
	e, server := newTestEvents(t)
	var busy atomic.Bool
	busy.Store(true)
	e.busy = busy.Load
	done := make(chan error)
	go func() { done <- e.Start(t.Context()) }()
	hpa := four()
	hpa.UID = "uid"
	before := time.Now()
	e.Eventf(hpa, nil, "Normal", "FloorRaised", "Raise", "minReplicas %d -> %d", 4, 24)
	e.Eventf(hpa, nil, "Normal", "FloorReached", "Reach", "")
	time.Sleep(5 * eventsPeriod)
	if server.count() != 0 || e.left() == 0 {
		t.Fatal("Events are sent while a floor is due")
	}
	after := time.Now()
	busy.Store(false)
	eventually(t, "both Events are sent", func() bool { return server.count() == 2 && e.left() == 0 })
	for _, got := range server.stored {
		if got.Reason != "FloorRaised" {
			continue
		}
		if got.Note != "minReplicas 4 -> 24" || got.Regarding.UID != "uid" || got.Regarding.Kind != "HorizontalPodAutoscaler" || got.Namespace != hpa.Namespace ||
			got.ReportingController != "floorkeeper" || got.EventTime.Time.Before(before.Truncate(time.Microsecond)) || got.EventTime.After(after) {
			t.Errorf("it is stored as %+v", got)
		}
	}
}

// TestAnEventIsSentAgain: what the API server could not store is sent again, and what it refuses is not.
func TestAnEventIsSentAgain(t *testing.T) {
	e, server := newTestEvents(t, 500, 403, 504)
	go func() { _ = e.Start(t.Context()) }()
	for range 2 {
		e.Eventf(four(), nil, "Normal", "FloorRaised", "Raise", "")
	}
	eventually(t, "one is stored", func() bool { return e.left() == 0 })
	if server.count() != 1 || len(server.codes) != 0 {
		t.Errorf("%d are stored and %d answers are left, want one that was sent twice or three times", server.count(), len(server.codes))
	}
}

// TestEventsAreFlushed: what was recorded before the end of the process is sent, whatever else is due.
func TestEventsAreFlushed(t *testing.T) {
	e, server := newTestEvents(t)
	e.busy = func() bool { return true }
	for range 100 {
		e.Eventf(four(), nil, "Normal", "FloorRaised", "Raise", "")
	}
	left := e.Flush(time.Minute)
	if got := server.count(); got != 100 || left != 0 {
		t.Errorf("%d of 100 Events are sent, and %d left", got, left)
	}
}

// TestWhatIsNotFlushedIsCounted: the API server is away.
func TestWhatIsNotFlushedIsCounted(t *testing.T) {
	e, _ := newTestEvents(t, 500, 500, 500)
	e.Eventf(four(), nil, "Normal", "FloorRaised", "Raise", "")
	if left := e.Flush(5 * eventsPeriod); left != 1 {
		t.Errorf("%d Events are left, want 1", left)
	}
}

// TestTheEndOfANamespaceIsNoLoss: Events go with their namespace.
func TestTheEndOfANamespaceIsNoLoss(t *testing.T) {
	ending := apierrors.NewForbidden(eventsv1.Resource("events"), "front", nil)
	if !loses(ending) {
		t.Error("one that is forbidden is not lost")
	}
	ending.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	for _, err := range []error{nil, ending, apierrors.NewNotFound(corev1.Resource("namespaces"), "video"), apierrors.NewAlreadyExists(eventsv1.Resource("events"), "front")} {
		if loses(err) {
			t.Errorf("lost by %v", err)
		}
	}
}

func TestTooManyEventsAreDropped(t *testing.T) {
	e, _ := newTestEvents(t)
	for range eventsLimit + 5 {
		e.Eventf(four(), nil, "Normal", "FloorRaised", "Raise", "")
	}
	if e.pending != eventsLimit || e.overflow != 5 {
		t.Errorf("%d wait and %d are dropped", e.pending, e.overflow)
	}
}
