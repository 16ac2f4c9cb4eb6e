package replica

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// module is the path of floorkeeper's Go module.
const module = "github.com/floorkeeper/floorkeeper"

// Build builds floorkeeper in a directory, without debug information as it is shipped, and returns the path of the binary.
func Build(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "floorkeeper")
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", binary, module+"/cmd/floorkeeper")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build floorkeeper: %w: %s", err, out)
	}
	return binary, nil
}

// Root returns the path of this checkout.
func Root(ctx context.Context) (string, error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return "", fmt.Errorf("cannot find the checkout of %s: %w", module, err)
	}
	return strings.TrimSpace(string(root)), nil
}
