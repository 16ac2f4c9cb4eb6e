package config

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// Outcome is what following a schedule came to: a schedule, or the reason why there is none.
type Outcome struct {
	Schedule *schedules.Schedule // nil if refused
	SHA256   string              // over the base names and contents of the files, in hexadecimal; "" if they cannot be read
	Files    []source.File       // what was read; the places of Problems lie in these
	Warnings source.Problems     // of a schedule that is valid
	Err      error               // Problems, or why the files could not be read

	unread source.Problems // those of Warnings that come from other files
}

// Follower watches a schedule file or directory and reports each change of outcome. A refusal leaves it to the caller to
// keep the last good schedule.
type Follower struct {
	path     string
	onChange func(Outcome)
	poll     time.Duration // how often to read where nothing hints at a change
	quiet    time.Duration // how long nothing must have happened after a hint before the files are read
	looked   func()        // after each look; for tests
	last     Outcome
}

// NewFollower returns a follower of a file or directory, which need not exist yet. It calls onChange from Run alone,
// one call at a time.
func NewFollower(path string, onChange func(Outcome)) *Follower {
	return &Follower{
		path: path, onChange: onChange, poll: 10 * time.Second, quiet: 100 * time.Millisecond, looked: func() {},
	}
}

// Run reports the first outcome and then each that differs from the one before, until ctx is done. It returns nil.
//
// Any file system event is only a hint; what counts is the content. Each round watches anew before it reads, so that
// no change falls between the two, and whatever was replaced meanwhile, file, directory or link, is watched as it is
// now. Where nothing can be watched, the poll finds the change.
func (f *Follower) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		watcher := newWatcher(f.path)
		f.look()
		f.looked()
		f.wait(ctx, watcher)
	}
	return nil
}

func (f *Follower) look() {
	now := Outcome{Warnings: Unread(f.path)}
	if now.Files, now.Err = Read(f.path); now.Err == nil {
		if now.SHA256 = Hash(now.Files); now.SHA256 == f.last.SHA256 && slices.Equal(now.Warnings, f.last.unread) {
			return
		}
		now.open()
	}
	repeated := now.Err != nil && fmt.Sprint(now.Err) == fmt.Sprint(f.last.Err)
	if f.last = now; !repeated {
		f.onChange(now)
	}
}

func (o *Outcome) open() {
	var parsed *Parsed
	if parsed, o.Err = OpenMounted(o.Files...); o.Err == nil {
		o.Schedule, o.unread, o.Warnings = parsed.Schedule, o.Warnings, slices.Concat(o.Warnings, parsed.Warnings)
	} else {
		o.unread = o.Warnings
	}
}

// wait returns when the poll is due, or when a hint came and then none for the quiet time, but no later than after ten
// times that: others may write beside the files all the time. It closes the watcher.
func (f *Follower) wait(ctx context.Context, watcher *fsnotify.Watcher) {
	if watcher == nil {
		watcher = &fsnotify.Watcher{} // which never reports anything
	} else {
		defer watcher.Close()
	}
	poll := time.NewTimer(f.poll)
	defer poll.Stop()
	var quiet, latest <-chan time.Time
	hint := func() {
		if quiet = time.After(f.quiet); latest == nil {
			latest = time.After(10 * f.quiet)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
			return
		case <-quiet:
			return
		case <-latest:
			return
		case <-watcher.Events:
			hint()
		case <-watcher.Errors: //nolint:errcheck // an overflow, for example, is a hint as well
			hint()
		}
	}
}

// newWatcher watches every directory in which a change can change what the path leads to. Where that fails, the limit of
// watches may be reached, there are fewer events, or no watcher at all.
func newWatcher(path string) *fsnotify.Watcher {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil
	}
	dirs := map[string]bool{}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		dirs[path] = true
	}
	follow(path, dirs, 0)
	for dir := range dirs {
		_ = watcher.Add(dir) // perhaps gone again; the poll will find out
	}
	return watcher
}

// follow adds the parents of the path and of the links on the way to it, or, where a parent is gone, the nearest
// directory above it.
func follow(path string, dirs map[string]bool, depth int) {
	const tooDeep = 20 // the links go round in a circle
	path, err := filepath.Abs(path)
	if err != nil || depth > tooDeep {
		return
	}
	dirs[existing(filepath.Dir(path))] = true
	for at := path; at != filepath.Dir(at); at = filepath.Dir(at) {
		target, err := os.Readlink(at)
		if err != nil {
			continue
		}
		dirs[existing(filepath.Dir(at))] = true
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(at), target)
		}
		rest, _ := filepath.Rel(at, path)
		follow(filepath.Join(target, rest), dirs, depth+1)
	}
}

// existing returns the directory, or the nearest above it that exists.
func existing(dir string) string {
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}
