package deploy

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/controlplane"
)

// patience is the longest that anything here may take.
const patience = 2 * time.Minute

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
	binary = filepath.Join(dir, "floorkeeper")
	if out, err := exec.Command("go", "build", "-o", binary, "../../cmd/floorkeeper").CombinedOutput(); err != nil {
		return 1, fmt.Errorf("cannot build floorkeeper: %w: %s", err, out)
	}
	if cluster, err = controlplane.Start(context.Background(), controlplane.Options{Nodes: 2}); err != nil {
		return 1, err
	}
	code = m.Run()
	return code, cluster.Stop()
}

// eventually repeats a check until it succeeds, and fails the test with what the check said last.
func eventually(t *testing.T, what string, check func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited %s for %s, in vain: %v", patience, what, err)
		}
		select {
		case <-ticker.C:
		case <-t.Context().Done():
			t.Fatalf("stopped waiting for %s: %v", what, t.Context().Err())
		}
	}
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
