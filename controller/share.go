package controller

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
)

// errShareInUse means that a patch waits until another one of its namespace has its answer.
var errShareInUse = errors.New("the namespace has as many patches in flight as it may have")

// shares bounds the patches in flight of each namespace. An admission webhook of a namespace may delay each by 30
// seconds; the workers that the namespace cannot hold serve the others.
type shares struct {
	limit int

	mu         sync.Mutex
	namespaces map[string]*share
	enqueue    func(types.NamespacedName)
}

// share is that of one namespace. HPAs wait in order, those whose last patch failed behind the others; queued
// holds those that still wait, and woken those that were enqueued since because there is room.
type share struct {
	running       int
	waiting       [2][]types.NamespacedName
	queued, woken sets.Set[types.NamespacedName]
}

func newShares(limit int) *shares {
	return &shares{limit: limit, namespaces: make(map[string]*share)}
}

// begin takes what enqueues an HPA that has waited.
func (s *shares) begin(enqueue func(types.NamespacedName)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enqueue = enqueue
}

// waits reports whether an HPA waits whose last patch did not fail.
func (s *shares) waits() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.namespaces {
		if len(n.waiting[0]) > 0 {
			return true
		}
	}
	return false
}

// enter reports whether the HPA, whose last patch may have failed, may be patched now; leave must follow. Otherwise the HPA
// is reconciled again when the share of its namespace has room.
func (s *shares) enter(key types.NamespacedName, failed bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.namespaces[key.Namespace]
	if n == nil {
		n = &share{queued: sets.New[types.NamespacedName](), woken: sets.New[types.NamespacedName]()}
		s.namespaces[key.Namespace] = n
	}
	n.woken.Delete(key)
	if n.running < s.limit {
		n.queued.Delete(key)
		n.running++
		return true
	}
	if !n.queued.Has(key) {
		n.queued.Insert(key)
		line := &n.waiting[0]
		if failed {
			line = &n.waiting[1]
		}
		*line = append(*line, key)
	}
	return false
}

// leave ends what enter began.
func (s *shares) leave(key types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.namespaces[key.Namespace].running--
	s.wake(key.Namespace)
}

// passOn wakes another HPA if this one was woken and needed no patch. It follows each reconcile.
func (s *shares) passOn(key types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.namespaces[key.Namespace]; n != nil && n.woken.Has(key) {
		n.woken.Delete(key)
		s.wake(key.Namespace)
	}
}

// wake enqueues the first HPA that waits, or forgets a namespace in which nothing goes on.
func (s *shares) wake(namespace string) {
	n := s.namespaces[namespace]
	for i := range n.waiting {
		for line := &n.waiting[i]; len(*line) > 0; {
			next := (*line)[0]
			*line = (*line)[1:]
			if n.queued.Has(next) {
				n.queued.Delete(next)
				n.woken.Insert(next)
				s.enqueue(next)
				return
			}
		}
	}
	if n.running == 0 && n.woken.Len() == 0 {
		delete(s.namespaces, namespace)
	}
}

// gate bounds the requests in flight: an API server on two cores stores most patches a second with 64 to 128 at a time. A
// request that takes longer than it needs waits for a webhook, and does not count any more. The methods of a gate may be
// called from any goroutine.
type gate struct {
	slots   chan struct{}
	waiting atomic.Int32
}

const (
	gateSlots = 128
	slow      = 250 * time.Millisecond
)

func newGate() *gate { return &gate{slots: make(chan struct{}, gateSlots)} }

// enter waits for a slot; leave must follow.
func (g *gate) enter() (leave func()) {
	g.waiting.Add(1)
	g.slots <- struct{}{}
	g.waiting.Add(-1)
	timer := time.AfterFunc(slow, func() { <-g.slots })
	return func() {
		if timer.Stop() {
			<-g.slots
		}
	}
}

// waits reports whether a request waits.
func (g *gate) waits() bool { return g.waiting.Load() > 0 }
