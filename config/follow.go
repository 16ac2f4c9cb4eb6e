package config

import (
	"context"
	"time"
)

// Outcome is what following a schedule came to: a schedule, or the reason why there is none.
type Outcome struct {
	Loaded *Loaded // nil if refused
	Files  []File  // what was read; the places of Problems lie in these
	Err    error   // Problems, or why the files could not be read
}

// Follower watches a schedule file or directory and tells each change of outcome. A refusal leaves it to the caller to
// keep the last good schedule.
type Follower struct {
	path     string
	onChange func(Outcome)
	poll     time.Duration
	quiet    time.Duration
	looked   func() // after each look; for tests
	last     *told
}

// told identifies an outcome.
type told struct{ sha256, err string }

// Option changes a Follower.
type Option func(*Follower)

// WithPoll sets how often to look where nothing hints at a change. Default: 10 s.
func WithPoll(interval time.Duration) Option {
	return func(f *Follower) { f.poll = interval }
}

// WithQuiet sets how long nothing must have happened after a hint before the files are read. Default: 100 ms.
func WithQuiet(interval time.Duration) Option {
	return func(f *Follower) { f.quiet = interval }
}

// NewFollower returns a follower of a file or directory, which need not exist yet. It calls onChange from Run alone,
// one call at a time.
func NewFollower(path string, onChange func(Outcome), options ...Option) *Follower {
	f := &Follower{
		path: path, onChange: onChange, poll: 10 * time.Second, quiet: 100 * time.Millisecond,
		looked: func() {},
	}
	for _, option := range options {
		option(f)
	}
	return f
}

// Run tells the first outcome and then each that differs from the one before, until ctx is done. It returns nil.
//
// Any file system event is only a hint; what counts is the content. Each round watches anew before it looks, so that
// no change falls between the two, and whatever was replaced meanwhile, file, directory or link, is watched as it is
// now. Where nothing can be watched, the poll finds the change.
func (f *Follower) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		w := newWatch(f.path)
		f.look()
		f.looked()
		f.wait(ctx, w.hints())
		w.close()
	}
	return nil
}

// look reads the files and tells the outcome if it is a new one.
func (f *Follower) look() {
	files, err := Read(f.path)
	now := told{}
	if err != nil {
		now.err = err.Error()
	} else if now.sha256 = hash(files); f.last != nil && f.last.sha256 == now.sha256 {
		return
	}
	outcome := Outcome{Files: files, Err: err}
	if err == nil {
		outcome.Loaded, outcome.Err = load(files)
	}
	if outcome.Err != nil {
		now.err = outcome.Err.Error()
	}
	repeated := f.last != nil && now.err != "" && f.last.err == now.err
	f.last = &now
	if !repeated {
		f.onChange(outcome)
	}
}

// wait returns when the poll is due, or when a hint came and then none for the quiet time, but in the latter case no
// later than the poll.
func (f *Follower) wait(ctx context.Context, hints <-chan struct{}) {
	poll := time.NewTimer(f.poll)
	defer poll.Stop()
	var quiet <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
			return
		case <-quiet:
			return
		case <-hints:
			quiet = time.After(f.quiet)
		}
	}
}
