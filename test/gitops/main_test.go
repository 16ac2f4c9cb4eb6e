package gitops

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"k8s.io/client-go/kubernetes"

	"github.com/floorkeeper/floorkeeper/test/gitops/writers"
	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/demand"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

const (
	// atOnce is how many rows run at the same time: most of what they do is wait, and the rest are processes that
	// start.
	atOnce = 10
)

// cluster is the control plane that all tests share, with the programs that write in it.
type cluster struct {
	*controlplane.ControlPlane
	*replica.Installation
	client   kubernetes.Interface // of the administrator
	writers  writers.Paths
	keeper   string // floorkeeper's binary
	dir      string // of logs and of the files that the writers keep
	auditLog string
	demand   *demand.Demand

	addresses replica.Addresses
}

var shared *cluster

func TestMain(m *testing.M) {
	kit.Main(m, kit.Options{Parallel: atOnce, Setup: func(ctx context.Context, s *kit.Suite) error {
		s.Cleanup(func() error { return goleak.Find() })
		shared = &cluster{dir: s.Dir, auditLog: filepath.Join(s.Dir, "audit.log"), demand: demand.Serve()}
		s.Cleanup(func() error { shared.demand.Close(); return nil })
		return shared.start(ctx, s)
	}})
}

// start builds what is missing, starts the control plane and installs floorkeeper's manifests as they are shipped.
func (c *cluster) start(ctx context.Context, s *kit.Suite) (err error) {
	if c.writers, err = writers.Build(ctx, os.Stderr); err != nil {
		return err
	}
	if c.keeper, err = s.Floorkeeper(ctx); err != nil {
		return err
	}
	policy := filepath.Join(c.dir, "audit-policy.yaml")
	if err := os.WriteFile(policy, []byte(auditPolicy), 0o644); err != nil {
		return err
	}
	c.ControlPlane, err = s.ControlPlane(ctx, controlplane.Options{
		Nodes: 2,
		ExtraArgs: map[controlplane.Component][]string{
			controlplane.APIServer: {"--audit-policy-file=" + policy, "--audit-log-path=" + c.auditLog, "--audit-log-mode=blocking"},
			controlplane.ControllerManager: {
				"--horizontal-pod-autoscaler-sync-period=2s",
				// The defaults suit a cluster in which HPAs are looked at every 15 s.
				"--kube-api-qps=200", "--kube-api-burst=400",
			},
		},
	})
	if err != nil {
		return err
	}
	c.client = c.Client()
	if err := c.Apply(ctx, c.demand.Manifest()); err != nil {
		return err
	}
	c.Installation, err = replica.Install(ctx, c.ControlPlane)
	return err
}

// kubectl runs kubectl as the administrator, with a text for its standard input, and returns all that it said.
func (c *cluster) kubectl(ctx context.Context, stdin string, args ...string) (string, error) {
	return output(c.KubectlCommand(ctx, c.Kubeconfig(), args...), stdin)
}

// output runs a command and returns all that it said, also as part of the error.
func output(cmd *exec.Cmd, stdin string) (string, error) {
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s %q: %w: %s", filepath.Base(cmd.Path), cmd.Args[1:], err, out)
	}
	return string(out), nil
}
