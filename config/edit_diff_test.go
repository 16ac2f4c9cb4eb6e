package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/config"
)

// textLines returns the lines of a file as a diff shows them.
func textLines(data []byte) []string {
	text := strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r", "")
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// patched returns what a unified diff makes of lines, and fails where it does not fit.
func patched(t rapid.TB, lines []string, diff string) []string {
	var out []string
	at := 0
	for _, line := range strings.Split(strings.TrimSuffix(diff, "\n"), "\n")[2:] {
		var from, count, to, grown int
		if n, _ := fmt.Sscanf(line, "@@ -%d,%d +%d,%d @@", &from, &count, &to, &grown); n == 4 {
			out = append(out, lines[at:from-1]...)
			if at = from - 1; len(out) != to-1 {
				t.Fatalf("a hunk begins at line %d, not at %d:\n%s", len(out)+1, to, diff)
			}
			continue
		}
		if line[0] != '+' {
			if lines[at] != line[1:] {
				t.Fatalf("line %d is %q, and the diff says %q", at+1, lines[at], line)
			}
			at++
		}
		if line[0] != '-' {
			out = append(out, line[1:])
		}
	}
	return append(out, lines[at:]...)
}

// However a file is written: the diff of an edit, applied to the file before, gives the file after.
func TestDiffSaysWhatAnEditDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawn := drawEvents(t)
		file := config.File{Name: "f", Data: []byte(newPage(t).schedule(drawn))}
		edit, err := config.AddEvent(file, added(), time.Time{})
		if rapid.Bool().Draw(t, "prune") && slices.ContainsFunc(drawn, func(e event) bool { return e.old }) {
			edit, err = config.PruneEvents(file, time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC))
		}
		if err != nil {
			t.Fatal(err)
		}
		got := patched(t, textLines(edit.Before.Data), edit.Diff())
		if diff := cmp.Diff(textLines(edit.After.Data), got); diff != "" {
			t.Errorf("(-want +got):\n%s\nof\n%s", diff, edit.Diff())
		}
	})
}
