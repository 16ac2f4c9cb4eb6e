package monitoring

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

const operations = "../../docs/operations.md"

// TestAlertmanagerCallsWhatMustBeScaled routes alerts as in the runbook of FloorkeeperEntryComing.
func TestAlertmanagerCallsWhatMustBeScaled(t *testing.T) {
	config := filepath.Join(t.TempDir(), "alertmanager.yaml")
	write(t, config, snippet(t, filepath.Join(runbooks, "FloorkeeperEntryComing.md"), "receivers:"))
	run(t, tool(t, "amtool"), "check-config", config)
	for labels, want := range map[string]string{
		"alertname=FloorkeeperEntryComing entry=prime-time": "scale-database",
		"alertname=FloorkeeperEntryComing entry=gala":       "nobody",
		"alertname=FloorkeeperDown":                         "on-call",
	} {
		args := append([]string{"config", "routes", "test", "--config.file=" + config}, strings.Fields(labels)...)
		if got := strings.TrimSpace(run(t, tool(t, "amtool"), args...)); got != want {
			t.Errorf("%s goes to %s, want %s", labels, got, want)
		}
	}
}

// TestScrapeConfiguration checks the one of docs/operations.md, also with its fields for HTTPS. Debian's Prometheus is built
// without the discovery of Pods, which is replaced.
func TestScrapeConfiguration(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "alerts.yaml"), read(t, alertsFile))
	write(t, filepath.Join(dir, "token"), "secret")
	config := regexp.MustCompile(`kubernetes_sd_configs: .*`).ReplaceAllString(snippet(t, operations, "scrape_configs:"), "static_configs: [{targets: [localhost]}]")
	https := strings.ReplaceAll(snippet(t, operations, "scheme: https"), "/var/run/secrets/kubernetes.io/serviceaccount/token", filepath.Join(dir, "token"))
	for name, text := range map[string]string{
		"http.yaml":  config,
		"https.yaml": config + "    " + strings.ReplaceAll(strings.TrimSpace(https), "\n", "\n    ") + "\n",
	} {
		file := filepath.Join(dir, name)
		write(t, file, text)
		if out := run(t, tool(t, "promtool"), "check", "config", file); !strings.Contains(out, "rules found") {
			t.Errorf("%s: promtool said %s", name, out)
		}
	}
}

// TestPrometheusRule makes the one for the Prometheus operator as in docs/operations.md.
func TestPrometheusRule(t *testing.T) {
	deploy, err := filepath.Abs("../../deploy")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(deploy, filepath.Join(dir, "deploy")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", snippet(t, operations, "> prometheusrule.yaml"))
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var object, file map[string]any
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(dir, "prometheusrule.yaml"))), &object); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(read(t, alertsFile)), &file); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "spec": file,
		"metadata": map[string]any{"name": "floorkeeper", "namespace": "floorkeeper"},
	}
	if diff := cmp.Diff(want, object); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// snippet returns the only block of a page that contains a text.
func snippet(t *testing.T, file, containing string) string {
	t.Helper()
	var found []string
	for _, block := range regexp.MustCompile("(?ms)^```[a-z]+\n(.*?)^```$").FindAllStringSubmatch(read(t, file), -1) {
		if strings.Contains(block[1], containing) {
			found = append(found, block[1])
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d blocks of %s contain %q, want 1", len(found), file, containing)
	}
	return found[0]
}

// run returns what a program printed, and fails the test if it fails.
func run(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := controlplane.Output(exec.CommandContext(t.Context(), program, args...))
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return out
}
