package writers

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane/binaries"
)

// Paths are those of the programs.
type Paths struct {
	Helm3, Helm4 string
	Flux         string // It applies and diffs what it reads; see flux/main.go.
}

// Build returns the paths of the programs, and builds first what is missing in the cache, with its progress, in lines,
// to progress. It asks the go command where this repository is, so it has to run inside of it.
func Build(ctx context.Context, progress io.Writer) (Paths, error) {
	const pkg = "github.com/floorkeeper/floorkeeper/test/gitops/writers"
	cmd := exec.CommandContext(ctx, "go", "list", "-find", "-f", "{{.Dir}}", pkg)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return Paths{}, fmt.Errorf("cannot find the source of %s: %w: %s", pkg, err, bytes.TrimSpace(stderr.Bytes()))
	}
	dir := strings.TrimSpace(string(out))
	var p Paths
	for _, each := range []struct {
		path    *string
		program binaries.Program
	}{
		{&p.Helm3, binaries.Program{Name: "helm", Dir: "helm3", Package: "helm.sh/helm/v3/cmd/helm", Version: "helm.sh/helm/v3"}},
		{&p.Helm4, binaries.Program{Name: "helm", Dir: "helm4", Package: "helm.sh/helm/v4/cmd/helm", Version: "helm.sh/helm/v4"}},
		{&p.Flux, binaries.Program{Name: "flux", Dir: "flux", Package: ".", Version: "github.com/fluxcd/pkg/ssa"}},
	} {
		each.program.Dir = filepath.Join(dir, each.program.Dir)
		if *each.path, err = each.program.Build(ctx, "writers", progress); err != nil {
			return Paths{}, err
		}
	}
	return p, nil
}
