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
	for _, name := range []string{"kubectl-floorkeeper", "kubectl_complete-floorkeeper"} {
		if err := os.Symlink(on.binary, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	kubectl := func(args ...string) said {
		cmd := on.KubectlCommand(t.Context(), on.Kubeconfig(), args...)
		cmd.Env = append(cmd.Env, "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
		return run(cmd)
	}
	plugin := func(args ...string) said { return kubectl(append([]string{"floorkeeper"}, args...)...) }
	for _, test := range []struct {
		words string
		want  []string
	}{
		{"", []string{"status\tShow what is held", "plan\t"}},
		{"status|-n|", []string{"video\n", "kube-system\n"}},
		{"status|-n|video|", []string{"held\n", "contested\n"}},
		{"release|video/", []string{"video/held\n"}},
		{"status|--context|", []string{"controlplane\n"}},
		{"status|--configmap|floor", []string{"floorkeeper/floorkeeper-schedule\n"}},
		{"plan|-o|", []string{"markdown\n"}},
	} {
		got := kubectl(append([]string{"__complete", "floorkeeper"}, strings.Split(test.words, "|")...)...)
		for _, want := range test.want {
			if !strings.Contains(got.stdout, want) {
				t.Errorf("kubectl floorkeeper %s does not offer %q: %+v", test.words, want, got)
			}
		}
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
