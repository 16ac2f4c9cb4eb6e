package config_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// FuzzParse: whatever the bytes, Parse returns soon, the same every time, and every problem lies inside the file and
// is reported in words for people.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{examples + "/*.yaml", "testdata/valid/*.yaml", broken + "/*.yaml"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			f.Fatalf("no seeds in %s: %v", pattern, err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		began := time.Now()
		_, err := config.Parse(source.File{Name: "f", Data: data})
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %s", took)
		}
		if err == nil {
			return
		}
		problems := problemsOf(t, "fuzz", err)
		for _, p := range problems {
			checkPlace(t, p, data)
			checkWords(t, p, data)
		}
		_, err = config.Parse(source.File{Name: "f", Data: data})
		if diff := cmp.Diff(error(problems), err, cmp.Comparer(func(a, b error) bool {
			return errors.Is(a, b) || a.Error() == b.Error()
		})); diff != "" {
			t.Errorf("parsed again, it gives other problems: %s", diff)
		}
	})
}

func checkPlace(t *testing.T, p source.Problem, data []byte) {
	t.Helper()
	lines := strings.Split(string(bytes.TrimPrefix(data, []byte("\ufeff"))), "\n")
	if p.Line < 1 || p.Line > len(lines)+1 || p.Column < 1 {
		t.Errorf("%s lies outside the file of %d lines", p, len(lines))
	} else if p.Line <= len(lines) && p.Column > len([]rune(lines[p.Line-1]))+1 {
		t.Errorf("%s lies outside its line %q", p, lines[p.Line-1])
	}
}

func checkWords(t *testing.T, p source.Problem, data []byte) {
	t.Helper()
	for _, word := range []string{"!!", "yaml:", "cannot unmarshal", "interface {}", "<nil>", "%!", "schedules.", "config."} {
		if strings.Contains(p.Message, word) && !bytes.Contains(data, []byte(word)) {
			t.Errorf("%s mentions %s", p, word)
		}
	}
	if strings.TrimSpace(p.Message) == "" || p.Rule == "" || strings.Contains(p.Message, "\n") {
		t.Errorf("%q is no message", p.Message)
	}
}
