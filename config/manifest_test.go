package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/test/kit/golden"
)

const manifests = "testdata/manifests"

// unwrapped returns the schedules of a file or directory of manifests, and all its problems.
func unwrapped(t *testing.T, path string) (sources, files []source.File, problems source.Problems) {
	t.Helper()
	sources, err := config.ReadManifests(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range sources {
		sources[i].Name = strings.TrimPrefix(sources[i].Name, manifests+"/")
	}
	files, problems = config.Unwrap(sources...)
	if _, err := config.Parse(files...); err != nil {
		var more source.Problems
		if !errors.As(err, &more) {
			t.Fatalf("%s: the error is %v, want problems", path, err)
		}
		problems = append(problems, more...)
	}
	return sources, files, problems
}

// manifestProblems returns the problems of every file and directory of manifests, by its name.
func manifestProblems(t *testing.T) map[string]source.Problems {
	t.Helper()
	all := map[string]source.Problems{}
	for name, path := range manifestPaths(t) {
		_, _, all[name] = unwrapped(t, path)
	}
	return all
}

func manifestPaths(t *testing.T) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(manifests)
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{}
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != ".golden" {
			paths[entry.Name()] = filepath.Join(manifests, entry.Name())
		}
	}
	return paths
}

// TestManifests compares, for each file and directory, the schedules found in it, and the problems with the line and
// column that they point at.
func TestManifests(t *testing.T) {
	for name, path := range manifestPaths(t) {
		t.Run(name, func(t *testing.T) {
			sources, files, problems := unwrapped(t, path)
			var got strings.Builder
			for _, file := range files {
				fmt.Fprintln(&got, file.Title())
			}
			for _, problem := range problems {
				fmt.Fprintf(&got, "%s\n%s", problem, pointed(sources, problem))
			}
			golden.Compare(t, path+".golden", got.String())
		})
	}
}

// pointed returns what is at the problem's place.
func pointed(sources []source.File, problem source.Problem) string {
	for _, file := range sources {
		if file.Name == problem.File && problem.Line > 0 {
			line := []rune(strings.Split(string(file.Data), "\n")[problem.Line-1])
			return fmt.Sprintf("    at %.50q\n", string(line[problem.Column-1:]))
		}
	}
	return ""
}

func TestADirectoryOfSchedulesIsAsRunReadsIt(t *testing.T) {
	read, err := config.Read(examples)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := config.ReadManifests(examples)
	if err != nil {
		t.Fatal(err)
	}
	files, problems := config.Unwrap(sources...)
	if len(problems) > 0 || config.Hash(files) != config.Hash(read) {
		t.Errorf("%d files, %v; want the %d of run and no problem", len(files), problems, len(read))
	}
}

// TestAScheduleIsTheSameInAManifest puts every broken schedule into a ConfigMap: the same problems lie there, further
// down and to the right.
func TestAScheduleIsTheSameInAManifest(t *testing.T) {
	paths, err := filepath.Glob(broken + "/*.yaml")
	if err != nil || len(paths) < 50 {
		t.Fatalf("found %d broken files, %v", len(paths), err)
	}
	const head = "apiVersion: v1\nkind: ConfigMap\ndata:\n  schedule.yaml: |2\n"
	mapped := 0
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		if !strings.Contains(text, "floorkeeper.dev/") || strings.ContainsAny(text, "\r\ufeff\x00\x1b\u2028\u0085") {
			continue
		}
		_, err = config.Parse(source.File{Name: "f", Data: data})
		want := problemsOf(t, path, err)
		manifest := head + "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\nmetadata: {}\n"
		files, problems := config.Unwrap(source.File{Name: "f", Data: []byte(manifest)})
		if len(files) != 1 || files[0].Title() == "f" {
			t.Logf("%s: no YAML in the manifest either: %v", path, problems)
			continue
		}
		_, err = config.Parse(files...)
		got := problemsOf(t, path, err)
		mapped++
		if len(got) != len(want) {
			t.Errorf("%s: %d problems in the manifest, want %d:\n%v", path, len(got), len(want), got)
			continue
		}
		lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
		for i, p := range got {
			if want[i].Line > len(lines) {
				continue // where the file ends, the manifest does not
			}
			if p.Line != want[i].Line+4 || p.Column != want[i].Column+4 || p.Rule != want[i].Rule || p.Within != 0 {
				t.Errorf("%s: in the manifest %v, want it four lines and columns after %v", path, p, want[i])
			}
		}
	}
	if mapped < 50 {
		t.Errorf("tried %d files, want 50 or more", mapped)
	}
}

// FuzzUnwrap: whatever the bytes, and wherever they are, every problem lies inside the manifest.
func FuzzUnwrap(f *testing.F) {
	for _, pattern := range []string{manifests + "/*.yaml", manifests + "/*.json", broken + "/no-*.yaml", examples + "/*.yaml"} {
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
			f.Add([]byte("kind: ConfigMap\napiVersion: v1\ndata:\n  a.yaml: |1+\n   " + strings.ReplaceAll(string(data), "\n", "\n   ")))
			f.Add([]byte("kind: ConfigMap\napiVersion: v1\ndata:\n  a.yaml: >\n   " + strings.ReplaceAll(string(data), "\n", "\n   ")))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		began := time.Now()
		files, problems := config.Unwrap(source.File{Name: "f", Data: data})
		if _, err := config.Parse(files...); err != nil {
			problems = append(problems, problemsOf(t, "fuzz", err)...)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %s", took)
		}
		for _, p := range problems {
			if p.Line > 0 {
				checkPlace(t, p, data)
			}
			checkWords(t, p, data)
		}
	})
}
