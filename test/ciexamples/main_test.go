package ciexamples

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// tools is the folder with floorkeeper, jq, gh and, where the machine has none, curl.
var tools string

// TestMain makes the tools. gh and curl are this binary under their names.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "gh":
		os.Exit(exitCode("gh", gh(os.Args[1:], os.Stdout)))
	case "curl":
		os.Exit(exitCode("curl", curl(os.Args[1:], os.Stdout)))
	}
	code, err := runAll(m)
	os.Exit(max(code, exitCode("test/ciexamples", err)))
}

func exitCode(name string, err error) int {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	return 0
}

func runAll(m *testing.M) (code int, err error) {
	ctx := context.Background()
	if tools, err = os.MkdirTemp("", "floorkeeper-ciexamples-"); err != nil {
		return 1, err
	}
	defer os.RemoveAll(tools) //nolint:errcheck // a folder of the system's temporary files
	if _, err = replica.Build(ctx, tools); err != nil {
		return 1, err
	}
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", filepath.Join(tools, "jq"), "github.com/itchyny/gojq/cmd/gojq")
	build.Dir = "jq"
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("cannot build jq: %w: %s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		return 1, err
	}
	err = os.Symlink(self, filepath.Join(tools, "gh"))
	if _, missing := exec.LookPath("curl"); missing != nil || os.Getenv("FAKE_CURL") != "" {
		err = errors.Join(err, os.Symlink(self, filepath.Join(tools, "curl")))
	}
	if err != nil {
		return 1, err
	}
	return m.Run(), nil
}
