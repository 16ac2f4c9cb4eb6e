package edit_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/config/edit"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// FuzzEdit: whatever the bytes, an edit is refused, or gives a valid file that can be edited back; and soon.
func FuzzEdit(f *testing.F) {
	for _, pattern := range []string{"../../schedules/examples/*.yaml", "../testdata/valid/*.yaml", "../testdata/manifests/*.yaml", "../../cmd/internal/event/testdata/*.txt"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			f.Fatalf("no seeds in %s: %v", pattern, err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(cutSeed(data))
		}
	}
	f.Add([]byte("apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: UTC\n? events\n: - name: a\n" +
		"    start: 2020-01-01T00:00\n    duration: 1h\n    multiplier: 2\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		began := time.Now()
		change, err := edit.AddEvent(source.File{Name: "f", Data: data}, added(), time.Time{})
		if err == nil {
			_, err := edit.PruneEvents(change.After, time.Date(2020, 12, 31, 0, 0, 0, 0, time.UTC))
			if err != nil && !strings.Contains(err.Error(), "has the anchor &") { // of another that is as old
				t.Errorf("what was added cannot be removed: %v\n%s", err, change.After.Data)
			}
			if change.Diff() == "" {
				t.Error("the diff is empty")
			}
		}
		if pruned, err := edit.PruneEvents(source.File{Name: "f", Data: data}, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil {
			pruned.Diff()
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// cutSeed returns the schedule of a golden file, or the data as it is.
func cutSeed(data []byte) []byte {
	_, before, ok := bytes.Cut(data, []byte("-- before --\n"))
	if !ok {
		return data
	}
	before, _, _ = bytes.Cut(before, []byte("-- says --\n"))
	return before
}

// wrap returns a ConfigMap manifest with the schedule as a block of text.
func wrap(schedule, header, margin, eol string) string {
	var b strings.Builder
	b.WriteString("# a comment\nkind: ConfigMap\napiVersion: v1\ndata:\n  schedule.yaml: " + header + "\n")
	for line := range strings.Lines(schedule) {
		if strings.TrimSpace(line) != "" {
			b.WriteString(margin)
		}
		b.WriteString(strings.TrimSuffix(line, "\n") + "\n")
	}
	return strings.ReplaceAll(b.String()+"metadata: {name: schedule}\n", "\n", eol)
}

// However a schedule is written, an edit in a ConfigMap manifest does to it what it does to a file, and nothing else.
func TestEditInAManifest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := newPage(t).schedule(drawEvents(t))
		before = strings.ReplaceAll(strings.TrimPrefix(before, "\ufeff"), "\r", "")
		header := "|-"
		if strings.HasSuffix(before, "\n") {
			header = "|+"
		}
		margin := rapid.SampledFrom([]string{"    ", "   ", "        "}).Draw(t, "margin")
		eol := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "ends of lines")
		outer := wrap(before, header, margin, eol)
		for what, perform := range map[string]func(source.File) (*edit.Change, error){
			"add": func(file source.File) (*edit.Change, error) { return edit.AddEvent(file, added(), time.Time{}) },
			"prune": func(file source.File) (*edit.Change, error) {
				return edit.PruneEvents(file, time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC))
			},
		} {
			want, err := perform(source.File{Name: "f", Data: []byte(before)})
			if err != nil {
				t.Fatal(err)
			}
			got, err := perform(source.File{Name: "f", Data: []byte(outer)})
			if err != nil {
				t.Fatalf("cannot %s in the manifest: %v\n%s", what, err, outer)
			}
			if diff := cmp.Diff(wrap(string(want.After.Data), header, margin, eol), string(got.After.Data)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
	})
}
