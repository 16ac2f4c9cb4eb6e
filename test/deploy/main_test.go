package deploy

import (
	"context"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// cluster is the control plane that all tests share. They run one after the other: the folders install the same
// cluster-wide objects.
var cluster *controlplane.ControlPlane

// binary is the path of the real program.
var binary string

func TestMain(m *testing.M) {
	kit.Main(m, kit.Options{Setup: func(ctx context.Context, s *kit.Suite) (err error) {
		if binary, err = s.Floorkeeper(ctx); err != nil {
			return err
		}
		cluster, err = s.ControlPlane(ctx, controlplane.Options{Nodes: 2})
		return err
	}})
}

// kubectl runs kubectl as the cluster's administrator, fails the test if it fails, and returns what it printed.
func kubectl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := cluster.Kubectl(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
