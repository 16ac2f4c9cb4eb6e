package deploy

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// cluster is the control plane that all tests share. They run one after the other: the folders install the same
// cluster-wide objects.
var cluster *controlplane.ControlPlane

// binary is the path of the real program.
var binary string

func TestMain(m *testing.M) {
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "test/deploy:", err)
		code = 1
	}
	os.Exit(code)
}

func runAll(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "floorkeeper-deploy-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a folder of the system's temporary files
	if binary, err = replica.Build(context.Background(), dir); err != nil {
		return 1, err
	}
	if cluster, err = controlplane.Start(context.Background(), controlplane.Options{Nodes: 2}); err != nil {
		return 1, err
	}
	code = m.Run()
	return code, cluster.Stop()
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
