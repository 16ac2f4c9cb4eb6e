package config_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/floorkeeper/floorkeeper/config"
)

const (
	soon  = 5 * time.Second
	never = time.Hour
)

// named returns a schedule with one event of that name.
func named(name string) string {
	return "apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: UTC\nevents: [{name: " + name +
		", start: 2026-12-01T10:00, duration: 1h, multiplier: 2}]\n"
}

// reported is what a follower reports: the names of the events, or the error.
func reported(outcome config.Outcome) string {
	if outcome.Err != nil {
		return "refused: " + outcome.Err.Error()
	}
	var names []string
	for _, event := range outcome.Schedule.Events() {
		names = append(names, event.Name)
	}
	return strings.Join(names, ",")
}

// follow runs a follower until the test ends, and returns what it reports.
func follow(t *testing.T, path string, poll, quiet time.Duration) <-chan string {
	t.Helper()
	outcomes := make(chan string, 100)
	follower := config.NewFollower(path, func(o config.Outcome) { outcomes <- reported(o) })
	follower.Tune(poll, quiet)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- follower.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run returned %v", err)
		}
		close(outcomes)
		for outcome := range outcomes {
			t.Errorf("reported in addition: %s", outcome)
		}
		goleak.VerifyNone(t)
	})
	return outcomes
}

// expect waits for an outcome that contains want. Outcomes that last for a moment in the middle of a change may come
// before it.
func expect(t *testing.T, outcomes <-chan string, want string) {
	t.Helper()
	deadline := time.After(soon)
	var before []string
	for {
		select {
		case got := <-outcomes:
			if strings.Contains(got, want) {
				return
			}
			before = append(before, got)
		case <-deadline:
			t.Fatalf("not reported %q in %s, but %q", want, soon, before)
		}
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// lineChange lays files out below dir, and returns the path to follow and steps, each of which changes something and
// returns what the follower must report.
type lineChange func(t *testing.T, dir string) (path string, steps []func() string)

func changesOfAFile() map[string]lineChange {
	return map[string]lineChange{
		"a file that is written in place": func(t *testing.T, dir string) (string, []func() string) {
			path := filepath.Join(dir, "s.yaml")
			write(t, path, named("a"))
			return path, []func() string{
				func() string { write(t, path, named("b")); return "b" },
				func() string { write(t, path, named("a")); return "a" },
			}
		},
		"a file that an editor replaces": func(t *testing.T, dir string) (string, []func() string) {
			path := filepath.Join(dir, "s.yaml")
			write(t, path, named("a"))
			return path, []func() string{
				func() string { write(t, path+"~", named("b")); rename(t, path+"~", path); return "b" },
				func() string { write(t, path+"~", named("c")); rename(t, path+"~", path); return "c" },
			}
		},
		"a file that is deleted and comes back": func(t *testing.T, dir string) (string, []func() string) {
			path := filepath.Join(dir, "s.yaml")
			write(t, path, named("a"))
			return path, []func() string{
				func() string { remove(t, path); return "no such file" },
				func() string { write(t, path, named("a")); return "a" },
			}
		},
		"a file whose directory and parent are deleted and come back": func(t *testing.T, dir string) (string, []func() string) {
			path := filepath.Join(dir, "x", "y", "s.yaml")
			write(t, path, named("a"))
			return path, []func() string{
				func() string { remove(t, filepath.Join(dir, "x")); return "no such file" },
				func() string { write(t, path, named("b")); return "b" },
				func() string { write(t, path, named("c")); return "c" },
			}
		},
		"a file that is not there yet": func(t *testing.T, dir string) (string, []func() string) {
			path := filepath.Join(dir, "later", "s.yaml")
			return path, []func() string{
				func() string { return "no such file" },
				func() string { write(t, path, named("a")); return "a" },
			}
		},
	}
}

func changesOfADirectory() map[string]lineChange {
	return map[string]lineChange{
		"a directory that gains, loses and empties files": func(t *testing.T, dir string) (string, []func() string) {
			write(t, filepath.Join(dir, "a.yaml"), named("a"))
			return dir, []func() string{
				func() string { write(t, filepath.Join(dir, "b.yaml"), named("b")); return "a,b" },
				func() string { remove(t, filepath.Join(dir, "a.yaml")); return "b" },
				func() string { write(t, filepath.Join(dir, "b.yaml"), ""); return "empty-file" },
				func() string { remove(t, filepath.Join(dir, "b.yaml")); return "no-file" },
				func() string { write(t, filepath.Join(dir, "c.yaml"), named("c")); return "c" },
			}
		},
		"a ConfigMap that kubelet swaps": func(t *testing.T, dir string) (string, []func() string) {
			mount(t, dir, "1", map[string]string{"a.yaml": named("a"), "b.yaml": named("b")})
			return dir, []func() string{
				func() string {
					mount(t, dir, "2", map[string]string{"a.yaml": named("c"), "b.yaml": named("d")})
					return "c,d"
				},
				func() string {
					remove(t, filepath.Join(dir, "..rev-1"))
					mount(t, dir, "3", map[string]string{"a.yaml": "windows", "b.yaml": named("d")})
					return "wrong-type"
				},
				func() string {
					mount(t, dir, "4", map[string]string{"a.yaml": named("c"), "b.yaml": named("d")})
					return "c,d"
				},
			}
		},
		"a file of a ConfigMap that kubelet swaps": func(t *testing.T, dir string) (string, []func() string) {
			mount(t, dir, "1", map[string]string{"a.yaml": named("a")})
			return filepath.Join(dir, "a.yaml"), []func() string{
				func() string { mount(t, dir, "2", map[string]string{"a.yaml": named("b")}); return "b" },
				func() string { mount(t, dir, "3", map[string]string{"a.yaml": named("c")}); return "c" },
			}
		},
		"a checkout that git-sync swaps": func(t *testing.T, dir string) (string, []func() string) {
			swap := func(revision, name string) func() string {
				return func() string {
					write(t, filepath.Join(dir, "worktrees", revision, "ops", "s.yaml"), named(name))
					link(t, filepath.Join("worktrees", revision), filepath.Join(dir, "link"))
					return name
				}
			}
			swap("r1", "a")()
			return filepath.Join(dir, "link", "ops"), []func() string{swap("r2", "b"), swap("r3", "c"), swap("r1", "a")}
		},
		"a directory that is a link to a link": func(t *testing.T, dir string) (string, []func() string) {
			write(t, filepath.Join(dir, "one", "s.yaml"), named("a"))
			write(t, filepath.Join(dir, "two", "s.yaml"), named("b"))
			if err := os.MkdirAll(filepath.Join(dir, "links"), 0o755); err != nil {
				t.Fatal(err)
			}
			link(t, filepath.Join(dir, "one"), filepath.Join(dir, "links", "inner"))
			link(t, "links/inner", filepath.Join(dir, "outer"))
			return filepath.Join(dir, "outer"), []func() string{
				func() string { link(t, filepath.Join(dir, "two"), filepath.Join(dir, "links", "inner")); return "b" },
				func() string { link(t, "one", filepath.Join(dir, "outer")); return "a" },
			}
		},
	}
}

// TestFollower makes changes that are noticed by their events alone: the poll never comes.
func TestFollower(t *testing.T) {
	changes := changesOfAFile()
	maps.Copy(changes, changesOfADirectory())
	for sentence, change := range changes {
		t.Run(sentence, func(t *testing.T) {
			path, steps := change(t, t.TempDir())
			first := "a"
			if _, err := os.Stat(path); err != nil {
				first, steps = steps[0](), steps[1:]
			}
			outcomes := follow(t, path, never, 5*time.Millisecond)
			expect(t, outcomes, first)
			for _, step := range steps {
				expect(t, outcomes, step())
			}
		})
	}
}

func TestFollowerPollsWhereNothingHints(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "s.yaml")
	write(t, path, named("a"))
	outcomes := follow(t, path, 10*time.Millisecond, never)
	expect(t, outcomes, "a")
	write(t, path, named("b"))
	expect(t, outcomes, "b")
}

// TestFollowerBesideABusyWriter: it never becomes quiet in the directory of the file.
func TestFollowerBesideABusyWriter(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.yaml")
	write(t, path, named("a"))
	outcomes := follow(t, path, never, 200*time.Millisecond)
	expect(t, outcomes, "a")
	ctx, stop := context.WithCancel(t.Context())
	busy := make(chan struct{})
	go func() {
		defer close(busy)
		for ctx.Err() == nil {
			if err := os.WriteFile(filepath.Join(dir, "other.log"), nil, 0o600); err != nil {
				t.Error(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	write(t, path, named("b"))
	expect(t, outcomes, "b")
	stop()
	<-busy
}

// TestFollowerTellsChangesOnly writes one thing after the other and in the end a mark. Whatever is reported before the mark
// is reported because of what is before it.
func TestFollowerTellsChangesOnly(t *testing.T) {
	const bad, alsoBad = "windows\n", "windows # still\n"
	for sentence, c := range map[string]struct {
		writes []string
		want   []string
	}{
		"the same content again":        {[]string{named("a"), named("a")}, nil},
		"a refusal":                     {[]string{bad}, []string{"refused"}},
		"the same refusal again":        {[]string{bad, bad}, []string{"refused"}},
		"the same refusal of new bytes": {[]string{bad, alsoBad}, []string{"refused"}},
		"another refusal":               {[]string{bad, ""}, []string{"refused", "refused"}},
		"back to the same good content": {[]string{bad, named("a")}, []string{"refused", "a"}},
		"good content with a comment":   {[]string{named("a") + "# more\n"}, []string{"a"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s.yaml")
			write(t, path, named("a"))
			var outcomes []string
			step := 0
			ctx, cancel := context.WithTimeout(context.Background(), soon)
			defer cancel()
			// Each hint is followed by a look; the next write waits for several of them.
			follower := config.NewFollower(path, func(o config.Outcome) { outcomes = append(outcomes, reported(o)) })
			follower.Tune(time.Millisecond, never)
			follower.AfterLook(func() {
				if step++; step%3 != 0 {
					return
				}
				switch i := step/3 - 1; {
				case i < len(c.writes):
					replace(t, path, c.writes[i])
				case i > len(c.writes):
					cancel()
				}
			})
			if err := follower.Run(ctx); err != nil {
				t.Fatal(err)
			}
			if len(outcomes) == 0 || outcomes[0] != "a" {
				t.Fatalf("reported %q, want a first", outcomes)
			}
			outcomes = outcomes[1:]
			if len(outcomes) != len(c.want) {
				t.Fatalf("reported %q, want %q", outcomes, c.want)
			}
			for i, want := range c.want {
				if !strings.HasPrefix(outcomes[i], want) {
					t.Errorf("reported %q, want %q", outcomes, c.want)
				}
			}
		})
	}
}

func replace(t *testing.T, path, text string) {
	t.Helper()
	write(t, path+".new", text)
	rename(t, path+".new", path)
}

// TestFollowReportsWhatIsNotRead: a file that nothing reads is a warning, however late it comes.
func TestFollowReportsWhatIsNotRead(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.yaml"), named("a"))
	warned := make(chan int, 100)
	follower := config.NewFollower(dir, func(o config.Outcome) { warned <- len(o.Warnings) })
	follower.Tune(10*time.Millisecond, time.Millisecond)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { _ = follower.Run(ctx) }()
	for want, change := range []string{"", "sale.yml"} {
		if change != "" {
			write(t, filepath.Join(dir, change), named("sale"))
		}
		select {
		case got := <-warned:
			if got != want {
				t.Errorf("%d warnings, want %d", got, want)
			}
		case <-time.After(soon):
			t.Fatalf("nothing is reported after %q", change)
		}
	}
}
