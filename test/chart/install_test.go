package chart

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// A release lives and ends with each Helm, beside those of the other tests.
func TestRelease(t *testing.T) {
	t.Parallel()
	for i, h := range helms {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			r := newRelease(t, h, []string{"floorkeeper", "evening"}[i], []string{"home", "ops"}[i])
			r.installs(t)
			r.serve(t)
			r.tests(t)
			r.shows(t)
			r.isAlone(t)
			r.refuses(t)
			r.upgrades(t)
			r.guards(t)
			r.uninstalls(t)
		})
	}
}

// installs: both replicas run in a namespace with restricted Pod Security, and the notes report what auto has chosen.
func (r *release) installs(t *testing.T) {
	t.Helper()
	notes := r.install(t, r.schedule(t, floor), "--set=rbac.aggregateToView=true")
	for _, want := range []string{
		"floor guard   installed (auto: the API server serves MutatingAdmissionPolicy v1)", "hand-back     installed", "floor notice  installed", "floor scope   installed",
		"ConfigMap " + r.namespace + "/" + r.deployment + "-schedule, from schedule.text", "namespaces    all, but not kube-system",
	} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes do not say %q:\n%s", want, notes)
		}
	}
	for _, policy := range []string{"floor-guard", "floor-hand-back", "floor-notice", "floor-scope"} {
		await.Success(t, "the controller to see its "+policy, func(context.Context) error {
			if lines := r.controller.Tail(1, "policy in force", `"`+r.deployment+"-"+policy+`"`); lines == "" {
				return fmt.Errorf("its log: %s", r.controller.Tail(20, "policy"))
			}
			return nil
		})
	}
}

// tests: helm test runs validate and status with the controller's own rights.
func (r *release) tests(t *testing.T) {
	t.Helper()
	r.helmed(t, "test", r.name)
	for _, command := range []string{"validate", "status"} {
		if ran := r.hooks(command); len(ran) != 1 || ran[0].failed {
			t.Errorf("helm test ran %s: %+v", command, ran)
		}
	}
}

// shows: with the built-in role view, floorkeeper status knows the leader, the schedule and the guard.
func (r *release) shows(t *testing.T) {
	t.Helper()
	viewer := "viewer-of-" + r.name
	kubectl(t, "", "create", "clusterrolebinding", viewer, "--clusterrole=view", "--user="+viewer)
	await.Success(t, "the role view to be aggregated", func(ctx context.Context) error {
		out, err := command(ctx, "status", "default/"+r.hpa, "--as="+viewer, "--leader-election-namespace="+r.namespace, "--configmap="+r.namespace+"/"+r.configMap,
			"--policy-name-prefix="+r.deployment+"-")
		if err == nil && (strings.Contains(out, "you may not") || !strings.Contains(out, "Floor guard:  in force") || !strings.Contains(out, "in sync with ConfigMap")) {
			err = errors.New(out)
		}
		return err
	})
}

// isAlone: a second release in the namespace would compete for the same Lease.
func (r *release) isAlone(t *testing.T) {
	t.Helper()
	_, err := r.run(t.Context(), "install", "another", folder, "--namespace="+r.namespace)
	if err == nil || !strings.Contains(err.Error(), "namespace "+r.namespace+" has a floorkeeper already, Deployment "+r.deployment) {
		t.Errorf("a second release in the namespace: %v", err)
	}
}

// refuses: upgrades that would lose floors, or leave them up for good. What is meant to empty the schedule may do so.
func (r *release) refuses(t *testing.T) {
	t.Helper()
	for flags, want := range map[string]string{
		"--set=schedule.existingConfigMap=" + r.configMap: "ConfigMap " + r.configMap + " belongs to this release, and Helm would delete it",
		"--set=replicas=3": "the schedule in ConfigMap " + r.configMap + " is not empty",
		"--reset-then-reuse-values --set=namespaceOverride=default":                                                     "release " + r.name + " runs in namespace " + r.namespace,
		"--reset-then-reuse-values --set=namespaceOverride=default,rbac.create=false,uninstall.serviceAccountName=mine": "release " + r.name + " runs in namespace " + r.namespace,
		"--set=fullnameOverride=another":                               "the schedule in ConfigMap " + r.configMap + " is not empty",
		"--reset-then-reuse-values --set=namespaces={kube-node-lease}": "HPA default/" + r.hpa + " would keep its floor",
		"--reset-then-reuse-values --set=namespaces={default}":         "",
		"--set-file=schedule.text=" + folder + "/files/schedule.yaml":  "",
	} {
		r.refusesUpgrade(t, want, strings.Fields(flags)...)
	}
}

// refusesUpgrade tries an upgrade that must be refused with this reason, or, where it is empty, may be done. Nothing is done.
func (r *release) refusesUpgrade(t *testing.T, reason string, flags ...string) {
	t.Helper()
	_, err := r.run(t.Context(), append([]string{"upgrade", r.name, folder, "--namespace=" + r.namespace, "--dry-run=server"}, flags...)...)
	if reason == "" && err != nil || reason != "" && (err == nil || !strings.Contains(err.Error(), reason)) {
		t.Errorf("an upgrade with %v: %v, want %q", flags, err, reason)
	}
}

// Values that an upgrade loses may be those of the name and the namespace, by which no object of the release is found then.
func TestUpgradeWithoutItsNames(t *testing.T) {
	t.Parallel()
	for i, values := range []string{"rbac.create=true", "namespaces={default}"} {
		h, namespace := helms[i], fmt.Sprintf("renamed-%d", i)
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			kubectl(t, "", "create", "namespace", namespace)
			kubectl(t, "", "create", "namespace", namespace+"-release")
			r := &release{helm: h, name: namespace, namespace: namespace + "-release", hpa: namespace}
			r.flags = []string{r.schedule(t, floor), "--set=" + values}
			r.helmed(t, "install", r.name, folder, "--set=namespaceOverride="+namespace+",fullnameOverride=named-"+namespace)
			r.refusesUpgrade(t, "the schedule in ConfigMap named-"+namespace+"-schedule is not empty", "--set="+values)
			moved := "release " + r.name + " runs in namespace " + namespace + ", and a controller in namespace "
			r.refusesUpgrade(t, moved+r.namespace, r.flags...)
			r.refusesUpgrade(t, moved+"default", append(r.flags, "--set=namespaceOverride=default")...)
			r.refusesUpgrade(t, "", append(r.flags, "--set=namespaceOverride="+namespace)...)
			kubectl(t, "", "delete", "deployment", "named-"+namespace, "--namespace="+namespace)
			r.refusesUpgrade(t, "", r.flags...)
			r.flags = nil
			r.helmed(t, "uninstall", r.name, "--no-hooks")
		})
	}
}

// upgrades: an edit of the schedule goes into the ConfigMap and restarts nothing; a rollback takes it back.
func (r *release) upgrades(t *testing.T) {
	t.Helper()
	before := podNames(t, r.namespace)
	r.helmed(t, "upgrade", r.name, folder, "--wait", "--reset-then-reuse-values", r.schedule(t, 7))
	r.mount(t)
	r.awaitFloor(t, 7)
	r.helmed(t, "rollback", r.name, "1", "--wait")
	r.mount(t)
	r.awaitFloor(t, floor)
	if diff := cmp.Diff(before, podNames(t, r.namespace)); diff != "" {
		t.Errorf("an edit of the schedule restarts Pods (-before +after):\n%s", diff)
	}
	deployment, err := cluster.Client().AppsV1().Deployments(r.namespace).Get(t.Context(), r.deployment, metav1.GetOptions{})
	if err != nil || deployment.Generation != 1 || len(before) != 2 {
		t.Errorf("the Deployment is at generation %d, with the Pods %v: %v", deployment.Generation, before, err)
	}
}

// guards: what another writer writes is kept as the baseline, and only by the guard of the release that holds the HPA. The
// guard of another release must not take that for an edit of the annotations.
func (r *release) guards(t *testing.T) {
	t.Helper()
	patch := func(minReplicas int) {
		kubectl(t, "", "patch", "hpa", r.hpa, "--namespace=default", "--type=merge", fmt.Sprintf(`--patch={"spec":{"minReplicas":%d}}`, minReplicas))
	}
	patch(3)
	hpa, err := r.get(t.Context(), t)
	if err != nil || *hpa.Spec.MinReplicas != floor || hpa.Annotations["floorkeeper.dev/baseline"] != "3" {
		t.Errorf("the guard has made of minReplicas 3: %v, %v", hpa, err)
	}
	patch(baseline)
	r.wantHeld(t)
}

// uninstalls: the hook stops the controller and gives the baseline back, and nothing is left.
func (r *release) uninstalls(t *testing.T) {
	t.Helper()
	r.helmed(t, "uninstall", r.name)
	if ran := r.hooks("release"); len(ran) != 1 || ran[0].failed || !strings.Contains(ran[0].output, "released\n") {
		t.Errorf("the hook ran: %+v", ran)
	}
	r.wantAsWritten(t)
	r.wantLeaseFree(t)
	r.wantNothingInstalled(t)
}

// command runs the real program as the administrator, and returns all that it printed.
func command(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, floorkeeper, args...)
	cmd.Env = []string{"KUBECONFIG=" + cluster.Kubeconfig()}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("floorkeeper %q: %w: %s", args, err, out)
	}
	return string(out), nil
}
