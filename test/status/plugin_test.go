package status

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testPlugin runs the real kubectl with kubectl-floorkeeper on its PATH.
func testPlugin(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(on.binary, filepath.Join(dir, "kubectl-floorkeeper")); err != nil {
		t.Fatal(err)
	}
	plugin := func(args ...string) said {
		cmd := on.KubectlCommand(t.Context(), on.Kubeconfig(), append([]string{"floorkeeper"}, args...)...)
		cmd.Env = append(cmd.Env, "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
		return run(cmd)
	}
	if got := plugin("status", "-n", "video", "held"); got.code != 0 || !strings.Contains(got.stdout, "in sync") || !strings.Contains(got.stdout, "video       held") {
		t.Errorf("status: %+v", got)
	}
	help := plugin("status", "--help").stdout
	if !strings.Contains(help, "Usage:\n  kubectl floorkeeper status [") || !strings.Contains(help, "\n  kubectl floorkeeper status -A\n") || strings.Contains(help, "\n  floorkeeper ") {
		t.Errorf("help:\n%s", help)
	}
	if got := plugin("status", "video/nothing"); got.code != 2 || !strings.Contains(got.stderr, "not found: HPA video/nothing") {
		t.Errorf("an HPA that does not exist: %+v", got)
	}
	own := on.status(t.Context(), "--help").stdout
	if !strings.Contains(own, "Usage:\n  floorkeeper status [") || strings.Contains(own, "kubectl floorkeeper") {
		t.Errorf("under its own name:\n%s", own)
	}
}
