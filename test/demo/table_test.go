package main

import (
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/golden"
)

// evening is a view in the middle of a demo: one application has its Pods, one waits for them, one has no floor yet.
func evening() view {
	now := time.Date(2026, 12, 18, 19, 30, 15, 300e6, time.UTC)
	until := now.Add(40 * time.Second)
	return view{
		now: now, step: 1, steps: []string{"before", "evening", "leader killed", "cup-final x3", "evening", "after"},
		next: "the leader is killed with kill -9", nextAt: now.Add(7700 * time.Millisecond),
		rows: []observation{
			{app: "front", minReplicas: 10, held: true, baseline: 2, floor: 10, because: "evening", until: until, replicas: 10, ready: 10},
			{app: "images", minReplicas: 18, held: true, baseline: 4, floor: 18, because: "cup-final", until: until, replicas: 6, ready: 4},
			{app: "cart", minReplicas: 3, replicas: 3, ready: 3},
		},
		replicas: "A (pid 4242) leads, B (pid 4243) stands by",
	}
}

func TestRender(t *testing.T) {
	for name, c := range map[string]struct {
		width  int
		colour bool
	}{
		"80 columns":             {79, false},
		"120 columns":            {119, false},
		"120 columns in colour":  {119, true},
		"a very narrow terminal": {40, true},
	} {
		t.Run(name, func(t *testing.T) {
			lines := render(evening(), c.width, style{c.colour})
			for _, line := range lines {
				if got := columns(line); got > c.width {
					t.Errorf("a line takes %d columns, want at most %d: %q", got, c.width, line)
				}
			}
			text := strings.ReplaceAll(strings.Join(lines, "\n"), "\x1b", "ESC")
			golden.Compare(t, "testdata/"+strings.ReplaceAll(name, " ", "-")+".golden", text+"\n")
		})
	}
}

func TestFold(t *testing.T) {
	line := "  Normal  FloorRaised   54s   floorkeeper   minReplicas 2 -> 10 until 16:57 UTC (window evening)"
	want := "  Normal  FloorRaised   54s   floorkeeper\n      minReplicas 2 -> 10 until 16:57 UTC\n      (window evening)"
	if got := fold(line, 44); got != want {
		t.Errorf("fold gave\n%s\nwant\n%s", got, want)
	}
	for _, whole := range []string{"short", strings.Repeat("x", 50), "   " + strings.Repeat("x", 50)} {
		if got := fold(whole, 44); got != whole {
			t.Errorf("fold broke %q into %q", whole, got)
		}
	}
}

func TestWrap(t *testing.T) {
	bolded := style{true}.paint(bold, "Success:")
	got := strings.Join(wrap(bolded+" every floor was reached", 20), "\n")
	if want := bolded + " every floor\nwas reached"; got != want {
		t.Errorf("wrap gave %q, want %q", got, want)
	}
}
