package imports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// cluster is the control plane that all tests share.
var cluster *controlplane.ControlPlane

// program is floorkeeper.
var program string

func TestMain(m *testing.M) {
	kit.Main(m, kit.Options{Setup: func(ctx context.Context, s *kit.Suite) (err error) {
		if program, err = s.Floorkeeper(ctx); err != nil {
			return err
		}
		cluster, err = s.ControlPlane(ctx, controlplane.Options{})
		return err
	}})
}

// runImport runs the command as a user and returns its exit code and what it prints.
func runImport(t *testing.T, kubeconfig string, stdin io.Reader, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, append([]string{"import"}, args...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &out, &errs
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	err := cmd.Run()
	if failed := (*exec.ExitError)(nil); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

func kubectl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := cluster.Kubectl(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func apply(t *testing.T, manifest string) {
	t.Helper()
	if err := cluster.Apply(t.Context(), manifest); err != nil {
		t.Fatal(err)
	}
}

// TestLive goes from a cluster that knows none of the tools to one that has them all.
func TestLive(t *testing.T) {
	tools := map[string]struct{ kinds, want string }{
		"prescaling-exporter":  {"hpa,prescalingevents", "- {namespace: shop, name: images, minReplicas: 25}"},
		"hpa-time-scaler":      {"hpa,cronjobs,configmaps", "- {namespace: shop, name: images, minReplicas: 9}"},
		"keda":                 {"hpa,scaledobjects", "- {namespace: shop, name: keda-hpa-web, minReplicas: 3}"},
		"kube-metrics-adapter": {"hpa,scalingschedules,clusterscalingschedules", "- {namespace: shop, name: images, minReplicas: 27}"},
	}
	for tool := range tools {
		if code, stdout, stderr := runImport(t, cluster.Kubeconfig(), nil, tool, "--live"); code != 2 || stdout != "" || !strings.Contains(stderr, "floorkeeper: found no ") {
			t.Errorf("%s, where there is nothing: exit code %d\n%s%s", tool, code, stdout, stderr)
		}
	}
	apply(t, definitions())
	kubectl(t, "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
	apply(t, objects)
	apply(t, accounts)
	reader, err := cluster.ServiceAccountKubeconfig(t.Context(), "shop", "reader")
	if err != nil {
		t.Fatal(err)
	}
	for tool, c := range tools {
		t.Run(tool, func(t *testing.T) {
			code, live, stderr := runImport(t, cluster.Kubeconfig(), nil, tool, "--live")
			if code != 0 || !strings.Contains(live, c.want) {
				t.Fatalf("exit code %d, without %q\n%s%s", code, c.want, live, stderr)
			}
			printed := kubectl(t, "get", c.kinds, "-A", "-o", "yaml")
			_, offline, _ := runImport(t, cluster.Kubeconfig(), strings.NewReader(printed), tool, "-")
			if diff := cmp.Diff(withoutComments(offline), withoutComments(live)); diff != "" {
				t.Errorf("(-manifests +live):\n%s", diff)
			}
			if code, _, stderr = runImport(t, cluster.Kubeconfig(), nil, tool, "--live", "-n", "kube-system"); code != 2 && tool != "kube-metrics-adapter" {
				t.Errorf("in another namespace: exit code %d\n%s", code, stderr)
			}
			if code, _, stderr = runImport(t, reader, nil, tool, "--live"); !strings.Contains(stderr, "is forbidden: ") {
				t.Errorf("without rights: exit code %d\n%s", code, stderr)
			}
		})
	}
}

// withoutComments returns the lines of a schedule that are no comments, which name files.
func withoutComments(schedule string) string {
	var b strings.Builder
	for line := range strings.Lines(schedule) {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// TestAnHPASurvivesAScaledObjectThatIsDeletedAsAnOrphan deletes two ScaledObjects whose HPAs they own, as KEDA's do.
func TestAnHPASurvivesAScaledObjectThatIsDeletedAsAnOrphan(t *testing.T) {
	apply(t, "{apiVersion: v1, kind: Namespace, metadata: {name: orphans}}")
	apply(t, definitions())
	kubectl(t, "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
	for _, name := range []string{"kept", "gone"} {
		apply(t, fmt.Sprintf("{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: %s, namespace: orphans}, spec: {}}", name))
		uid := kubectl(t, "-n", "orphans", "get", "scaledobject", name, "-o", "jsonpath={.metadata.uid}")
		apply(t, fmt.Sprintf(`
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: keda-hpa-%[1]s
  namespace: orphans
  ownerReferences: [{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, name: %[1]s, uid: %[2]s, controller: true, blockOwnerDeletion: true}]
spec: {minReplicas: 2, maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %[1]s}}
`, name, uid))
	}
	kubectl(t, "-n", "orphans", "delete", "scaledobject", "kept", "--cascade=orphan")
	kubectl(t, "-n", "orphans", "delete", "scaledobject", "gone")
	await.Success(t, "the garbage collector", func(ctx context.Context) error {
		left, err := cluster.Kubectl(ctx, "-n", "orphans", "get", "hpa", "-o", "jsonpath={range .items[*]}{.metadata.name} {.spec.minReplicas} {.metadata.ownerReferences}{end}")
		if want := "keda-hpa-kept 2"; err == nil && strings.TrimSpace(left) != want {
			return fmt.Errorf("the HPAs are %q, want %q", left, want)
		}
		return err
	})
}
