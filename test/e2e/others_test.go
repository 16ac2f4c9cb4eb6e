package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// anotherInstallationIsLeftAlone: what one installation holds, another one leaves alone, and names its holder. It takes
// over once the first has given the baseline back.
func anotherInstallationIsLeftAlone(t *testing.T, s *scene) {
	s.unjudged = "a model has one installation"
	second := s.newScene(t, s.namespace+"-second", nil).namespace
	if err := s.Beside(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	s.deploy(t, app{name: "web", min: 2, max: 20})
	first, other, open := s.named("gala"), s.named("rush"), openNow()
	s.publish(t, event(first, open, s.targets("web: 8")))
	s.keep(t, "first", s.mount)
	s.awaitHeld(t, "web", 8, 2, first)
	h := s.record(t, "web")

	m := newMount(t)
	m.put(t, "schedule.yaml", schedule(event(other, open, s.targets("web: 12"))))
	p := s.start(t, s.namespace+"-other", second, m, "--namespaces="+s.namespace)
	s.keepers = append(s.keepers, p)
	s.await(t, p.name+" to be ready", p.Ready)
	s.awaitEvent(t, "web", kubeEvent{"Warning", "TargetRefused", "event " + other + " selects this HPA, but it gets no floor: " +
		"it is held by another installation of floorkeeper, " + s.namespace + "/floorkeeper; if that one is gone, restore the baseline: " +
		"floorkeeper release " + s.namespace + "/web"})
	s.setMin(t, "web", 3)
	s.setOwned(s.namespace, "web", 3)
	s.awaitHeld(t, "web", 8, 3, first)
	s.publish(t)
	s.awaitHeld(t, "web", 12, 3, other)
	m.put(t, "schedule.yaml", schedule())
	s.awaitFree(t, "web", 3)
	for _, v := range h.until(t, s, "the end", func(v version) bool { return v.Min == 3 && v.Floor == "" && v.Because == "" && v.Baseline == "" }) {
		if v.Min == 12 && v.Because == first {
			t.Errorf("the two installations wrote one HPA: %+v", v)
		}
	}
}

// alteredFloor: a mutating policy rounds what floorkeeper writes, or limits it. That becomes the floor and never the baseline.
func alteredFloor(t *testing.T, s *scene) {
	kit.Need(t, s.ControlPlane, controlplane.MutatingPolicies)
	s.unjudged = "a model knows no policy that alters what is written"
	s.deploy(t, app{name: "web", min: 4, max: 40})
	s.alter(t, "object.spec.minReplicas > 30 ? 30 : object.spec.minReplicas > 4 ? (object.spec.minReplicas + 9) / 10 * 10 : object.spec.minReplicas")
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("web: 12")))
	keeper := s.keep(t, "first", s.mount)
	s.awaitHeld(t, "web", 20, 4, name)
	s.awaitEvent(t, "web",
		kubeEvent{"Warning", "FloorAltered", "minReplicas 20 was stored instead of 12; the baseline stays 4: a webhook or policy of the API server changes what floorkeeper writes"})
	s.awaitReason(t, "web", "Normal", "FloorRaised")
	s.publish(t, event(name, open, s.targets("web: 36")))
	s.awaitHeld(t, "web", 30, 4, name)
	s.awaitHandedBack(t, "web")
	if err := keeper.Stop(await.Patience); err != nil {
		t.Fatal(err)
	}
	s.keep(t, "second", s.mount, "--settle-time=0s") // the edit may come before it is elected
	s.publish(t, event(name, open, s.targets("web: 15")))
	s.awaitHeld(t, "web", 20, 4, name)
	s.publish(t)
	s.awaitFree(t, "web", 4)
	s.wantEventCounts(t, "web", map[string]int{"PatchRefused": 0, "BaselineChanged": 0, "FloorReverted": 0})
}

// awaitHandedBack waits until floorkeeper owns no field.
func (s *scene) awaitHandedBack(t *testing.T, name string) {
	t.Helper()
	s.await(t, "the fields to be handed back", func(ctx context.Context) error {
		hpa, err := s.hpa(ctx, name)
		if err == nil && managedBy(hpa, "floorkeeper") {
			err = errors.New("floorkeeper owns some")
		}
		return err
	})
}

// alter makes the API server store an expression as minReplicas of every HPA of the namespace that is updated, and waits
// until it does.
func (s *scene) alter(t *testing.T, expression string) {
	t.Helper()
	policy := &admissionregistrationv1.MutatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}}
	policy.Spec.MatchConstraints = s.ownHPAs()
	policy.Spec.ReinvocationPolicy = admissionregistrationv1.NeverReinvocationPolicy
	policy.Spec.Mutations = []admissionregistrationv1.Mutation{{
		PatchType:          admissionregistrationv1.PatchTypeApplyConfiguration,
		ApplyConfiguration: &admissionregistrationv1.ApplyConfiguration{Expression: "Object{spec: Object.spec{minReplicas: " + expression + "}}"},
	}}
	binding := &admissionregistrationv1.MutatingAdmissionPolicyBinding{ObjectMeta: policy.ObjectMeta}
	binding.Spec.PolicyName = s.namespace
	admission := s.client.AdmissionregistrationV1()
	_, err := admission.MutatingAdmissionPolicies().Create(t.Context(), policy, metav1.CreateOptions{})
	_, alsoErr := admission.MutatingAdmissionPolicyBindings().Create(t.Context(), binding, metav1.CreateOptions{})
	if err := errors.Join(err, alsoErr); err != nil {
		t.Fatal(err)
	}
	s.await(t, "the policy to be active", func(ctx context.Context) error {
		hpa, err := s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Patch(ctx, "web", types.MergePatchType,
			[]byte(`{"spec":{"minReplicas":39}}`), metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}})
		if err == nil && *hpa.Spec.MinReplicas == 39 {
			err = errors.New("it changes nothing yet")
		}
		return err
	})
}

// annotationsAreCopied: a tool applies the dump of a held HPA, with floorkeeper's annotations, over and over. Neither a
// floor nor a release may become a quarrel as fast as both can, and the Event names what to remove.
func annotationsAreCopied(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("web: 8")))
	s.keep(t, "only", s.mount)
	s.awaitHeld(t, "web", 8, 2, name)
	copied := s.dump(t, "web")
	s.publish(t)
	s.awaitFree(t, "web", 2)
	for range 5 {
		s.applyAs(t, "sync", copied)
		s.awaitFree(t, "web", 2)
	}
	s.awaitEvent(t, "web", kubeEvent{"Warning", "AnnotationsOverwritten", "sync wrote annotations floorkeeper.dev/* that floorkeeper wrote earlier, " +
		"and minReplicas 8 with them; remove these annotations from the manifest that it applies: only floorkeeper may write them"})
	reverted := `floorkeeper_reverts_total{manager="sync",namespace="` + s.namespace + `"}`
	s.awaitSample(t, reverted, 5)

	next := s.named("encore")
	s.publish(t, event(next, open, s.targets("web: 12")))
	s.awaitHeld(t, "web", 12, 2, next)
	s.applyAs(t, "sync", copied)
	s.awaitHeld(t, "web", 12, 2, next)
	s.publish(t)
	s.awaitFree(t, "web", 2)
	s.wantEventCounts(t, "web", map[string]int{"BaselineChanged": 0})
}

// dump returns the manifest of an HPA as it is, without what the API server adds.
func (s *scene) dump(t *testing.T, name string) string {
	t.Helper()
	hpa, err := s.hpa(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := json.Marshal(map[string]any{
		"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
		"metadata": map[string]any{"name": name, "namespace": s.namespace, "annotations": hpa.Annotations},
		"spec":     hpa.Spec,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(spec)
}

// applyAs applies a manifest with a field manager.
func (s *scene) applyAs(t *testing.T, manager, manifest string) {
	t.Helper()
	cmd := s.KubectlCommand(t.Context(), s.Kubeconfig(), "apply", "--server-side", "--force-conflicts", "--field-manager="+manager, "--filename=-")
	cmd.Stdin = strings.NewReader(manifest)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(fmt.Errorf("cannot apply: %w: %s", err, out))
	}
}

// declaredIsNoLimit: an opening floor does not lower what somebody wrote above it, nor a raise in mid-window, whatever
// baseline is declared. That is given back.
func declaredIsNoLimit(t *testing.T, s *scene) {
	h := s.deployDeclared(t, app{name: "web", min: 10, max: 40, annotations: declared("3")})
	s.setOwned(s.namespace, "web", 3)
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("web: 8")))
	s.awaitState(t, "web", state{Min: 10, Max: 40, Baseline: "3", Floor: "8", Because: name})
	s.patch(t, "web", `{"spec":{"minReplicas":15}}`)
	s.publish(t, event(name, open, s.targets("web: 9")))
	s.awaitState(t, "web", state{Min: 15, Max: 40, Baseline: "3", Floor: "9", Because: name})
	s.publish(t, event(name, open, s.targets("web: 20")))
	s.awaitHeld(t, "web", 20, 3, name)
	s.publish(t)
	s.awaitFree(t, "web", 3)
	for _, v := range h.until(t, s, "the release", func(v version) bool { return v.Min == 3 && v.Floor == "" }) {
		if v.Min < 10 && v.Floor != "" {
			t.Errorf("the floor lowered minReplicas: %+v", v)
		}
	}
}
