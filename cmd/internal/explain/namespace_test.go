package explain

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
)

// TestExplainListsTheNamespaceOfTheHPA, so that somebody who may not list all can use it.
func TestExplainListsTheNamespaceOfTheHPA(t *testing.T) {
	kubeconfig := command.Kubeconfig(t)
	schedule := filepath.Join(t.TempDir(), "schedule.yaml")
	if err := os.WriteFile(schedule, []byte(command.EachNamespace), 0o600); err != nil {
		t.Fatal(err)
	}
	live := []string{schedule, "--live", "--kubeconfig", kubeconfig, "--hpa"}
	if code, stdout, stderr := command.Run(t, cli.ExitCode, NewCommand(command.Midday), "", append(live, "video/images")...); code != 0 || !strings.Contains(stdout, "images") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if code, _, stderr := command.Run(t, cli.ExitCode, NewCommand(command.Midday), "", append(live, "video/imagse")...); code != cli.ExitFailed ||
		stderr != command.Unlimited+"there is no HPA video/imagse; the most similar are video/images\n" {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if code, _, stderr := command.Run(t, cli.ExitCode, NewCommand(command.Midday), "", append(live, "shop/images")...); code != cli.ExitFailed ||
		stderr != command.Unlimited+"there are no HPAs in the namespace shop\n" {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if code, _, stderr := command.Run(t, cli.ExitCode, NewCommand(command.Midday), "", append(live, "video/images", "-A")...); code != cli.ExitFailed ||
		!strings.Contains(stderr, "cannot list the HorizontalPodAutoscalers of all namespaces") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
