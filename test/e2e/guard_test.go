package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// guardGauge reports whether the floor guard was in force at floorkeeper's last look.
const guardGauge = "floorkeeper_floor_guard_active"

// installOverlay applies deploy/kustomize with the floor guard switched on, and whatever else an overlay has.
func (c *cluster) installOverlay(t *testing.T, more string) {
	t.Helper()
	c.kubectl(t, "apply", "-k", kit.Overlay(t, kit.Guarded+more))
}

// guarded are the plays under the floor guard, one after the other: policies are for the whole cluster.
func guarded() []play {
	return []play{
		{"the guard is looked for", guardIsLookedFor},
		{"a declaration outlasts a guarded writer", declaredOutlastsAGuardedWriter},
		{"an altered floor that nobody owns", alteredFloorThatNobodyOwns},
	}
}

// playGuarded switches the guard on, waits until floorkeeper may look, and plays.
func (c *cluster) playGuarded(t *testing.T) {
	kit.Need(t, c.ControlPlane, controlplane.MutatingPolicies)
	c.installOverlay(t, "")
	c.awaitRight(t, c.Account, "mutatingadmissionpolicies", "floorkeeper-floor-guard")
	for _, p := range guarded() {
		t.Run(p.name, func(t *testing.T) { c.playAlone(t, p) })
	}
	t.Run("the policies have other names", c.playPrefixed)
}

// awaitRight waits until an account may get a policy.
func (c *cluster) awaitRight(t *testing.T, account, resource, name string) {
	t.Helper()
	await.Success(t, "the right to get "+name, func(ctx context.Context) error {
		_, err := c.KubectlAs(ctx, account, "auth", "can-i", "get", resource+".admissionregistration.k8s.io/"+name)
		return err
	})
}

// guardIsAbsent: without the component floorkeeper logs that. So it does where somebody applies the component and the API
// server has no such policies, which kubectl reports.
func guardIsAbsent(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	name := s.named("gala")
	s.publish(t, event(name, openNow(), s.targets("web: 8")))
	keeper := s.keep(t, "only", s.mount)
	s.awaitHeld(t, "web", 8, 2, name)
	why, served := "its policy does not exist", kit.Has(t, s.ControlPlane, controlplane.MutatingPolicies)
	if !served {
		why = "this API server does not serve its kind; Kubernetes 1.36 and later do"
	}
	s.awaitLogged(t, keeper, `"policy not in force"`, "floor-guard", why)
	s.awaitLogged(t, keeper, `"policy in force"`, "floor-scope")
	s.awaitGauge(t, keeper, 0)
	if !served {
		out, err := s.Kubectl(t.Context(), "apply", "-k", kit.Overlay(t, kit.Guarded))
		if err == nil || !strings.Contains(err.Error(), `no matches for kind "MutatingAdmissionPolicy"`) {
			t.Errorf("kubectl apply of the guard ended with %v: %s", err, out)
		}
	}

	s.setMin(t, "web", 4)
	s.awaitHeld(t, "web", 8, 4, name)
	s.awaitReason(t, "web", "Warning", "FloorReverted")
	s.awaitGauge(t, keeper, 0)
	if report := s.status(t); !strings.Contains(report, "\nFloor guard:  not in force: "+why+"\n") {
		t.Errorf("floorkeeper status does not say that the guard is not in force:\n%s", report)
	}
	s.publish(t)
	s.awaitFree(t, "web", 4)
}

// status is what floorkeeper status prints about the scene's namespace, to the administrator.
func (s *scene) status(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), s.binary, "status", "--namespace="+s.namespace, "--leader-election-namespace="+s.namespace)
	cmd.Env = []string{"HOME=" + s.dir, "KUBECONFIG=" + s.Kubeconfig()}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("floorkeeper status: %v: %s", err, out)
	}
	return string(out)
}

// guardIsLookedFor: at the election, and when it changes, and never in between.
func guardIsLookedFor(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	name := s.named("gala")
	s.publish(t, event(name, openNow(), s.targets("web: 8")))
	first := s.keep(t, "first", s.mount)
	s.awaitHeld(t, "web", 8, 2, name)
	s.awaitGauge(t, first, 1)
	for _, policy := range []string{"floor-guard", "floor-hand-back", "floor-notice", "floor-scope"} {
		s.awaitLogged(t, first, `"policy in force"`, "floorkeeper-"+policy)
	}
	s.awaitGuard(t, true)
	s.setMin(t, "web", 4)
	s.awaitHeld(t, "web", 8, 4, name)
	s.wantNoLook(t, first, 1)

	s.losesGuard(t, first, "mutatingadmissionpolicybinding")
	s.awaitLogged(t, first, `"policy not in force"`, "floor-guard", "its binding does not exist")
	s.regainsGuard(t, first)
	s.wantNoLook(t, first, 1)

	second := s.keep(t, "second", s.mount)
	s.wantNoGauge(t, second)
	if err := first.Stop(await.Patience); err != nil {
		t.Errorf("after SIGTERM floorkeeper ended with %v", err)
	}
	s.awaitGauge(t, second, 1)
	s.awaitLogged(t, second, `"policy in force"`, "floor-guard")
	s.losesGuard(t, second, "mutatingadmissionpolicy")
	s.awaitLogged(t, second, `"policy not in force"`, "floor-guard", "its policy does not exist")
	s.regainsGuard(t, second)
	s.kubectl(t, "patch", "mutatingadmissionpolicybinding", "floorkeeper-floor-guard", "--type=merge",
		`--patch={"spec":{"matchResources":{"namespaceSelector":{"matchLabels":{"a":"b"}}}}}`)
	s.awaitLogged(t, second, `"policy not in force"`, "its binding is not for all HorizontalPodAutoscalers")
	s.awaitGauge(t, second, 0)
	s.kubectl(t, "patch", "mutatingadmissionpolicybinding", "floorkeeper-floor-guard", "--type=merge", `--patch={"spec":{"matchResources":null}}`)
	s.regainsGuard(t, second)
	s.publish(t)
	s.awaitFree(t, "web", 4)
}

// losesGuard deletes the policy or its binding, which is noticed at once.
func (s *scene) losesGuard(t *testing.T, keeper *process, kind string) {
	t.Helper()
	s.kubectl(t, "delete", kind, "floorkeeper-floor-guard")
	s.awaitGauge(t, keeper, 0)
}

func (s *scene) regainsGuard(t *testing.T, keeper *process) {
	t.Helper()
	s.installOverlay(t, "")
	s.awaitGauge(t, keeper, 1)
	s.awaitGuard(t, true)
}

// wantNoLook lets the Lease be renewed some times, during which no policy is read and the gauge stays.
func (s *scene) wantNoLook(t *testing.T, keeper *process, gauge float64) {
	t.Helper()
	reads := s.policyReads(t)
	s.awaitRenewals(t, len(s.requestsHere(t)), 5)
	if after := s.policyReads(t); after != reads {
		t.Errorf("floorkeeper read %d policies and bindings of its own accord", after-reads)
	}
	if got, err := keeper.sample(t.Context(), guardGauge); err != nil || got != gauge {
		t.Errorf("%s is %v (%v), want still %v", guardGauge, got, err, gauge)
	}
}

// policyReads counts floorkeeper's reads of policies and their bindings.
func (c *cluster) policyReads(t *testing.T) int {
	t.Helper()
	reads := 0
	for _, r := range c.audit.requests(t) {
		if strings.Contains(r.ObjectRef.Resource, "admissionpolic") {
			reads++
		}
	}
	return reads
}

// awaitGuard waits until the guard keeps web's floor of 8, or does not any more. It tries with a dry run.
func (s *scene) awaitGuard(t *testing.T, want bool) {
	t.Helper()
	s.await(t, fmt.Sprintf("the guard to keep the floor: %t", want), func(ctx context.Context) error {
		kept, err := s.Kubectl(ctx, "patch", "hpa", "web", "--namespace="+s.namespace, "--type=merge", "--dry-run=server",
			`--patch={"spec":{"minReplicas":7}}`, "--output=jsonpath={.spec.minReplicas}")
		if err == nil && (kept == "8") != want {
			err = fmt.Errorf("minReplicas would be %s", kept)
		}
		return err
	})
}

func (s *scene) awaitGauge(t *testing.T, keeper *process, want float64) {
	t.Helper()
	s.await(t, fmt.Sprintf("%s of %s to be %v", guardGauge, keeper.name, want), func(ctx context.Context) error {
		got, err := keeper.sample(ctx, guardGauge)
		if err == nil && got != want {
			err = fmt.Errorf("it is %v", got)
		}
		return err
	})
}

func (s *scene) wantNoGauge(t *testing.T, keeper *process) {
	t.Helper()
	if got, err := keeper.sample(t.Context(), guardGauge); err == nil || !strings.Contains(err.Error(), "has no sample") {
		t.Errorf("%s shows %s %v (%v), want none", keeper.name, guardGauge, got, err)
	}
}

// awaitLogged waits until one line of the log contains all parts.
func (s *scene) awaitLogged(t *testing.T, keeper *process, parts ...string) {
	t.Helper()
	s.await(t, fmt.Sprintf("the log of %s to say %q", keeper.name, parts), func(context.Context) error {
		text := keeper.Tail(100, parts...)
		if count := strings.Count(text, parts[0]); count != 1 {
			return fmt.Errorf("it does %d times: %s", count, text)
		}
		return nil
	})
}

// alteredFloorThatNobodyOwns: a process has died before the answer to its patch, whose minReplicas a policy has changed,
// and its ownership was handed back in the same write. The next process takes that for a floor, and not for a baseline.
func alteredFloorThatNobodyOwns(t *testing.T, s *scene) {
	s.unjudged = "a model knows no policy that alters what is written"
	s.deploy(t, app{name: "web", min: 4, max: 40})
	s.alter(t, "object.spec.minReplicas > 4 ? (object.spec.minReplicas + 9) / 10 * 10 : object.spec.minReplicas")
	name, open := s.named("gala"), openNow()
	hpa, err := s.hpa(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	decided := schedules.Decision{Floor: 12, Because: name, Since: open.start, Until: open.end}
	patch, err := autoscaler.Observe(hpa).Next(decided).Patch("")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.KubectlAs(t.Context(), s.Account, "patch", "hpa", "web", "--namespace="+s.namespace, "--type=merge", "--field-manager=floorkeeper",
		"--patch="+strings.Replace(string(patch), `"resourceVersion":""`, `"resourceVersion":null`, 1))
	if err != nil {
		t.Fatal(err)
	}
	if hpa, err = s.hpa(t.Context(), "web"); err != nil || *hpa.Spec.MinReplicas != 20 || hpa.Annotations[prefix+"floor"] != "12" || managedBy(hpa, "floorkeeper") {
		t.Fatalf("the dead process has left %v, %+v (%v)", *hpa.Spec.MinReplicas, hpa.ObjectMeta, err)
	}
	s.publish(t, event(name, open, s.targets("web: 12")))
	s.keep(t, "only", s.mount)
	s.awaitHeld(t, "web", 20, 4, name)
	s.publish(t)
	s.awaitFree(t, "web", 4)
	s.wantEventCounts(t, "web", map[string]int{"PatchRefused": 0, "BaselineChanged": 0, "FloorReverted": 0})
}

// declaredOutlastsAGuardedWriter: with the guard the HPA controller notices nothing of the writer.
func declaredOutlastsAGuardedWriter(t *testing.T, s *scene) {
	s.publish(t)
	s.keep(t, "only", s.mount, "--settle-time=0s") // in which a value above the floor would stay: the guard has marked it
	h := s.record(t, "web")
	s.writeOverDeclared(t, func() {
		s.wantEventCounts(t, "web", map[string]int{"FloorReverted": 0})
		lowest := int32(20)
		for _, v := range h.until(t, s, "the writer's word", func(v version) bool { return v.Floor == "8" && v.Baseline == "2" }) {
			if v.Floor != "" {
				lowest = min(lowest, v.Min)
			}
		}
		if lowest != 8 {
			t.Errorf("minReplicas was as low as %d while the floor stood", lowest)
		}
	})
}

// playPrefixed installs floorkeeper once more, with another prefix to all names. The prefix has to be a flag.
func (c *cluster) playPrefixed(t *testing.T) {
	s := c.newScene(t, "prefixed", newMount(t))
	c.installOverlay(t, "namePrefix: my-\nnamespace: "+s.namespace+"\n")
	account, err := c.ServiceAccountKubeconfig(t.Context(), s.namespace, "my-floorkeeper")
	if err != nil {
		t.Fatal(err)
	}
	c.awaitRight(t, account, "mutatingadmissionpolicies", "my-floorkeeper-floor-guard")
	s.publish(t)
	untold := s.keep(t, "untold", s.mount, "--kubeconfig="+account)
	s.awaitLogged(t, untold, "may not look whether the policy is in force", "floor-guard")
	s.wantNoGauge(t, untold)
	if err := untold.Stop(await.Patience); err != nil {
		t.Errorf("after SIGTERM floorkeeper ended with %v", err)
	}
	keeper := s.restart(t, "reported", "--kubeconfig="+account, "--policy-name-prefix=my-floorkeeper-")
	s.awaitGauge(t, keeper, 1)
	for _, policy := range []string{"floor-guard", "floor-hand-back", "floor-notice", "floor-scope"} {
		s.awaitLogged(t, keeper, `"policy in force"`, "my-floorkeeper-"+policy)
	}
}
