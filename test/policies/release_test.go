package policies

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// TestRelease uninstalls floorkeeper step by step, as docs/install.md describes, with all policies active: its real binary
// raises floors, and people give the baselines back with accounts of their own.
func TestRelease(t *testing.T) {
	k := releasable(t)

	t.Run("without a Lease", k.refusesWithoutLease)
	t.Run("a controller runs", k.whileAControllerRuns)
	t.Run("the controller is stopped", k.afterTheController)
	t.Run("the ServiceAccount is gone", k.afterTheAccount)
}

// TestReleaseOfWhatIsNoted: without the floor guard, somebody can take the annotations off, and leave the floor.
func TestReleaseOfWhatIsNoted(t *testing.T) {
	k := releasable(t)
	if kit.Has(t, cluster, controlplane.MutatingPolicies) {
		mustKubectl(t, "", "delete", "mutatingadmissionpolicybinding", "floorkeeper-floor-guard")
	}
	controller := k.run(t)
	await.Success(t, "a note of what was taken off", func(context.Context) error {
		mustKubectl(t, "", "annotate", "hpa", "web", "--namespace=shop", "floorkeeper.dev/baseline-", "floorkeeper.dev/floor-",
			"floorkeeper.dev/because-", "floorkeeper.dev/since-", "floorkeeper.dev/until-", "floorkeeper.dev/managed-by-")
		s := kubectl(context.Background(), "", "get", "lease", "floorkeeper", "--namespace=floorkeeper", "--output=json")
		if !strings.Contains(s.stdout, "shop/web=2,10,1,") {
			return fmt.Errorf("the Lease is %s %s", s.stdout, s.stderr)
		}
		return nil
	})
	k.ofAnother(t)
	if err := controller.Stop(await.Patience); err != nil {
		t.Errorf("the controller ended with %v", err)
	}
	k.want(t, "alice", "-A", 0, `
NAMESPACE   NAME     FROM   TO   RESULT
shop        front    12     12   released
shop        web      10     2    released
studio      images   8      1    released
`, "")
	k.wantAsWritten(t)
}

// ofAnother follows the advice of TargetRefused while the controller runs: the Lease of the installation that marks the HPA counts.
func (k *keeper) ofAnother(t *testing.T) {
	t.Helper()
	const mark = "floorkeeper.dev/managed-by"
	mustKubectl(t, "", "annotate", "hpa", "front", "--namespace=shop", "--overwrite", mark+"=studio/floorkeeper")
	k.want(t, "alice", "shop/front", 1, "", "there is no Lease studio/floorkeeper")
	mustKubectl(t, "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: floorkeeper, namespace: studio}}", "create", "--filename=-")
	t.Cleanup(func() { kubectl(context.Background(), "", "delete", "lease", "floorkeeper", "--namespace=studio") })
	if code, s := k.release(t, "alice", "shop/front"); code != 0 || !strings.Contains(s.stdout, "released") {
		t.Errorf("exit code %d: %s%s", code, s.stdout, s.stderr)
	}
	await.Success(t, "the controller to take it over", func(context.Context) error {
		return k.each(func(key string, hpa *unstructured.Unstructured) error {
			if by := hpa.GetAnnotations()[mark]; key == "shop/front" && by != "floorkeeper/floorkeeper" {
				return fmt.Errorf("it is managed by %q", by)
			}
			return nil
		})
	})
}

// releasable is an installation that is not running, with HPAs that it may raise.
func releasable(t *testing.T) *keeper {
	t.Helper()
	in := install(t, overlay(t, kit.Guarded), "floorkeeper", "floorkeeper")
	in.remove(t, "probe")
	k := newKeeper(t, in)
	k.people(t)
	mustKubectl(t, owned, "apply", "--filename=-")
	t.Cleanup(func() {
		if s := kubectl(context.Background(), owned, "delete", "--filename=-"); s.err != nil {
			t.Error(s.stderr)
		}
	})
	await.Success(t, "the HPA controller to look at the HPAs", func(context.Context) error { return k.each(hasStatus) })
	k.before = k.snapshot(t)
	return k
}

// owned are manifests as their owners apply them: HPAs in two namespaces; one has a Deployment that scales.
const owned = `
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Namespace, metadata: {name: studio}}
- {apiVersion: v1, kind: Namespace, metadata: {name: bare}}
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web, namespace: shop}
  spec:
    selector: {matchLabels: {app: web}}
    template:
      metadata: {labels: {app: web}}
      spec: {containers: [{name: web, image: web}]}
- apiVersion: autoscaling/v2
  kind: HorizontalPodAutoscaler
  metadata: {name: web, namespace: shop, labels: {team: shop}}
  spec:
    minReplicas: 2
    maxReplicas: 20
    scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
- apiVersion: autoscaling/v2
  kind: HorizontalPodAutoscaler
  metadata: {name: front, namespace: shop, annotations: {team: shop}}
  spec:
    minReplicas: 12
    maxReplicas: 20
    scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: front}
    behavior: {scaleDown: {policies: [{type: Pods, value: 1, periodSeconds: 60}]}}
- apiVersion: autoscaling/v2
  kind: HorizontalPodAutoscaler
  metadata: {name: images, namespace: studio, annotations: {floorkeeper.dev/ignore: "false"}}
  spec:
    maxReplicas: 8
    scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: images}
- apiVersion: autoscaling/v2
  kind: HorizontalPodAutoscaler
  metadata: {name: free, namespace: studio}
  spec:
    minReplicas: 3
    maxReplicas: 8
    scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: free}
`

// covered are the HPAs that the schedule covers, with the floor that they have.
func covered() map[string]string {
	return map[string]string{"shop/web": "10", "shop/front": "12", "studio/images": "8"}
}

// scheduled is a schedule whose event is open now, and for longer than this test.
func scheduled() string {
	now := time.Now().UTC()
	return fmt.Sprintf(`
apiVersion: floorkeeper.dev/v1
kind: Schedule
timeZone: UTC
events:
  - name: gala
    start: %q
    end: %q
    targets: [{namespace: shop, minReplicas: 10}, {namespace: studio, name: images, minReplicas: 10}]
`, now.Add(-time.Hour).Format(time.RFC3339), now.Add(24*time.Hour).Format(time.RFC3339))
}

// keeper is floorkeeper's binary in the hands of its controller and of people.
type keeper struct {
	*installation
	dir, binary, account string
	before               map[string]map[string]any
}

func newKeeper(t *testing.T, in *installation) *keeper {
	t.Helper()
	k := &keeper{installation: in, dir: t.TempDir()}
	var err error
	if k.binary, err = replica.Build(t.Context(), k.dir); err != nil {
		t.Fatal(err)
	}
	if k.account, err = cluster.ServiceAccountKubeconfig(t.Context(), in.namespace, in.account); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(k.dir, "schedule.yaml"), []byte(scheduled()), 0o644); err != nil {
		t.Fatal(err)
	}
	return k
}

// people are accounts with the rights that the documentation names: alice has them all, bob may patch in one namespace
// only, and carol does not see the Lease.
func (k *keeper) people(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "install.md"))
	if err != nil {
		t.Fatal(err)
	}
	role := regexp.MustCompile("(?s)```yaml\n(apiVersion: rbac[^`]*name: floorkeeper-releaser\n[^`]*)```").FindStringSubmatch(string(text))
	if role == nil {
		t.Fatal("docs/install.md has no ClusterRole floorkeeper-releaser")
	}
	manifest := role[1] + `---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: reads-hpas},
 rules: [{apiGroups: [autoscaling], resources: [horizontalpodautoscalers], verbs: [get, list]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: reads-lease},
 rules: [{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get]}]}
` + binding("ClusterRoleBinding", "", "alice", "floorkeeper-releaser") +
		binding("ClusterRoleBinding", "", "bob", "reads-hpas") + binding("ClusterRoleBinding", "", "bob", "reads-lease") +
		binding("RoleBinding", "shop", "bob", "floorkeeper-releaser") + binding("ClusterRoleBinding", "", "carol", "reads-hpas")
	mustKubectl(t, manifest, "apply", "--filename=-")
	t.Cleanup(func() {
		if s := kubectl(context.Background(), manifest, "delete", "--filename=-"); s.err != nil {
			t.Error(s.stderr)
		}
	})
	for _, user := range []string{"alice", "bob", "carol"} {
		config, err := clientcmd.LoadFromFile(cluster.Kubeconfig())
		if err != nil {
			t.Fatal(err)
		}
		for _, login := range config.AuthInfos {
			login.Impersonate = user
		}
		if err := clientcmd.WriteToFile(*config, k.kubeconfig(user)); err != nil {
			t.Fatal(err)
		}
	}
}

func binding(kind, namespace, user, role string) string {
	return fmt.Sprintf(`---
{apiVersion: rbac.authorization.k8s.io/v1, kind: %s, metadata: {name: %s-%s, namespace: %q},
 roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}, subjects: [{kind: User, name: %s}]}
`, kind, user, role, namespace, role, user)
}

func (k *keeper) kubeconfig(user string) string { return filepath.Join(k.dir, user+".kubeconfig") }

// release runs floorkeeper release as a person, and returns the exit code and what it printed.
func (k *keeper) release(t *testing.T, user string, args ...string) (code int, s said) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), k.binary, append([]string{"release"}, args...)...)
	cmd.Env = []string{"HOME=" + k.dir, "KUBECONFIG=" + k.kubeconfig(user)}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), said{stdout: stdout.String(), stderr: stderr.String()}
}

// want runs floorkeeper release and compares the exit code and the table, and looks for words on standard error.
func (k *keeper) want(t *testing.T, user, args string, code int, table, words string) said {
	t.Helper()
	got, s := k.release(t, user, strings.Fields(args)...)
	if got != code || !strings.Contains(s.stderr, words) {
		t.Errorf("release %s by %s: exit code %d, want %d; standard error, which should say %q:\n%s", args, user, got, code, words, s.stderr)
	}
	if diff := cmp.Diff(strings.TrimPrefix(table, "\n"), s.stdout); diff != "" {
		t.Errorf("the table of release %s by %s (-want +got):\n%s", args, user, diff)
	}
	return s
}

// run starts the controller and waits until it holds all floors and has handed the ownership back.
func (k *keeper) run(t *testing.T) *replica.Replica {
	t.Helper()
	r, err := replica.Start(replica.Options{
		Binary: k.binary,
		Args: []string{
			"run", "--schedule=" + filepath.Join(k.dir, "schedule.yaml"), "--kubeconfig=" + k.account,
			"--leader-election-namespace=" + k.namespace,
		},
		Env: []string{"HOME=" + k.dir}, Log: filepath.Join(k.dir, "controller.log"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Kill()
		if t.Failed() {
			t.Logf("the controller's log:\n%s", r.Tail(math.MaxInt))
		}
	})
	await.Success(t, "every floor", func(context.Context) error { return k.each(isHeld) })
	return r
}

// each applies a check to every HPA.
func (k *keeper) each(check func(key string, hpa *unstructured.Unstructured) error) error {
	s := kubectl(context.Background(), "", "get", "hpa", "--all-namespaces", "--output=json", "--show-managed-fields")
	if s.err != nil {
		return fmt.Errorf("%w: %s", s.err, s.stderr)
	}
	list := &unstructured.UnstructuredList{}
	if err := list.UnmarshalJSON([]byte(s.stdout)); err != nil {
		return err
	}
	for _, hpa := range list.Items {
		key := hpa.GetNamespace() + "/" + hpa.GetName()
		if err := check(key, &hpa); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

func hasStatus(_ string, hpa *unstructured.Unstructured) error {
	if conditions, _, _ := unstructured.NestedSlice(hpa.Object, "status", "conditions"); len(conditions) == 0 {
		return errors.New("it has no conditions yet")
	}
	return nil
}

func isHeld(key string, hpa *unstructured.Unstructured) error {
	floor, ok := covered()[key]
	minReplicas, _, _ := unstructured.NestedInt64(hpa.Object, "spec", "minReplicas")
	if ok && (hpa.GetAnnotations()["floorkeeper.dev/floor"] != floor || fmt.Sprint(minReplicas) != floor || ownsFields(hpa)) {
		return fmt.Errorf("minReplicas is %d, annotations are %v, owned by floorkeeper: %t", minReplicas, hpa.GetAnnotations(), ownsFields(hpa))
	}
	return nil
}

func ownsFields(hpa *unstructured.Unstructured) bool {
	for _, entry := range hpa.GetManagedFields() {
		if entry.Manager == "floorkeeper" {
			return true
		}
	}
	return false
}

// snapshot is every HPA as it is stored, but for what the API server and the HPA controller write, and for the ownership
// of minReplicas, which nobody has once somebody else has written it and handed it back.
func (k *keeper) snapshot(t *testing.T) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	err := k.each(func(key string, hpa *unstructured.Unstructured) error {
		delete(hpa.Object, "status")
		var entries []metav1.ManagedFieldsEntry
		for _, entry := range hpa.GetManagedFields() {
			if entry.Subresource == "status" {
				continue
			}
			raw := strings.Replace(entry.FieldsV1.GetRawString(), `"f:minReplicas":{},`, "", 1)
			entry.FieldsV1 = &metav1.FieldsV1{}
			entry.FieldsV1.SetRawString(raw)
			entries = append(entries, entry)
		}
		hpa.SetManagedFields(entries)
		for _, field := range []string{"resourceVersion", "generation"} {
			unstructured.RemoveNestedField(hpa.Object, "metadata", field)
		}
		all[key] = hpa.Object
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// wantAsWritten compares every HPA with what its owner wrote.
func (k *keeper) wantAsWritten(t *testing.T) {
	t.Helper()
	after := k.snapshot(t)
	for key, object := range k.before {
		before, _ := json.MarshalIndent(object, "", " ")
		now, _ := json.MarshalIndent(after[key], "", " ")
		if diff := cmp.Diff(string(before), string(now)); diff != "" {
			t.Errorf("HPA %s (-as its owner wrote it +after the release):\n%s", key, diff)
		}
	}
}
