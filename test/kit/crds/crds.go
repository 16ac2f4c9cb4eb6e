// Package crds gives the API server of a test the kinds of other projects, so that it checks what is written of them: their
// CustomResourceDefinitions, as their Go modules hold them.
package crds

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// Module is a Go module. Only these files of it are used, and nothing is compiled.
type Module struct {
	Name, Sum string // with its version, and as in go.sum
	Files     []string
}

// Define makes the kinds of modules known.
func Define(ctx context.Context, plane *controlplane.ControlPlane, modules ...Module) error {
	for _, m := range modules {
		dir, err := m.download(ctx)
		if err != nil {
			return err
		}
		for _, file := range m.Files {
			if _, err := plane.Kubectl(ctx, "apply", "--server-side", "--filename", filepath.Join(dir, file)); err != nil {
				return err
			}
		}
	}
	_, err := plane.Kubectl(ctx, "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
	return err
}

// download returns the folder of the module.
func (m Module) download(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "mod", "download", "-json", m.Name).Output()
	if err != nil {
		return "", fmt.Errorf("cannot download %s: %w: %s", m.Name, err, out)
	}
	var found struct{ Dir, Sum string }
	if err := json.Unmarshal(out, &found); err != nil {
		return "", fmt.Errorf("cannot download %s: %w", m.Name, err)
	}
	if found.Sum != m.Sum {
		return "", fmt.Errorf("%s has the sum %s, want %s", m.Name, found.Sum, m.Sum)
	}
	return found.Dir, nil
}
