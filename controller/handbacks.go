package controller

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
)

const (
	handBackShare    = 16 // hand-backs at a time
	handBackPeriod   = 50 * time.Millisecond
	handBackPatience = time.Minute // after which one waits no longer for what is more urgent
)

// handBacks lets HPAs have their field ownership handed back when nothing that is more urgent waits. Its methods may be
// called from any goroutine.
type handBacks struct {
	idle  func() bool // whether neither a floor nor an Event waits
	added chan struct{}

	mu      sync.Mutex
	waiting map[types.NamespacedName]time.Time // since when they are due, or will be
	running sets.Set[types.NamespacedName]     // whose turn it is
}

func newHandBacks(idle func() bool) *handBacks {
	return &handBacks{
		idle: idle, added: make(chan struct{}, 1), waiting: make(map[types.NamespacedName]time.Time), running: sets.New[types.NamespacedName](),
	}
}

// turn reports whether it is the turn of an HPA whose hand-back is due at an instant; done must follow. Otherwise the HPA is
// reconciled again when it is.
func (h *handBacks) turn(key types.NamespacedName, due, now time.Time) bool {
	isDue := !now.Before(due)
	idle := isDue && h.idle() // which is not asked after each raise
	h.mu.Lock()
	defer h.mu.Unlock()
	if isDue && (h.running.Has(key) || idle && h.running.Len() < handBackShare) {
		h.running.Insert(key)
		delete(h.waiting, key)
		return true
	}
	if _, known := h.waiting[key]; !known {
		signal(h.added)
	}
	h.waiting[key] = due
	return false
}

// done ends the turn of an HPA, if it was its turn. It follows each reconcile.
func (h *handBacks) done(key types.NamespacedName) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running.Delete(key)
}

// forget takes an HPA out that is gone.
func (h *handBacks) forget(key types.NamespacedName) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.waiting, key)
}

// follow enqueues HPAs when it is their turn, until the context ends.
func (h *handBacks) follow(ctx context.Context, now func() time.Time, enqueue func(...types.NamespacedName)) {
	ticker := time.NewTicker(handBackPeriod)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.added:
		}
		for left := true; left; {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			var next []types.NamespacedName
			next, left = h.next(now(), h.idle())
			enqueue(next...)
		}
	}
}

// next returns whose turn it is, and whether others wait.
func (h *handBacks) next(now time.Time, idle bool) (next []types.NamespacedName, left bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, due := range h.waiting {
		if h.running.Len() >= handBackShare {
			break
		}
		if wait := now.Sub(due); wait > handBackPatience || wait >= 0 && idle {
			delete(h.waiting, key)
			h.running.Insert(key)
			next = append(next, key)
		}
	}
	return next, len(h.waiting) > 0
}
