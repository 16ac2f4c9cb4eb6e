// Package golden compares what a test produces with a file that a person has read. It imports the standard library and
// go-cmp alone, so that tests of every package may use it.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files") //nolint:gochecknoglobals // a flag must exist before the test binary parses its flags

// Compare fails the test unless the file holds exactly got. With -update it writes the file first.
func Compare[Text string | []byte](t testing.TB, file string, got Text) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s (-want +got); if the change is meant, make golden:\n%s", file, diff)
	}
}
