package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/golden"
)

const world = "../../test/world"

// TestWorld replays the sessions of test/world, whose README describes them.
func TestWorld(t *testing.T) {
	bin := programs(t)
	sessions, err := filepath.Glob(world + "/*/*/session.txt")
	folders, other := filepath.Glob(world + "/*/*")
	if err != nil || other != nil || len(sessions) == 0 {
		t.Fatalf("%d sessions: %v, %v", len(sessions), err, other)
	}
	for _, folder := range folders {
		if !slices.Contains(sessions, filepath.Join(folder, "session.txt")) {
			t.Errorf("%s holds no session.txt", folder)
		}
	}
	for _, path := range sessions {
		name, err := filepath.Rel(world, filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.ToSlash(name), func(t *testing.T) {
			t.Parallel()
			replay(t, path, bin)
		})
	}
}

func replay(t *testing.T, path, bin string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	expected, err := parseSession(string(data))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	dir := filepath.Join(t.TempDir(), "case")
	if err := os.CopyFS(dir, os.DirFS(filepath.Dir(path))); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "session.txt")); err != nil {
		t.Fatal(err)
	}
	got, err := expected.replay(t.Context(), dir, environment(t, bin, expected.clock()))
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, path, got.String())
}

// programs returns a folder with floorkeeper under both its names: this test binary, see TestMain.
func programs(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	for _, name := range []string{"floorkeeper", pluginName} {
		if err := os.Symlink(self, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

// environment is that of a new user, whatever the machine's is.
func environment(t *testing.T, bin, clock string) []string {
	t.Helper()
	return []string{
		"PATH=" + bin + string(filepath.ListSeparator) + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + t.TempDir(),
		"TZ=UTC", "LANG=C.UTF-8", "NO_COLOR=1", "FLOORKEEPER_TEST_CLOCK=" + clock,
	}
}
