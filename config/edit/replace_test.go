package edit_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/edit"
)

const editable = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: UTC\nevents: []\n"

// editFile reads a file and returns the edit that adds an event to it.
func editFile(t *testing.T, path string) *edit.Change {
	t.Helper()
	files, err := config.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	change, err := edit.AddEvent(files[0], edit.Event{Name: "e", Start: "2026-01-01T10:00", Duration: "1h", Multiplier: "2"}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return change
}

func writeEditable(t *testing.T) (dir, path string) {
	t.Helper()
	dir = t.TempDir()
	path = filepath.Join(dir, "schedule.yaml")
	if err := os.WriteFile(path, []byte(editable), 0o640); err != nil {
		t.Fatal(err)
	}
	return dir, path
}

// holds fails unless the file holds the data and nothing else lies in the directory.
func holds(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("the file holds %q: %v", got, err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("the directory holds %v: %v", entries, err)
	}
}

func TestReplaceKeepsModeAndLinks(t *testing.T) {
	_, path := writeEditable(t)
	links := t.TempDir()
	link := filepath.Join(links, "link.yaml")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	change := editFile(t, link)
	if err := change.Replace(); err != nil {
		t.Fatal(err)
	}
	holds(t, path, change.After.Data)
	if target, err := os.Readlink(link); target != path {
		t.Errorf("the link leads to %q: %v", target, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o640 {
		t.Errorf("the mode is %v: %v", info.Mode(), err)
	}
}

func TestReplaceRefusesAFileThatChangedMeanwhile(t *testing.T) {
	_, path := writeEditable(t)
	change := editFile(t, path)
	other := []byte(editable + "# another edit\n")
	if err := os.WriteFile(path, other, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := change.Replace(); err == nil || !strings.Contains(err.Error(), "changed meanwhile") {
		t.Errorf("the error is %v", err)
	}
	holds(t, path, other)
}

// Of two who edit the same file at the same time, one succeeds and the other gets an error.
func TestReplaceLosesNoEdit(t *testing.T) {
	for range 200 {
		_, path := writeEditable(t)
		start, errs := make(chan struct{}), make(chan error)
		for range 2 {
			change := editFile(t, path)
			go func() {
				<-start
				errs <- change.Replace()
			}()
		}
		close(start)
		first, second := <-errs, <-errs
		if (first == nil) == (second == nil) || !errors.Is(errors.Join(first, second), edit.ErrTryAgain) {
			t.Fatalf("the errors are %v and %v", first, second)
		}
	}
}

func TestReplaceKeepsOwnerAndGroup(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
	_, path := writeEditable(t)
	if err := os.Chown(path, 1234, 5678); err != nil {
		t.Fatal(err)
	}
	if err := editFile(t, path).Replace(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if stat := info.Sys().(*syscall.Stat_t); stat.Uid != 1234 || stat.Gid != 5678 || info.Mode() != 0o640 {
		t.Errorf("it belongs to %d:%d and its mode is %s", stat.Uid, stat.Gid, info.Mode())
	}
}

// TestReplaceThatCannotWrite runs itself again in a process that may write no byte, as on a disk that is full, and in
// one of a person who may write nothing in the directory.
func TestReplaceThatCannotWrite(t *testing.T) {
	if path := os.Getenv("FLOORKEEPER_TEST_REPLACE"); path != "" {
		replaceInChild(t, path)
		return
	}
	for sentence, limit := range map[string]string{
		"a disk that is full": "disk", "a directory that is read-only": "directory", "a file that is read-only": "file",
	} {
		t.Run(sentence, func(t *testing.T) {
			dir, path := writeEditable(t)
			for parent := dir; parent != os.TempDir() && parent != "/"; parent = filepath.Dir(parent) {
				if err := os.Chmod(parent, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestReplaceThatCannotWrite$")
			child.Env = append(os.Environ(), "FLOORKEEPER_TEST_REPLACE="+path, "FLOORKEEPER_TEST_LIMIT="+limit)
			if out, err := child.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
			holds(t, path, []byte(editable))
		})
	}
}

// replaceInChild takes rights away from this process and expects that the file is not replaced.
func replaceInChild(t *testing.T, path string) {
	t.Helper()
	change := editFile(t, path)
	var err error
	limit := os.Getenv("FLOORKEEPER_TEST_LIMIT")
	switch limit {
	case "disk":
		err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{})
	case "directory":
		err = errors.Join(os.Chmod(path, 0o666), os.Chmod(filepath.Dir(path), 0o555))
	case "file":
		err = errors.Join(os.Chmod(path, 0o444), os.Chmod(filepath.Dir(path), 0o777))
	}
	if limit != "disk" && os.Getuid() == 0 { // modes mean nothing to root
		err = errors.Join(err, syscall.Setuid(65534))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := change.Replace(); err == nil || !strings.HasPrefix(err.Error(), "cannot write "+path+": ") {
		t.Errorf("the error is %v", err)
	}
}

// TestReplaceIsKilled kills a process that replaces a file again and again: whoever reads it, meanwhile or afterwards,
// sees one whole schedule or the other.
func TestReplaceIsKilled(t *testing.T) {
	if path := os.Getenv("FLOORKEEPER_TEST_KILL"); path != "" {
		replaceForEver(t, path)
	}
	_, path := writeEditable(t)
	whole := map[string]bool{editable: true, string(editFile(t, path).After.Data): true}
	for round := range 5 {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestReplaceIsKilled$")
		child.Env = append(os.Environ(), "FLOORKEEPER_TEST_KILL="+path)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for deadline := time.Now().Add(30 * time.Second); len(seen) < 2; {
			data, err := os.ReadFile(path)
			if err != nil || !whole[string(data)] {
				t.Errorf("in round %d the file holds %q: %v", round, data, err)
				break
			}
			if seen[string(data)] = true; time.Now().After(deadline) {
				t.Error("the file was not replaced")
				break
			}
		}
		if err := child.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = child.Wait()
		if data, err := os.ReadFile(path); err != nil || !whole[string(data)] {
			t.Errorf("after round %d the file holds %q: %v", round, data, err)
		}
	}
}

// replaceForEver adds an event to a file and removes it again, until it is killed.
func replaceForEver(t *testing.T, path string) {
	t.Helper()
	for {
		files, err := config.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		change, err := edit.PruneEvents(files[0], time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
		if err == nil && len(change.Events) == 0 {
			change = editFile(t, path)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := change.Replace(); err != nil {
			t.Fatal(err)
		}
	}
}
