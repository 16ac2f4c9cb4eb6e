package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExplainListsTheNamespaceOfTheHPA, so that somebody who may not list all can use it.
func TestExplainListsTheNamespaceOfTheHPA(t *testing.T) {
	kubeconfig := clusterOf(t)
	schedule := filepath.Join(t.TempDir(), "schedule.yaml")
	if err := os.WriteFile(schedule, []byte(eachNamespace), 0o600); err != nil {
		t.Fatal(err)
	}
	live := []string{schedule, "--live", "--kubeconfig", kubeconfig, "--hpa"}
	if code, stdout, stderr := runAt(t, explainCommand(midday), append(live, "video/images")...); code != 0 || !strings.Contains(stdout, "images") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if code, _, stderr := runAt(t, explainCommand(midday), append(live, "video/imagse")...); code != exitFailed ||
		stderr != "there is no HPA video/imagse; the most similar are video/images\n" {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if code, _, stderr := runAt(t, explainCommand(midday), append(live, "shop/images")...); code != exitFailed ||
		stderr != "there are no HPAs in the namespace shop\n" {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if code, _, stderr := runAt(t, explainCommand(midday), append(live, "video/images", "-A")...); code != exitFailed ||
		!strings.Contains(stderr, "cannot list the HorizontalPodAutoscalers of all namespaces") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
