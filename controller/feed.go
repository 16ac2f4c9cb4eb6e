package controller

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// Revision is a valid schedule. SHA256 identifies the bytes that it was read from.
type Revision struct {
	*schedules.Schedule
	SHA256   string
	LoadedAt time.Time
}

// Outcome is the latest attempt to read the schedule: a revision, or the error that refused it. Detail describes in a
// few words what was loaded.
type Outcome struct {
	Revision *Revision
	Detail   string
	Err      error
}

// Feed carries the schedule from the follower of the file to the controller. The last valid revision stays current if a
// later edit is refused. Its methods may be called from any goroutine.
type Feed struct {
	current atomic.Pointer[Revision]
	outcome atomic.Pointer[Outcome]
	loaded  chan struct{}
	once    sync.Once
	pokes   chan struct{} // to reconcile every HPA
	news    chan struct{} // to announce the outcome
}

// NewFeed returns a feed without a schedule.
func NewFeed() *Feed {
	return &Feed{
		loaded: make(chan struct{}),
		pokes:  make(chan struct{}, 1),
		news:   make(chan struct{}, 1),
	}
}

// Publish makes the outcome known. A revision becomes current and every HPA is reconciled; an error leaves the
// current revision in effect.
func (f *Feed) Publish(o Outcome) {
	f.outcome.Store(&o)
	if o.Revision != nil {
		f.current.Store(o.Revision)
		f.once.Do(func() { close(f.loaded) })
		f.Poke()
	}
	signal(f.news) // one that is pending will report the latest outcome
}

// signal wakes who receives from a channel of size 1. It never blocks: one signal that is pending is enough.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Current returns the last valid revision, or nil before there is one.
func (f *Feed) Current() *Revision { return f.current.Load() }

// Refused reports whether the latest content of the schedule was refused, so that an earlier one stays in effect.
func (f *Feed) Refused() bool { return f.Refusal() != nil }

// Refusal returns why the latest content of the schedule was refused, or nil if it was not.
func (f *Feed) Refusal() error {
	outcome := f.outcome.Load()
	if outcome == nil {
		return nil
	}
	return outcome.Err
}

// Loaded returns a channel that is closed when the first valid schedule has arrived.
func (f *Feed) Loaded() <-chan struct{} { return f.loaded }

// Poke requests a reconcile of every HPA. It never blocks.
func (f *Feed) Poke() { signal(f.pokes) }
