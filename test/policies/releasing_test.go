package policies

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

const nothing = "No HorizontalPodAutoscaler is held."

// refusesWithoutLease: no controller has been elected yet, or floorkeeper is installed elsewhere; nobody knows which.
func (k *keeper) refusesWithoutLease(t *testing.T) {
	k.want(t, "alice", "-A", 1, "", "there is no Lease floorkeeper/floorkeeper, so it is unknown whether a controller runs")
	k.want(t, "alice", "-A --force", 0, "", nothing)
}

// whileAControllerRuns: nothing is released, unless it is forced; and then the controller raises again.
func (k *keeper) whileAControllerRuns(t *testing.T) {
	controller := k.run(t)
	held := k.snapshot(t)
	for _, args := range []string{"-A", "--namespace=shop", "shop/web", "-n shop web"} {
		k.want(t, "alice", args, 1, "", "holds Lease floorkeeper/floorkeeper: it would raise again what is released; stop it and wait "+
			"until it has ended: kubectl -n floorkeeper scale deployment --selector=app.kubernetes.io/name=floorkeeper --replicas=0")
	}
	k.want(t, "carol", "-A", 1, "", "cannot read Lease floorkeeper/floorkeeper, so it is unknown whether a controller runs")
	k.want(t, "alice", "-A --leader-election-namespace=ops", 1, "", "there is no Lease ops/floorkeeper")
	k.want(t, "alice", "-A --dry-run", 1, `
NAMESPACE   NAME     FROM   TO   RESULT
shop        front    12     12   released (server dry run)
shop        web      10     2    released (server dry run)
studio      images   8      1    released (server dry run)
`, "without --dry-run this would be refused: a controller runs")
	if diff := cmp.Diff(held, k.snapshot(t)); diff != "" {
		t.Errorf("what was refused has changed something:\n%s", diff)
	}
	if _, s := k.release(t, "alice", "--force", "shop/web"); !strings.Contains(s.stdout, "   10     2    released") &&
		!strings.Contains(s.stdout, "raised again: a controller runs") {
		t.Errorf("forced, it did not release: %s%s", s.stdout, s.stderr)
	}
	await.Success(t, "the controller to raise again", func(context.Context) error { return k.each(isHeld) })
	if err := controller.Stop(await.Patience); err != nil {
		t.Errorf("the controller ended with %v", err)
	}
}

// afterTheController: the uninstall, with one HPA damaged and one account that may not do it everywhere.
func (k *keeper) afterTheController(t *testing.T) {
	mustKubectl(t, "", "scale", "deployment", "--selector=app.kubernetes.io/name=floorkeeper", "--namespace=floorkeeper", "--replicas=0")
	for range 2 { // it succeeds as well when there is nothing left to wait for
		mustKubectl(t, "", "wait", "pod", "--namespace=floorkeeper", "--selector=app.kubernetes.io/name=floorkeeper", "--for=delete", "--timeout="+await.Patience.String())
	}
	mustKubectl(t, "", "annotate", "hpa", "free", "--namespace=studio", "floorkeeper.dev/because=many")
	k.want(t, "bob", "-A", 1, `
NAMESPACE   NAME     FROM   TO   RESULT
shop        front    12     12   released
shop        web      10     2    released
studio      free     3      3    damaged: its baseline is unknown, left as it is
studio      images   8      8    refused: horizontalpodautoscalers.autoscaling "images" is forbidden: User "bob" cannot patch resource "horizontalpodautoscalers" in API group "autoscaling" in the namespace "studio"; ask for the right: the rule {apiGroups: ["autoscaling"], resources: [horizontalpodautoscalers], verbs: [patch]} of a Role in namespace studio, and a RoleBinding to you there
`, "not released: 2 of 4 HorizontalPodAutoscalers")
	k.want(t, "bob", "-n nowhere", 1, "", `namespaces "nowhere" is forbidden`)
	k.want(t, "alice", "-n nowhere", 1, "", `namespace nowhere has no HorizontalPodAutoscaler; is it misspelt? namespaces "nowhere" not found`)
	k.want(t, "alice", "-n bare", 0, "", nothing)
	k.want(t, "alice", "-n shop", 0, "", nothing)
	k.want(t, "alice", "shop/web studio/image studio/images", 1, `
NAMESPACE   NAME     FROM   TO   RESULT
shop        web      2      2    nothing held
studio      image    -      -    not found
studio      images   8      1    released
`, "not released: 1 of 3 HorizontalPodAutoscalers")
	s := k.want(t, "alice", "-A", 1, `
NAMESPACE   NAME   FROM   TO   RESULT
studio      free   3      3    damaged: its baseline is unknown, left as it is
`, "studio/free is damaged. Say which minReplicas it should have, in place of N, and release it again:")
	k.wantLeft(t, "studio/free minReplicas 3\n")
	k.follow(t, s.stderr, "N") // somebody who is very tired
	k.want(t, "alice", "-n studio free", 1, `
NAMESPACE   NAME   FROM   TO   RESULT
studio      free   3      3    damaged: its baseline is unknown, left as it is
`, "not released: 1 of 1 HorizontalPodAutoscaler")
	k.follow(t, s.stderr, "2")
	k.want(t, "alice", "-A", 0, `
NAMESPACE   NAME   FROM   TO   RESULT
studio      free   3      2    released
`, "")
	k.want(t, "alice", "-A", 0, "", nothing)
	k.wantLeft(t, "studio/free minReplicas 2 declared-baseline 2\n")
	mustKubectl(t, "", "annotate", "hpa", "free", "--namespace=studio", "floorkeeper.dev/declared-baseline-")
	k.wantLeft(t, "")
	k.before["studio/free"] = k.snapshot(t)["studio/free"] // the person's doing
	k.wantAsWritten(t)
}

// follow runs the command that release proposes for a damaged HPA, with a value in place of N.
func (k *keeper) follow(t *testing.T, stderr, value string) {
	t.Helper()
	k.shell(t, strings.Replace(regexp.MustCompile(`(?m)^kubectl .*$`).FindString(stderr), "=N ", "="+value+" ", 1))
}

// wantLeft runs the line of docs/install.md that shows what an uninstall left.
func (k *keeper) wantLeft(t *testing.T, want string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "install.md"))
	if err != nil {
		t.Fatal(err)
	}
	if got := k.shell(t, regexp.MustCompile(`(?m)^kubectl get hpa -A .*$`).FindString(string(page))); got != want {
		t.Errorf("docs/install.md shows that %q is left, want %q", got, want)
	}
}

// shell runs a command of an administrator and returns what it prints.
func (k *keeper) shell(t *testing.T, command string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Env = []string{"HOME=" + k.dir, "KUBECONFIG=" + cluster.Kubeconfig(), "PATH=" + filepath.Dir(cluster.Binary("kubectl")) + ":/bin:/usr/bin"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", command, err, out)
	}
	return string(out)
}

// afterTheAccount: the namespace was deleted first. The controller could not give its Lease back, either: it was killed.
func (k *keeper) afterTheAccount(t *testing.T) {
	k.run(t).Kill()
	k.want(t, "alice", "-n studio", 0, `
NAMESPACE   NAME     FROM   TO   RESULT
studio      images   8      1    released
`, "waiting up to 5s to see whether it is alive")
	mustKubectl(t, "", "delete", "serviceaccount", k.installation.account, "--namespace="+k.namespace)
	mustKubectl(t, "", "delete", "lease", "floorkeeper", "--namespace="+k.namespace)
	k.want(t, "alice", "-A", 1, "", "there is no Lease floorkeeper/floorkeeper")
	k.want(t, "alice", "-A --force", 0, `
NAMESPACE   NAME    FROM   TO   RESULT
shop        front   12     12   released
shop        web     10     2    released
`, "")
	k.wantAsWritten(t)
}
