package gitops

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/test/kit"
)

// TestRendered plans over what Helm and kustomize print, as it comes through a pipe.
func TestRendered(t *testing.T) {
	for name, render := range map[string]func(context.Context) *exec.Cmd{
		"helm 3":    helmTemplate(shared.writers.Helm3),
		"helm 4":    helmTemplate(shared.writers.Helm4),
		"kustomize": kustomized(t),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rendered, err := output(render(t.Context()), "")
			if err != nil {
				t.Fatal(err)
			}
			schedule := filepath.Join(t.TempDir(), "schedule.yaml")
			if err := os.WriteFile(schedule, []byte(oneWindow), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), shared.keeper, "plan", schedule, "--hpas=-", "--namespace=shop", "--for=1d", "--output=json")
			cmd.Stdin = strings.NewReader(rendered)
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, rendered)
			}
			type hpa struct {
				Namespace, Name       string
				Baseline, MaxReplicas int
			}
			var plan struct{ HPAs []hpa }
			if err := json.Unmarshal(out, &plan); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]hpa{{"shop", app, 3, 20}}, plan.HPAs); diff != "" {
				t.Errorf("(-want +got):\n%s%s", diff, rendered)
			}
		})
	}
}

func helmTemplate(binary string) func(context.Context) *exec.Cmd {
	return func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, binary, "template", app, filepath.Join("testdata", "chart"), "--set=minReplicas=3")
	}
}

// kustomized renders an overlay that patches the HPA of its base.
func kustomized(t *testing.T) func(context.Context) *exec.Cmd {
	t.Helper()
	root := t.TempDir()
	base := kit.AddOverlay(t, root, "base", "resources: [hpa.yaml]\n")
	if err := os.WriteFile(filepath.Join(base, "hpa.yaml"), []byte((&scene{namespace: "shop"}).manifest("2")), 0o600); err != nil {
		t.Fatal(err)
	}
	overlay := kit.AddOverlay(t, root, "overlay", `resources: [../base]
patches:
- patch: |-
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata: {name: web, namespace: shop}
    spec: {minReplicas: 3}
`)
	return func(ctx context.Context) *exec.Cmd {
		return shared.KubectlCommand(ctx, shared.Kubeconfig(), "kustomize", overlay)
	}
}

const oneWindow = `apiVersion: floorkeeper.dev/v1
kind: Schedule
timeZone: UTC
windows:
- name: evening
  start: "19:30"
  end: "23:30"
  targets: [{namespace: shop, name: web, minReplicas: 8}]
`
