package edit_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/config/edit"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// patched returns what a unified diff makes of a file, and fails where it does not fit.
func patched(t rapid.TB, data []byte, diff string) string {
	lines := slices.Collect(strings.Lines(string(data)))
	var out []string
	at := 0
	diff = strings.ReplaceAll(diff, "\n\\ No newline at end of file\n", "\x00")
	for _, line := range regexp.MustCompile("[^\x00\n]*[\x00\n]").FindAllString(diff, -1)[2:] {
		line = strings.TrimSuffix(line, "\x00")
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
	return strings.Join(append(out, lines[at:]...), "")
}

// However a file is written: the diff of an change, applied to the file before, gives the file after.
func TestDiffSaysWhatAnEditDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawn := drawEvents(t)
		file := source.File{Name: "f", Data: []byte(newPage(t).schedule(drawn))}
		change, err := edit.AddEvent(file, added(), time.Time{})
		if rapid.Bool().Draw(t, "prune") && slices.ContainsFunc(drawn, func(e event) bool { return e.old }) {
			change, err = edit.PruneEvents(file, time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC))
		}
		if err != nil {
			t.Fatal(err)
		}
		got := patched(t, change.Before.Data, change.Diff())
		if diff := cmp.Diff(string(change.After.Data), got); diff != "" {
			t.Errorf("(-want +got):\n%s\nof\n%s", diff, change.Diff())
		}
	})
}

// The program patch takes a diff as it is, also of a file with carriage returns and without an end of its last line.
func TestPatchTakesADiff(t *testing.T) {
	if _, err := exec.LookPath("patch"); err != nil {
		t.Skip(err)
	}
	for sentence, text := range map[string]string{
		"ends of lines as everywhere": editable,
		"carriage returns":            strings.ReplaceAll(editable, "\n", "\r\n"),
		"no end of the last line":     strings.TrimSuffix(editable, "\n"),
		"neither":                     strings.TrimSuffix(strings.ReplaceAll(editable, "\n", "\r\n"), "\r\n"),
		"a byte order mark":           "\ufeff" + editable,
	} {
		t.Run(sentence, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "schedule.yaml")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			change := editFile(t, path)
			patch := exec.CommandContext(t.Context(), "patch", "--binary", "-s", path)
			patch.Stdin = strings.NewReader(change.Diff())
			if out, err := patch.CombinedOutput(); err != nil {
				t.Errorf("%v: %s\n%s", err, out, change.Diff())
			}
			holds(t, path, change.After.Data)
		})
	}
}
