package docs

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
)

// upstream are the modules that hold the CustomResourceDefinitions of the kinds on the pages. Only their files are used:
// none is compiled. The sums are those of go.sum.
func upstream() []definitions {
	return []definitions{
		{
			"github.com/argoproj/argo-cd/v3@v3.5.7", "h1:Xm1BF+I5OgDKUG3SDK49vn2/Y5AMyaNVko+/JT08gj0=",
			[]string{"manifests/crds/application-crd.yaml"},
		},
		{
			"github.com/fluxcd/source-controller@v1.9.6", "h1:nG534/bI6nVpyHra7ONAk6xDB3xPsVT+EOLHZHXPrrc=",
			[]string{"config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml"},
		},
		{
			"sigs.k8s.io/karpenter@v1.14.1", "h1:GjqvOHLjl2+OXM0ti5VEZSQuvcitB0pETd8zdChXEtI=",
			[]string{"pkg/apis/crds/autoscaling.x-k8s.io_capacitybuffers.yaml"},
		},
	}
}

type definitions struct {
	module, sum string // with its version
	files       []string
}

// define gives the API server the kinds of other projects, so that it checks what the pages write of them.
func (s *stage) define(ctx context.Context) error {
	for _, d := range upstream() {
		out, err := exec.CommandContext(ctx, "go", "mod", "download", "-json", d.module).Output()
		if err != nil {
			return fmt.Errorf("cannot download %s: %w: %s", d.module, err, out)
		}
		var m struct{ Dir, Sum string }
		if err := json.Unmarshal(out, &m); err != nil {
			return err
		}
		if m.Sum != d.sum {
			return fmt.Errorf("%s has the sum %s, want %s", d.module, m.Sum, d.sum)
		}
		for _, file := range d.files {
			if _, err := s.Kubectl(ctx, "apply", "--server-side", "--filename", filepath.Join(m.Dir, file)); err != nil {
				return err
			}
		}
	}
	_, err := s.Kubectl(ctx, "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
	return err
}
