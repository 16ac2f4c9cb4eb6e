package chart

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// In whichever way a release ends, no baseline is lost: it is given back, or it is on the HPA, where one line shows it, and
// floorkeeper release gives it back afterwards.
func TestUninstall(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *release){
		"chosen":         endsInChosenNamespaces,
		"by-its-admin":   endsByTheAdminOfItsNamespaces,
		"never-starts":   endsWithoutAStart,
		"hook-fails":     endsAfterAFailure,
		"without-hooks":  endsWithoutHooks,
		"release-before": endsAfterRelease,
		"rendered":       endsRendered,
		"namespace":      endsWithItsNamespace,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			end(t, newRelease(t, helms[1], name, name))
		})
	}
}

// With rights in listed namespaces alone, one of them without an HPA, and with a ConfigMap of the user's own.
func endsInChosenNamespaces(t *testing.T, r *release) {
	const mine, missing = "{apiVersion: v1, kind: ConfigMap, metadata: {name: mine, namespace: chosen}, data: {evening.yaml: %q}}", "IT DOES NOT EXIST YET"
	if notes := r.helmed(t, "install", r.name, folder, "--dry-run=server", "--set=schedule.existingConfigMap=mine"); !strings.Contains(notes, missing) {
		t.Errorf("the notes do not say that there is no ConfigMap:\n%s", notes)
	}
	kubectl(t, fmt.Sprintf(mine, r.window(floor)), "apply", "--filename=-")
	kubectl(t, "", "create", "namespace", "first")
	kubectl(t, "", "create", "namespace", "second")
	notes := r.install(t, "--set=namespaces={default,kube-public,first,second},schedule.existingConfigMap=mine,policies.guard=false")
	for _, want := range []string{
		"your ConfigMap chosen/mine, which this chart does not own", "namespaces    default, kube-public, first, second, but not kube-system",
		"floor guard   not installed (as set)", "hand-back     installed (auto", "floor notice  not installed (auto: as the floor guard)",
	} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes do not say %q:\n%s", want, notes)
		}
	}
	if strings.Contains(notes, missing) {
		t.Errorf("the notes do not know ConfigMap mine:\n%s", notes)
	}
	r.serve(t)
	r.tests(t)
	r.refusesUpgrade(t, "release chosen runs in namespace chosen", "--reuse-values", "--set=namespaceOverride=default")
	r.refusesUpgrade(t, "HPA default/chosen would keep its floor", "--reuse-values", "--set=namespaces={kube-public,second}")
	r.refusesUpgrade(t, "the schedule in ConfigMap mine is not empty", "--set=namespaces={default,kube-public,first,second}")
	kubectl(t, fmt.Sprintf(mine, read(t, folder, "files/schedule.yaml")), "apply", "--filename=-")
	r.refusesUpgrade(t, "", "--set=namespaces={default,kube-public,first,second}")
	kubectl(t, fmt.Sprintf(mine, r.window(floor)), "apply", "--filename=-")
	r.losesNamespaces(t)
	r.uninstalls(t)
	kubectl(t, "", "delete", "namespace", "second", "--wait=false")
	kubectl(t, "", "get", "configmap", "mine", "--namespace="+r.namespace)
}

// losesNamespaces: listed namespaces are deleted. An upgrade works without the first one in the list, and an uninstall when the
// second one was created again.
func (r *release) losesNamespaces(t *testing.T) {
	t.Helper()
	for _, lost := range []struct {
		namespace string
		cannot    []string
	}{{"first", []string{"upgrade", r.name, folder, "--reuse-values"}}, {"second", []string{"uninstall", r.name}}} {
		kubectl(t, "", "delete", "namespace", lost.namespace, "--timeout="+await.Patience.String())
		_, err := r.run(t.Context(), append(lost.cannot, "--namespace="+r.namespace)...)
		if err == nil || !strings.Contains(err.Error(), `namespaces "`+lost.namespace+`" not found`) {
			t.Errorf("%v without namespace %s: %v", lost.cannot, lost.namespace, err)
		}
		if lost.namespace == "first" {
			r.helmed(t, "upgrade", r.name, folder, "--reuse-values", "--set=namespaces={default,kube-public,second}")
		}
	}
	r.wantHeld(t)
	kubectl(t, "", "create", "namespace", "second")
}

// Whoever has no rights in the cluster installs, tests and uninstalls it, with the values that docs/install.md lists.
func endsByTheAdminOfItsNamespaces(t *testing.T, r *release) {
	admin := func(namespace string) {
		kubectl(t, "", "create", "rolebinding", r.name, "--clusterrole=admin", "--user="+r.name, "--namespace="+namespace)
	}
	admin(r.namespace)
	admin("default")
	kubectl(t, "", "create", "namespace", "lent")
	admin("lent")
	r.flags = []string{"--kube-as-user=" + r.name}
	values := regexp.MustCompile("policies.scope=false,[^`]+").FindString(read(t, "../../docs/install.md"))
	r.install(t, r.schedule(t, floor), "--set=namespaces={default,lent},"+values)
	r.serve(t)
	r.tests(t)
	kubectl(t, "", "delete", "namespace", "lent", "--timeout="+await.Patience.String())
	upgrade := []string{r.schedule(t, floor), "--values=" + folder + "/ci/namespace-admin-values.yaml"}
	r.refusesUpgrade(t, `cannot list resource "horizontalpodautoscalers" in API group "autoscaling" in the namespace "lent"`, append(upgrade, r.flags...)...)
	kubectl(t, "", "create", "namespace", "lent")
	admin("lent")
	r.helmed(t, append([]string{"upgrade", r.name, folder}, upgrade...)...)
	r.uninstalls(t)
}

// The Pods of a first install cannot start, and neither can that of the hook, which Helm runs by itself then. Without the hook, and
// without what is left of it, the next install succeeds.
func endsWithoutAStart(t *testing.T, r *release) {
	install := []string{"upgrade", "--install", r.name, folder, "--namespace=" + r.namespace, r.schedule(t, floor)}
	for _, want := range []string{"", "has no deployed releases"} {
		_, err := r.run(t.Context(), append(install, "--rollback-on-failure", "--timeout=4s", "--set=nodeSelector.pool=none")...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Fatalf("an install of Pods that cannot start: %v, want %q", err, want)
		}
	}
	r.helmed(t, "uninstall", r.name, "--no-hooks")
	r.deletesTheJob(t)
	r.install(t)
	r.serve(t)
	r.uninstalls(t)
}

// deletesTheJob runs the command of README.md, without which the Job of a hook goes on.
func (r *release) deletesTheJob(t *testing.T) {
	t.Helper()
	text := strings.Join(strings.Fields(read(t, folder, "README.md")), " ")
	found := regexp.MustCompile("`kubectl (-n floorkeeper delete job [^`]+)`").FindStringSubmatch(text)
	kubectl(t, "", strings.Fields(strings.NewReplacer("-n floorkeeper", "-n "+r.namespace, "floorkeeper-release", r.deployment+"-release").Replace(found[1]))...)
}

// The hook cannot run, because its image cannot be pulled: nothing is deleted. A rollback starts a controller again that was
// stopped, and the next attempt to uninstall succeeds.
func endsAfterAFailure(t *testing.T, r *release) {
	r.install(t)
	r.serve(t)
	r.cannotPull.Store(true)
	if out, err := r.run(t.Context(), "uninstall", r.name, "--namespace="+r.namespace); err == nil {
		t.Fatalf("Helm has uninstalled it without the hook: %s", out)
	}
	r.wantHeld(t)
	if pods := podNames(t, r.namespace); len(pods) != 2 {
		t.Errorf("the controller has the Pods %v", pods)
	}
	if _, err := r.release(t.Context(), "--namespace=kube-public", "--stop-deployment="+r.namespace+"/"+r.deployment); err != nil {
		t.Fatal(err)
	}
	r.deletesTheJob(t)
	r.helmed(t, "rollback", r.name, "1", "--wait")
	if pods := podNames(t, r.namespace); len(pods) != 2 {
		t.Errorf("after a rollback, the controller has the Pods %v", pods)
	}
	r.cannotPull.Store(false)
	r.uninstalls(t)
}

func endsWithoutHooks(t *testing.T, r *release) {
	r.install(t)
	r.helmed(t, "uninstall", r.name, "--no-hooks")
	r.controller.Kill() // its Pod is gone
	r.wantHeld(t)
	r.wantListed(t, true)
	r.releases(t, "--leader-election-namespace="+r.namespace)
	r.wantNothingInstalled(t)
}

func endsAfterRelease(t *testing.T, r *release) {
	r.install(t)
	r.serve(t)
	r.releases(t, "--stop-deployment="+r.namespace+"/"+r.deployment)
	r.helmed(t, "uninstall", r.name, "--no-hooks")
	r.wantNothingInstalled(t)
}

// What helm template prints, with the hooks, is applied with kubectl: the Job of the hook runs at once, and must do nothing.
func endsRendered(t *testing.T, r *release) {
	args := []string{"template", r.name, folder, kubeVersion, "--namespace=" + r.namespace, "--api-versions=admissionregistration.k8s.io/v1/MutatingAdmissionPolicy", r.schedule(t, floor)}
	kubectl(t, r.must(t, append(args, "--no-hooks")...), "apply", "--filename=-")
	kubectl(t, "", "rollout", "status", "deployment/"+r.deployment, "--namespace="+r.namespace, "--timeout="+await.Patience.String())
	r.kubelet = startKubelet(t, r.namespace, r.deployment)
	r.awaitFloor(t, floor)
	rendered := r.must(t, args...)
	kubectl(t, rendered, "apply", "--filename=-")
	r.serve(t)
	await.Success(t, "the Job to refuse", func(context.Context) error {
		if ran := r.hooks("release"); len(ran) > 0 && ran[0].failed && strings.Contains(ran[0].output, "render the chart with helm template --no-hooks") {
			return nil
		}
		return errNotYet
	})
	r.wantHeld(t)
	deployment, err := cluster.Client().AppsV1().Deployments(r.namespace).Get(t.Context(), r.deployment, metav1.GetOptions{})
	if err != nil || *deployment.Spec.Replicas != 2 {
		t.Errorf("the Deployment: %v, %v", deployment, err)
	}
	kubectl(t, rendered, "delete", "--wait=false", "--filename=-")
	r.controller.Kill()
	r.wantHeld(t)
	r.wantListed(t, true)
	r.releases(t, "--leader-election-namespace="+r.namespace)
}

// The namespace is deleted first, and with it the Lease. The cluster-wide policies stay and hinder nothing.
func endsWithItsNamespace(t *testing.T, r *release) {
	r.install(t, r.schedule(t, floor), "--set=namespaces={default}")
	kubectl(t, "", "delete", "namespace", r.namespace, "--timeout="+await.Patience.String())
	r.controller.Kill()
	r.wantHeld(t)
	if out, err := r.release(t.Context(), "--all-namespaces", "--leader-election-namespace="+r.namespace); err == nil || !strings.Contains(out, "there is no Lease") {
		t.Errorf("without a Lease, release does not ask: %s", out)
	}
	r.releases(t, "--stop-deployment="+r.namespace+"/"+r.deployment)
	r.shell(t, `^kubectl delete clusterroles,.*$`)
	r.shell(t, `^kubectl delete roles,.*$`)
	r.shell(t, `^kubectl delete mutatingadmissionpolicies,.*$`)
	r.wantNothingInstalled(t)
}

// shell runs the line of README.md that matches, for this release, and returns what it printed.
func (r *release) shell(t *testing.T, line string) string {
	t.Helper()
	found := regexp.MustCompile("(?m)" + line).FindString(read(t, folder, "README.md"))
	found = strings.ReplaceAll(strings.Replace(found, "kubectl", cluster.Binary("kubectl"), 1), "instance=floorkeeper", "instance="+r.name)
	cmd := exec.CommandContext(t.Context(), "sh", "-c", found)
	cmd.Env = []string{"KUBECONFIG=" + cluster.Kubeconfig(), "HOME=" + filepath.Dir(cluster.Kubeconfig()), controlplane.LazyGC}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", found, err, out)
	}
	return string(out)
}

// releases gives the baselines of the release back, as a person does, while other releases hold theirs.
func (r *release) releases(t *testing.T, flags ...string) {
	t.Helper()
	out, err := r.release(t.Context(), append([]string{"--all-namespaces"}, flags...)...)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(out, "released\n") != 1 || !strings.Contains(out, " "+r.hpa+" ") {
		t.Errorf("released something else than HPA %s:\n%s", r.hpa, out)
	}
	r.wantAsWritten(t)
	r.wantListed(t, false)
}

// wantListed checks whether the line of README.md that shows what is left over lists the HPA.
func (r *release) wantListed(t *testing.T, want bool) {
	t.Helper()
	out := r.shell(t, `^kubectl get hpa .*$`)
	if got := strings.Contains(out, fmt.Sprintf("default/%s minReplicas %d managed by %s/floorkeeper\n", r.hpa, floor, r.namespace)); got != want {
		t.Errorf("the line of README.md lists HPA %s: %t, want %t\n%s", r.hpa, got, want, out)
	}
}
