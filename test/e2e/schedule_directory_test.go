package e2e

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/history"
)

// mount is a directory that is laid out and replaced as the kubelet does it with a ConfigMap: the files are links
// through ..data, a link to a directory with a time in its name, and a new content takes the place of the old one by
// a rename of ..data.
type mount struct {
	dir string

	mu    sync.Mutex
	files map[string]string
	past  []history.Published // all that it has held
}

func newMount(t *testing.T) *mount {
	t.Helper()
	m := &mount{dir: filepath.Join(t.TempDir(), "schedule"), files: map[string]string{}}
	if err := os.Mkdir(m.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return m
}

// put replaces one file and leaves the others as they are.
func (m *mount) put(t *testing.T, name, text string) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[name] = text
	if err := m.swap(); err != nil {
		t.Fatalf("cannot replace the schedule: %v", err)
	}
}

// drop takes one file away.
func (m *mount) drop(t *testing.T, name string) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.files, name)
	if err := errors.Join(m.swap(), os.Remove(filepath.Join(m.dir, name))); err != nil {
		t.Fatalf("cannot remove %s from the schedule: %v", name, err)
	}
}

// contents returns all that it has held.
func (m *mount) contents() []history.Published {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.past)
}

// swap follows the steps of the kubelet's AtomicWriter.
func (m *mount) swap() error {
	m.past = append(m.past, history.Published{From: time.Now(), Files: maps.Clone(m.files)})
	old, _ := os.Readlink(filepath.Join(m.dir, "..data"))
	fresh, err := os.MkdirTemp(m.dir, time.Now().UTC().Format("..2006_01_02_15_04_05."))
	if err != nil {
		return err
	}
	if err := os.Chmod(fresh, 0o755); err != nil {
		return err
	}
	for name, text := range m.files {
		if err := os.WriteFile(filepath.Join(fresh, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	next, data := filepath.Join(m.dir, "..data_tmp"), filepath.Join(m.dir, "..data")
	if err := os.Symlink(filepath.Base(fresh), next); err != nil {
		return err
	}
	if err := os.Rename(next, data); err != nil {
		return err
	}
	for name := range m.files {
		link := filepath.Join(m.dir, name)
		if _, err := os.Lstat(link); err == nil {
			continue
		}
		if err := os.Symlink(filepath.Join("..data", name), link); err != nil {
			return err
		}
	}
	if old == "" {
		return nil
	}
	return os.RemoveAll(filepath.Join(m.dir, old))
}

// span is the time from start to end.
type span struct{ start, end time.Time }

// from returns the span of a length that begins a while after now, at a whole second: a window has no finer unit.
func from(delay, length time.Duration) span {
	start := time.Now().UTC().Add(delay).Truncate(time.Second)
	return span{start, start.Add(length)}
}

// openNow is a span that has begun and that a test ends itself, with soon.
func openNow() span {
	now := time.Now().UTC().Truncate(time.Second)
	return span{now.Add(-5 * time.Second), now.Add(10 * time.Minute)}
}

// soon is the same span with an end that is near.
func (s span) soon() span { return s.within(2 * time.Second) }

// within is the same span with an end that comes within a time from now.
func (s span) within(d time.Duration) span {
	return span{s.start, time.Now().Add(d).Truncate(time.Second).In(s.end.Location())}
}

// entry is a window or an event of a schedule.
type entry struct{ section, name, text string }

// window is open daily for the length of the span, from its start on, in UTC and with a duration, so that midnight
// is an hour like any other.
func window(name string, s span, fields ...string) entry {
	return entry{"windows", name, item(append([]string{
		"name: " + name, "timeZone: UTC",
		fmt.Sprintf("start: %q", s.start.UTC().Format(time.TimeOnly)),
		"duration: " + s.end.Sub(s.start).String(),
	}, fields...))}
}

// event is open once, for the span.
func event(name string, s span, fields ...string) entry {
	return entry{"events", name, item(append([]string{
		"name: " + name,
		fmt.Sprintf("start: %q", s.start.Format(time.RFC3339)),
		fmt.Sprintf("end: %q", s.end.Format(time.RFC3339)),
	}, fields...))}
}

func item(fields []string) string { return "- {" + strings.Join(fields, ", ") + "}\n" }

// schedule is the text of a schedule with these entries.
func schedule(entries ...entry) string {
	text := "apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: UTC\n"
	for _, section := range []string{"windows", "events"} {
		index := slices.IndexFunc(entries, func(e entry) bool { return e.section == section })
		if index < 0 {
			text += section + ": []\n"
			continue
		}
		text += section + ":\n"
		for _, e := range entries {
			if e.section == section {
				text += e.text
			}
		}
	}
	return text
}
