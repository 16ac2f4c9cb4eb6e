package policies

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// cluster is the control plane that all tests share. They run one after the other: policies are cluster-wide.
var cluster *controlplane.ControlPlane

func TestMain(m *testing.M) {
	kit.Main(m, kit.Options{Setup: func(ctx context.Context, s *kit.Suite) (err error) {
		// What is on by default from Kubernetes 1.37 and 1.35 on.
		gates := "--feature-gates=HPAScaleToZero=true,HPAConfigurableTolerance=true"
		cluster, err = s.ControlPlane(ctx, controlplane.Options{ExtraArgs: map[controlplane.Component][]string{
			controlplane.APIServer: {gates}, controlplane.ControllerManager: {gates},
		}})
		return err
	}})
}

// guarded ends a test of the floor guard, the floor notice or the floor hand-back where the API server does not serve them.
func guarded(t *testing.T) {
	t.Helper()
	kit.Need(t, cluster, controlplane.MutatingPolicies)
}

// said is what a command wrote, and how it ended.
type said struct {
	stdout, stderr string
	err            error
}

// kubectl runs kubectl as the administrator, with a manifest for its standard input.
func kubectl(ctx context.Context, stdin string, args ...string) said {
	cmd := cluster.KubectlCommand(ctx, cluster.Kubeconfig(), args...)
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	return said{stdout: stdout.String(), stderr: stderr.String(), err: err}
}

// mustKubectl fails the test if kubectl fails, and returns what it printed.
func mustKubectl(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	s := kubectl(t.Context(), stdin, args...)
	if s.err != nil {
		t.Fatalf("kubectl %q: %v: %s", args, s.err, s.stderr)
	}
	return s.stdout
}
