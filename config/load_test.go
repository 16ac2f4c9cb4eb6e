package config_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
)

const valid = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\nwindows: []\n"

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path+".new"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// mount lays a directory out as kubelet does it for a ConfigMap, or swaps what it holds.
func mount(t *testing.T, dir, revision string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		write(t, filepath.Join(dir, "..rev-"+revision, name), text)
	}
	link(t, "..rev-"+revision, filepath.Join(dir, "..data"))
	for name := range files {
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			link(t, filepath.Join("..data", name), filepath.Join(dir, name))
		}
	}
}

func TestReadTakesTheYAMLFilesOfADirectory(t *testing.T) {
	dir := t.TempDir()
	mount(t, dir, "1", map[string]string{"b.yaml": valid, "a.yaml": valid, "notes.txt": "x", "c.yml": "x"})
	write(t, filepath.Join(dir, ".hidden.yaml"), "x")
	write(t, filepath.Join(dir, "sub.yaml", "d.yaml"), "x")
	files, err := config.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		names = append(names, file.Name)
	}
	want := []string{filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.yaml")}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestReadSaysWhatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip("no pipes here:", err)
	}
	dangling := filepath.Join(dir, "sub", "dangling.yaml")
	write(t, filepath.Join(dir, "sub", "a.yaml"), valid)
	if err := os.Symlink("nowhere", dangling); err != nil {
		t.Fatal(err)
	}
	for sentence, c := range map[string]struct{ path, want string }{
		"a file that is not there":                 {filepath.Join(dir, "none.yaml"), "no such file"},
		"a pipe, which would block":                {pipe, "neither a file nor a directory"},
		"a directory with a pipe":                  {dir, "neither a file nor a directory"},
		"a link to nowhere":                        {dangling, "no such file"},
		"a directory one of whose files is a such": {filepath.Dir(dangling), "no such file"},
	} {
		_, err := config.Read(c.path)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one that says %q", sentence, err, c.want)
		}
		if problems := source.Problems(nil); errors.As(err, &problems) {
			t.Errorf("%s is told as a problem of the schedule: %v", sentence, err)
		}
	}
	if _, err := config.Read(filepath.Join(dir, "none.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the error is %v, want fs.ErrNotExist", err)
	}
}

func TestSHA256TellsNamesAndContentsApart(t *testing.T) {
	seen := map[string]string{}
	for sentence, files := range map[string]map[string]string{
		"one file":               {"a.yaml": valid},
		"another name":           {"b.yaml": valid},
		"other content":          {"a.yaml": valid + "# x\n"},
		"two files":              {"a.yaml": valid, "b.yaml": valid},
		"content in other files": {"a.yaml": valid + "# x\n", "b.yaml": valid},
	} {
		dir := t.TempDir()
		for name, text := range files {
			write(t, filepath.Join(dir, name), text)
		}
		files, err := config.Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		sum := config.Hash(files)
		if other, ok := seen[sum]; ok {
			t.Errorf("%s has the hash of %s", sentence, other)
		}
		seen[sum] = sentence
	}
}

func TestSHA256DoesNotDependOnThePlace(t *testing.T) {
	var sums []string
	for range 2 {
		path := filepath.Join(t.TempDir(), "a.yaml")
		write(t, path, valid)
		files, err := config.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, config.Hash(files))
	}
	if sums[0] != sums[1] || len(sums[0]) != 64 {
		t.Errorf("the hashes are %v, want the same twice", sums)
	}
}

// TestPipes: what a shell makes of <(command) is read on the command line; run would wait for it for ever.
func TestPipes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Read(path); err == nil || !strings.Contains(err.Error(), "neither a file nor a directory") {
		t.Errorf("Read of a pipe: %v, want a refusal", err)
	}
	go func() {
		if err := os.WriteFile(path, []byte("windows: []\n"), 0o600); err != nil {
			t.Error(err)
		}
	}()
	files, err := config.ReadManifests(path)
	if err != nil || len(files) != 1 || string(files[0].Data) != "windows: []\n" {
		t.Errorf("ReadManifests of a pipe: %v, %v", files, err)
	}
}

// TestReadEndsWhereAScheduleIsTooLarge: run does not even read what it would refuse.
func TestReadEndsWhereAScheduleIsTooLarge(t *testing.T) {
	dir := t.TempDir()
	for i := range 9 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.yaml", i)), make([]byte, 1<<20), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := config.Read(dir)
	if err != nil || len(files) != 5 {
		t.Errorf("%d files are read, and %v; want 5", len(files), err)
	}
	problems := source.Problems(nil)
	if _, err := config.Parse(files...); !errors.As(err, &problems) || problems[0].Rule != config.RuleTooLarge || !strings.HasSuffix(problems[0].File, "4.yaml") {
		t.Errorf("they are refused with %v", err)
	}
}
