package controller

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	eventsclient "k8s.io/client-go/kubernetes/typed/events/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/record/util"
	"k8s.io/client-go/tools/reference"
	"k8s.io/klog/v2"
)

const (
	eventsShare    = 16 // requests at a time
	eventsPeriod   = 20 * time.Millisecond
	eventsPatience = 20 * time.Second // after which an Event waits no longer for floors that are due
	eventsLimit    = 100_000          // that wait, some 500 bytes each
	eventsLife     = 10 * time.Minute // for which one is sent again that the API server could not store
	eventsBackoff  = time.Second      // before that; it doubles
)

// Events records Events, as client-go does, and sends them when no floor is due: at a boundary each floor has one, and the
// API server stores as many of these as of those. client-go's recorder sends at once, drops what is more than a thousand at
// a time or is answered with a 500, and keeps what it has sent. Its methods may be called from any goroutine.
type Events struct {
	api      eventsclient.EventsV1Interface
	scheme   *runtime.Scheme
	instance string // of this controller
	now      func() time.Time
	busy     func() bool // whether a floor is due
	slots    chan struct{}
	added    chan struct{}

	mu       sync.Mutex
	queue    []queuedEvent
	pending  int // in the queue, being sent, or to be sent again
	overflow int // dropped since the last one that found room
}

// queuedEvent is what an Event is made of, in less memory.
type queuedEvent struct {
	regarding                  *corev1.ObjectReference
	kind, reason, action, note string
	at                         time.Time
	tries                      int
}

// NewEvents returns Events that are sent to an API server once [Events.Start] runs.
func NewEvents(config *rest.Config, scheme *runtime.Scheme, now func() time.Time) (*Events, error) {
	compact := rest.CopyConfig(config)
	compact.ContentType = cmp.Or(config.ContentType, runtime.ContentTypeProtobuf)
	api, err := eventsclient.NewForConfig(compact)
	if err != nil {
		return nil, fmt.Errorf("cannot send Events: %w", err)
	}
	host, _ := os.Hostname() // it is for people to read
	return &Events{
		api: api, scheme: scheme, instance: "floorkeeper-" + host, now: now, busy: func() bool { return false },
		slots: make(chan struct{}, eventsShare), added: make(chan struct{}, 1),
	}, nil
}

// Eventf implements events.EventRecorder. It never blocks.
func (e *Events) Eventf(regarding, _ runtime.Object, kind, reason, action, note string, args ...any) {
	about, err := reference.GetReference(e.scheme, regarding)
	if err != nil {
		klog.Background().Error(err, "cannot write an Event", "reason", reason)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pending >= eventsLimit {
		if e.overflow++; e.overflow == 1 {
			klog.Background().Info("too many Events wait for the API server; further ones are dropped", "waiting", e.pending)
		}
		return
	}
	e.overflow = 0
	e.pending++
	e.queue = append(e.queue, queuedEvent{about, kind, reason, action, fmt.Sprintf(note, args...), e.now(), 0})
	signal(e.added)
}

// waits reports whether Events wait to be sent.
func (e *Events) waits() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.queue) > 0
}

// Start sends Events until the context ends.
func (e *Events) Start(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-e.added:
		}
		for next, found := e.take(); found; next, found = e.take() {
			if !e.await(ctx, next) {
				e.putBack(next)
				return nil
			}
			e.send(next)
		}
	}
}

// NeedLeaderElection implements manager.LeaderElectionRunnable: what a leader has recorded is sent when it leads no more.
func (e *Events) NeedLeaderElection() bool { return false }

// Flush sends what is left after [Events.Start] has returned, for some time at most, and returns how many Events are left then.
func (e *Events) Flush(patience time.Duration) (left int) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	e.busy = func() bool { return false }
	signal(e.added)
	go func() { _ = e.Start(ctx) }()
	for left = e.left(); left > 0 && ctx.Err() == nil; left = e.left() {
		time.Sleep(eventsPeriod)
	}
	return left
}

func (e *Events) left() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.pending
}

func (e *Events) take() (queuedEvent, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.queue) == 0 {
		e.queue = nil // the array
		return queuedEvent{}, false
	}
	next := e.queue[0]
	e.queue[0] = queuedEvent{}
	e.queue = e.queue[1:]
	return next, true
}

func (e *Events) putBack(q queuedEvent) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.queue = append([]queuedEvent{q}, e.queue...)
}

// await waits until no floor is due, or the Event has waited long enough, and for a slot. It reports whether the context
// lasts.
func (e *Events) await(ctx context.Context, q queuedEvent) bool {
	for e.busy() && e.now().Sub(q.at) < eventsPatience {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(eventsPeriod):
		}
	}
	select {
	case <-ctx.Done():
		return false
	case e.slots <- struct{}{}:
		return true
	}
}

// send sends an Event in a slot that was taken, and takes care that it is sent again if the API server could not store it.
func (e *Events) send(q queuedEvent) {
	go func() {
		err := e.create(q)
		<-e.slots
		if !away(err) || e.now().Sub(q.at) > eventsLife {
			if loses(err) {
				klog.Background().Error(err, "an Event was not stored", "reason", q.reason, "namespace", q.regarding.Namespace, "name", q.regarding.Name, "note", q.note)
			}
			e.mu.Lock()
			e.pending--
			e.mu.Unlock()
			return
		}
		time.AfterFunc(doubling(eventsBackoff, q.tries, maxBackoff), func() {
			q.tries++
			e.mu.Lock()
			defer e.mu.Unlock()
			e.queue = append(e.queue, q)
			signal(e.added)
		})
	}()
}

// loses reports whether an answer means that an Event is lost. It may be to an attempt after one that was stored; and there
// are no Events in a namespace that is being deleted.
func loses(err error) bool {
	return err != nil && !apierrors.IsAlreadyExists(err) && !apierrors.IsNotFound(err) && !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause)
}

func (e *Events) create(q queuedEvent) error {
	ctx, cancel := context.WithTimeout(context.Background(), patchTimeout)
	defer cancel()
	namespace := q.regarding.Namespace
	_, err := e.api.Events(namespace).Create(ctx, &eventsv1.Event{
		ObjectMeta:          metav1.ObjectMeta{Namespace: namespace, Name: util.GenerateEventName(q.regarding.Name, q.at.UnixNano())},
		EventTime:           metav1.NewMicroTime(q.at),
		ReportingController: "floorkeeper",
		ReportingInstance:   e.instance,
		Action:              q.action,
		Reason:              q.reason,
		Regarding:           *q.regarding,
		Note:                q.note,
		Type:                q.kind,
	}, metav1.CreateOptions{})
	return err
}
