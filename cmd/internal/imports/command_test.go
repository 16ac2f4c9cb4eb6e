package imports_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/imports"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
)

const oneTrigger = `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web}
spec:
  scaleTargetRef: {name: web}
  minReplicaCount: 1
  triggers:
    - type: cron
      metadata: {timezone: UTC, start: 0 8 * * *, end: 0 9 * * *, desiredReplicas: "3"}
`

const otherHPA = `---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: own}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
`

// runImport runs the command and returns its exit code and what it printed.
func runImport(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return command.Run(t, cli.ExitCode, imports.NewCommand(), stdin, args...)
}

func TestImport(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, []byte("name: x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for sentence, c := range map[string]struct {
		stdin          string
		args           []string
		code           int
		stdout, stderr string // what must be in them; an empty stdout must be empty
	}{
		"a tool's objects from standard input": {
			stdin: oneTrigger, args: []string{"keda", "-", "-n", "shop"},
			stdout: "{namespace: shop, name: keda-hpa-web, minReplicas: 3}", stderr: "imported 1 window and 0 events; 2 comments to check\n",
		},
		"comments, which fail on demand": {
			stdin: oneTrigger, args: []string{"keda", "-", "--fail-on-warn"}, code: 3,
			stdout: "{namespace: default, name: keda-hpa-web, minReplicas: 3}", stderr: "names no namespace",
		},
		"an HPA of one's own": {
			stdin: strings.ReplaceAll(oneTrigger+otherHPA, "metadata: {", "metadata: {namespace: shop, "), args: []string{"keda", "-"},
			stdout: "{namespace: shop, name: own, minReplicas: 3}", stderr: "own is an HPA of your own",
		},
		"no comments": {
			stdin: "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\n  namespace: shop\n  annotations:\n" +
				"    annotations.scaling.exporter.replica.min: '3'\n    annotations.scaling.exporter.time.start: '08:00:00'\n" +
				"    annotations.scaling.exporter.time.end: '09:00:00'\n",
			args:   []string{"prescaling-exporter", "-", "--fail-on-warn", "--time-zone", "UTC"},
			stdout: "{namespace: shop, name: web, minReplicas: 3}", stderr: "imported 1 window and 0 events; 0 comments to check\n",
		},
		"a tool by its other name, with a zone": {
			stdin: "apiVersion: prescaling.bedrock.tech/v1\nkind: PrescalingEvent\nmetadata: {name: final}\n" +
				"spec: {date: '2026-12-18', start_time: '20:00:00', end_time: '23:00:00', multiplier: 2}\n",
			args: []string{"bedrock", "-", "--time-zone", "Asia/Tokyo"}, stdout: "timeZone: Asia/Tokyo", stderr: "there is no window",
		},
		"objects of other tools": {
			stdin: oneTrigger, args: []string{"hpa-time-scaler", "-"}, code: 2,
			stderr: "found no CronJob with the image hpa-time-scaler or the variable SCALE_UP_TIME among 1 object\n",
		},
		"nothing that can be imported": {
			stdin: strings.ReplaceAll(oneTrigger, "UTC", "Mars"), args: []string{"keda", "-", "-n", "shop"}, code: 2,
			stderr: "nothing could be imported, for the reasons above; no schedule is written\n",
		},
		"one namespace of many": {
			args: []string{"bedrock", "--live", "-n", "shop", "--kubeconfig", broken + "x"}, code: 2,
			stderr: "only the namespace shop is read; PrescalingEvents and the exporter's Deployment are in that of the exporter\n",
		},
		"a file that is no manifest":   {args: []string{"keda", broken}, code: 2, stderr: "passed over, as no objects of Kubernetes: broken.yaml"},
		"a file that is not there":     {args: []string{"keda", "nowhere.yaml"}, code: 2, stderr: "nowhere.yaml"},
		"no tool":                      {code: 2, stderr: "say which tool to import from; see import --help\n"},
		"an unknown tool":              {args: []string{"cronhpa", "-"}, code: 2, stderr: `"cronhpa" is no tool that can be imported from`},
		"no manifests":                 {args: []string{"keda"}, code: 2, stderr: "give the manifests to read, - or --live"},
		"manifests and a cluster":      {args: []string{"keda", "-", "--live"}, code: 2, stderr: "not both"},
		"a context without a cluster":  {args: []string{"keda", "-", "--context", "x"}, code: 2, stderr: "give --live too"},
		"a zone that is none":          {args: []string{"bedrock", "-", "--time-zone", "Paris"}, code: 2, stderr: "not an IANA time zone"},
		"a namespace that is none":     {args: []string{"keda", "-", "-n", "a/b"}, code: 2, stderr: "not the name of a namespace"},
		"a flag that does not exist":   {args: []string{"keda", "-", "--strict"}, code: 2, stderr: "unknown flag: --strict\n"},
		"a kubeconfig that is not one": {args: []string{"keda", "--live", "--kubeconfig", broken + "x"}, code: 2, stderr: "cannot find the API server"},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, stdout, stderr := runImport(t, c.stdin, c.args...)
			if code != c.code {
				t.Errorf("the exit code is %d, want %d", code, c.code)
			}
			if !strings.Contains(stdout, c.stdout) || c.stdout == "" && stdout != "" {
				t.Errorf("standard output does not contain %q:\n%s", c.stdout, stdout)
			}
			if !strings.Contains(stderr, c.stderr) {
				t.Errorf("standard error does not contain %q:\n%s", c.stderr, stderr)
			}
			if stdout == "" {
				return
			}
			if _, err := config.Parse(source.File{Name: "out", Data: []byte(stdout)}); err != nil {
				t.Errorf("standard output is no schedule: %v", err)
			}
		})
	}
}

func TestEveryImportHasItsGuide(t *testing.T) {
	var missing []string
	for _, cmd := range imports.NewCommand().Commands() {
		if _, err := os.Stat("../../../docs/migrate-" + cmd.Name() + ".md"); err != nil {
			missing = append(missing, cmd.Name())
		}
	}
	if diff := cmp.Diff([]string(nil), missing); diff != "" {
		t.Errorf("tools without a guide:\n%s", diff)
	}
}
