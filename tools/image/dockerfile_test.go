package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// The build stage of the Dockerfile, played without a container engine: a folder gets what it copies and .dockerignore lets
// through, and its commands run there. They must make the very program that make image has put into the image.
func TestDockerfileBuildsTheSameProgram(t *testing.T) {
	stages, global, err := readStages(root + "/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	if len(stages) != 2 || stages[0].Name != "build" {
		t.Fatalf("%d stages, want the build and the image", len(stages))
	}
	given := map[string]string{"VERSION": version, "COMMIT": commit, "TARGETOS": "linux", "TARGETARCH": runtime.GOARCH}
	variables := scope{given: given, global: global, values: map[string]string{}}
	folder := ""
	for _, command := range stages[0].Commands {
		if err := variables.expand(command); err != nil {
			t.Fatal(err)
		}
		switch c := command.(type) {
		case *instructions.ArgCommand:
		case *instructions.WorkdirCommand:
			folder = filepath.Join(t.TempDir(), c.Path)
		case *instructions.CopyCommand:
			copyContext(t, folder, c)
		case *instructions.RunCommand:
			runStep(t, folder, c, variables.environment())
		default:
			t.Fatalf("this test does not know %s", c)
		}
	}
	if program := filepath.Join(made, "linux", runtime.GOARCH, "floorkeeper"); !sameBytes(t, filepath.Join(folder, "bin", "floorkeeper"), program) {
		t.Error("the Dockerfile makes another program than make image")
	}
}

// copyContext copies the sources of a COPY from the build context, without what .dockerignore keeps out.
func copyContext(t *testing.T, folder string, c *instructions.CopyCommand) {
	t.Helper()
	ignored := ignores(t)
	for _, source := range c.SourcePaths {
		target := folder
		if info, err := os.Stat(filepath.Join(root, source)); err != nil {
			t.Fatalf("%s: %v", c, err)
		} else if info.IsDir() {
			target = filepath.Join(folder, c.DestPath)
		}
		copied := 0
		err := fs.WalkDir(os.DirFS(root), source, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			if out, err := ignored.MatchesOrParentMatches(path); err != nil || out {
				return err
			}
			copied++
			to := filepath.Join(target, strings.TrimPrefix(path, source))
			if path == source {
				to = filepath.Join(target, path)
			}
			data, err := os.ReadFile(filepath.Join(root, path))
			return errors.Join(err, os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, data, 0o644))
		})
		if err != nil {
			t.Fatal(err)
		}
		if copied == 0 {
			t.Errorf("%s: .dockerignore keeps %s out", c, source)
		}
	}
}

func ignores(t *testing.T) *patternmatcher.PatternMatcher {
	t.Helper()
	in, err := os.Open(root + "/.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	patterns, err := ignorefile.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return matcher
}

func runStep(t *testing.T, folder string, c *instructions.RunCommand, variables []string) {
	t.Helper()
	step := exec.Command("sh", "-c", strings.Join(c.CmdLine, " "))
	step.Dir, step.Env = folder, append(withoutMake(), variables...)
	if out, err := step.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", c, err, out)
	}
}

// .dockerignore lets nothing through that is not needed: each edit of it would build the image anew.
func TestContextIsSmall(t *testing.T) {
	ignored := ignores(t)
	for _, path := range []string{"README.md", "bin/floorkeeper", "test/kit/main.go", "docs/design.md", "config/parse_test.go", "cmd/internal/plan/testdata/night.txt", ".git/HEAD"} {
		if out, err := ignored.MatchesOrParentMatches(path); err != nil || !out {
			t.Errorf(".dockerignore lets %s through, %v", path, err)
		}
	}
}

// The official image downloads no other Go than its own, so that it must be new enough for go.mod. A tag can be moved, and
// a digest cannot.
func TestBuilderIsPinned(t *testing.T) {
	stages, _, err := readStages(root + "/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	builder := regexp.MustCompile(`^golang:(\d+\.\d+)\.\d+@sha256:[0-9a-f]{64}$`).FindStringSubmatch(stages[0].BaseName)
	language := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(readFile(t, root+"/go.mod")))
	if builder == nil || language == nil || builder[1] != language[1] {
		t.Errorf("the Dockerfile builds with %s and go.mod asks for %q", stages[0].BaseName, language)
	}
}
