package ciexamples

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit"
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
	kit.Main(m, kit.Options{Setup: makeTools})
}

func exitCode(name string, err error) int {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	return 0
}

func makeTools(ctx context.Context, s *kit.Suite) error {
	tools = s.Dir
	if _, err := s.Floorkeeper(ctx); err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", filepath.Join(tools, "jq"), "github.com/itchyny/gojq/cmd/gojq")
	build.Dir = "jq"
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot build jq: %w: %s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	err = os.Symlink(self, filepath.Join(tools, "gh"))
	if _, missing := exec.LookPath("curl"); missing != nil || os.Getenv("FAKE_CURL") != "" {
		err = errors.Join(err, os.Symlink(self, filepath.Join(tools, "curl")))
	}
	return err
}
