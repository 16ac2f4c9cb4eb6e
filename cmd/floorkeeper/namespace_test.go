package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/diff"
	"github.com/floorkeeper/floorkeeper/cmd/internal/plan"
	"github.com/floorkeeper/floorkeeper/cmd/internal/validate"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
)

const elsewhere = "not checked with --namespace video: matches-nothing of window shops, window front, whose targets can lie in other " +
	"namespaces; leave --namespace out if you may list all\n"

func tonight() time.Time { return time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC) }

// TestANamespaceAlone: other namespaces are reported as not checked, and nothing else is reported about them.
func TestANamespaceAlone(t *testing.T) {
	kubeconfig := command.Kubeconfig(t)
	schedule := filepath.Join(t.TempDir(), "schedule.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(schedule, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(command.EachNamespace)
	live := []string{schedule, "--live", "--kubeconfig", kubeconfig, "--namespace", "video"}
	code, _, stderr := command.Run(t, cli.ExitCode, validate.NewCommand(tonight), "", append(live, "--fail-on-warn")...)
	if code != 0 || stderr != command.Unlimited+elsewhere {
		t.Errorf("validate: exit code %d, standard error:\n%s", code, stderr)
	}
	code, stdout, stderr := command.Run(t, cli.ExitCode, validate.NewCommand(tonight), "", append(live, "-o", "json")...)
	if !strings.Contains(stdout, "\"notChecked\": [\n    \"matches-nothing\"\n  ]") || stderr != command.Unlimited+elsewhere || code != 0 {
		t.Errorf("validate -o json: exit code %d, %s\n%s", code, stdout, stderr)
	}
	code, stdout, stderr = command.Run(t, cli.ExitCode, plan.NewCommand(command.Midday), "", append(live, "--fail-on-warn")...)
	if code != 0 || stderr != command.Unlimited+elsewhere || strings.Contains(stdout, "matches-nothing") {
		t.Errorf("plan: exit code %d, standard error:\n%s\n%s", code, stderr, stdout)
	}
	old := filepath.Join(t.TempDir(), "old.yaml")
	if err := os.WriteFile(old, []byte(command.Head+"windows: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr = command.Run(t, cli.ExitCode, diff.NewCommand(command.Midday), "", append([]string{old}, live...)...)
	if code != 1 || stderr != command.Unlimited+elsewhere || strings.Contains(stdout, "covers no") {
		t.Errorf("diff: exit code %d, standard error:\n%s\n%s", code, stderr, stdout)
	}
	write(strings.Replace(command.EachNamespace, "name: images, minReplicas", "name: imagse, minReplicas", 1))
	code, _, stderr = command.Run(t, cli.ExitCode, validate.NewCommand(tonight), "", append(live, "--fail-on-warn")...)
	if code != cli.ExitWarned || !strings.Contains(stderr, "window images: it covers no HorizontalPodAutoscaler; check its targets [matches-nothing]\n") ||
		!strings.HasSuffix(stderr, "1 warning\n"+elsewhere) {
		t.Errorf("a name that is wrong: exit code %d, standard error:\n%s", code, stderr)
	}
}
