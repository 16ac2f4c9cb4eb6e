package binaries_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane/binaries"
)

// TestDirHonoursAssets gives every binary by KUBEBUILDER_ASSETS, so that only the stages of kwok are left to be made.
func TestDirHonoursAssets(t *testing.T) {
	assets := t.TempDir()
	names := []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl", "kwok"}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(assets, name), []byte("given "+name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv(binaries.Variable, "")
	t.Setenv("KUBEBUILDER_ASSETS", assets)
	t.Setenv("FLOORKEEPER_BUILD", "1")

	var progress strings.Builder
	dir, err := binaries.Dir(t.Context(), &progress)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for _, name := range names {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != "given "+name {
			t.Errorf("%s: got %q, %v, want the given one", name, got, err)
		}
	}
	stages, err := os.ReadFile(filepath.Join(dir, binaries.StagesFile))
	if got := strings.Count(string(stages), "\nkind: Stage\n"); err != nil || got != 5 {
		t.Errorf("%s: got %d stages, %v, want 5", binaries.StagesFile, got, err)
	}
	if got := progress.String(); !strings.Contains(got, "built kwok-stages.yaml (1 of 1)") {
		t.Errorf("progress: got %q, want a line for what was built", got)
	}

	progress.Reset()
	again, err := binaries.Dir(t.Context(), &progress)
	if err != nil || again != dir || progress.Len() > 0 {
		t.Errorf("second call: got %s, %v and progress %q, want %s and none", again, err, progress.String(), dir)
	}
}
