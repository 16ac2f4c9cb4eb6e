package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/config"
)

// FuzzEdit: whatever the bytes, an edit is refused, or gives a valid file that can be edited back; and soon.
func FuzzEdit(f *testing.F) {
	for _, pattern := range []string{examples + "/*.yaml", "testdata/valid/*.yaml", "testdata/manifests/*.yaml", "../cmd/floorkeeper/testdata/event/*.txt"} {
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
	f.Fuzz(func(t *testing.T, data []byte) {
		began := time.Now()
		edit, err := config.AddEvent(config.File{Name: "f", Data: data}, added(), time.Time{})
		if err == nil {
			if _, err := config.PruneEvents(edit.After, time.Date(2020, 12, 31, 0, 0, 0, 0, time.UTC)); err != nil {
				t.Errorf("what was added cannot be removed: %v\n%s", err, edit.After.Data)
			}
			if edit.Diff() == "" {
				t.Error("the diff is empty")
			}
		}
		if pruned, err := config.PruneEvents(config.File{Name: "f", Data: data}, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil {
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
