package release

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/gitops/writers"
	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane/binaries"
)

const (
	root  = "../.."
	chart = "deploy/helm/floorkeeper"
)

// The programs that all tests share.
var (
	checker   string // see check/main.go
	crane     string
	assembler string // see tools/image
	helm      string
)

func TestMain(m *testing.M) {
	kit.Main(m, kit.Options{Setup: func(ctx context.Context, _ *kit.Suite) error {
		programs, err := writers.Build(ctx, os.Stderr)
		if err != nil {
			return err
		}
		helm = programs.Helm4
		const registry = "github.com/google/go-containerregistry"
		for _, each := range []struct {
			path    *string
			program binaries.Program
		}{
			{&checker, binaries.Program{Name: "check", Dir: "check", Package: ".", Version: "github.com/goreleaser/goreleaser/v2"}},
			{&crane, binaries.Program{Name: "crane", Dir: root + "/tools/image", Package: registry + "/cmd/crane", Version: registry}},
			{&assembler, binaries.Program{Name: "assemble", Dir: root + "/tools/image", Package: ".", Version: registry}},
		} {
			if each.program.Dir, err = filepath.Abs(each.program.Dir); err != nil {
				return err
			}
			if *each.path, err = each.program.Build(ctx, "release", os.Stderr); err != nil {
				return err
			}
		}
		return nil
	}})
}

// read returns a file of the repository.
func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// files returns the paths of all files in the repository, but for what make and git write.
func files(t *testing.T) (found []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case name == ".git" || name == "bin" || name == "dist":
			if entry.IsDir() {
				return fs.SkipDir
			}
		case !entry.IsDir():
			found = append(found, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// makeIn runs make with the Makefile of the repository in a folder, and returns what it prints.
func makeIn(t *testing.T, folder string, args ...string) (stdout string, err error) {
	t.Helper()
	makefile, err := filepath.Abs(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "make", append([]string{"--silent", "--file", makefile}, args...)...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=") // of the make that runs the tests
	return output(cmd)
}

// output runs a program and returns what it prints. An error includes the rest that it prints.
func output(cmd *exec.Cmd) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, stderr.String())
	}
	return stdout.String(), nil
}
