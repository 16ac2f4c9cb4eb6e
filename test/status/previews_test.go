package status

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// testPreviews asks the commands that look ahead about the cluster as it is.
func testPreviews(t *testing.T, now time.Time) {
	write := func(name, entries string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(preamble+entries), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	same := write("same.yaml", night(now))
	edited := write("edited.yaml", strings.ReplaceAll(night(now), "minReplicas: 9", "minReplicas: 11"))
	before := on.kubectl(t, "get", "hpa", "--namespace=video", "--output=jsonpath={.items[*].spec}")
	for name, test := range map[string]struct {
		args []string
		code int
		want []string
	}{
		"diff of what the cluster runs": {[]string{"diff", "--live", same}, 0, []string{"No floor changes from "}},
		"diff of an edit":               {[]string{"diff", "--live", edited}, 1, []string{"event late-show changed", "video/free  9 → 11"}},
		"diff with another ConfigMap": {
			[]string{"diff", "--live", edited, "--configmap", "video/none"}, 2, []string{"ConfigMap video/none", "not found"},
		},
		"validate": {[]string{"validate", "--live", same}, 0, []string{
			"event gala, HPA video/clamped: the floor 12 is above maxReplicas 5", "HPA video/keda: it is owned by the KEDA ScaledObject player",
			"HPA video/damaged: its annotations are damaged", "HPA video/limited: the floor 2500 is above --max-floor 30",
		}},
		"validate with a limit of its own": {[]string{"validate", "--live", "--max-floor", "40", same}, 0, []string{"HPA video/limited: the floor 2500 is above --max-floor 40"}},
		"plan": {[]string{"plan", "--live", "-n", "video", "--for", "3d", same}, 0, []string{
			"event late-show opens", "3 -> 9", "video/free", "At their peak the floors add ",
		}},
		"plan as a page": {[]string{"plan", "--live", "--for", "3d", "-o", "html", same}, 0, []string{"<!DOCTYPE html>", "video/free"}},
		"explain": {[]string{"explain", "--live", "--hpa", "video/held", same}, 0, []string{
			"minReplicas of video/held is 8: because of event gala", "Baseline: 2",
		}},
		"explain of no HPA": {[]string{"explain", "--live", "--hpa", "video/hold", same}, 2, []string{"video/held"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := on.floorkeeper(t.Context(), on.Kubeconfig(), test.args...)
			if got.code != test.code {
				t.Errorf("exit code %d, want %d", got.code, test.code)
			}
			for _, part := range test.want {
				if !strings.Contains(got.stdout+got.stderr, part) {
					t.Errorf("without %q:\n%s%s", part, got.stdout, got.stderr)
				}
			}
		})
	}
	if after := on.kubectl(t, "get", "hpa", "--namespace=video", "--output=jsonpath={.items[*].spec}"); after != before {
		t.Errorf("the HPAs were\n%s\nand are\n%s", before, after)
	}
}
