package e2e

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

const raiseTargets = "--raise-targets"

// raising are the plays with --raise-targets and its component.
func raising() []play {
	return []play{
		{"targets are raised at once", targetsAreRaisedAtOnce},
		{"a ramp raises its target", rampRaisesItsTarget},
		{"a target at zero stays there", targetAtZeroStaysThere},
		{"a raised target has Pods", raisedTargetHasPods},
	}
}

// playRaising plays without the component, installs it, and plays on.
func (c *cluster) playRaising(t *testing.T) {
	t.Run("a right is missing", func(t *testing.T) { c.playAlone(t, play{"a right is missing", rightIsMissing}) })
	c.kubectl(t, "apply", "-k", kit.Overlay(t, kit.Plain+"components: [../kustomize/raise-targets]\n"))
	await.Success(t, "the right to patch scales", func(ctx context.Context) error {
		_, err := c.KubectlAs(ctx, c.Account, "auth", "can-i", "patch", "deployments.apps", "--subresource=scale", "--namespace=default")
		return err
	})
	for _, p := range raising() {
		t.Run(p.name, func(t *testing.T) { c.playAlone(t, p) })
	}
}

// rightIsMissing: the flag alone does nothing but report what is missing, once for the namespace.
func rightIsMissing(t *testing.T, s *scene) {
	for _, name := range []string{"web", "api"} {
		s.deploy(t, app{name: name, min: 2, max: 20})
		s.awaitReady(t, name, 2)
		s.awaitAsked(t, name, 2)
	}
	comesBack := s.stopControllerManager(t)
	s.publish(t, event(s.named("gala"), openNow(), s.targets("web: 8", "api: 9")))
	s.keep(t, "only", s.mount, raiseTargets).mortal = true // its log says forbidden
	s.awaitHeld(t, "web", 8, 2, s.named("gala"))
	s.awaitHeld(t, "api", 9, 2, s.named("gala"))
	reports := func(ctx context.Context) (found []kubeEvent, err error) {
		for _, name := range []string{"web", "api"} {
			events, err := s.events(ctx, name)
			if err != nil {
				return nil, err
			}
			found = append(found, slices.DeleteFunc(events, func(e kubeEvent) bool { return e.reason != "TargetNotRaised" })...)
		}
		return found, nil
	}
	s.await(t, "the report of the missing right", func(ctx context.Context) error {
		found, err := reports(ctx)
		if err == nil && len(found) == 0 {
			err = fmt.Errorf("there is none: %s", s.eventList(ctx, "web"))
		}
		return err
	})
	s.awaitRenewals(t, len(s.requestsHere(t)), 3)
	if found, err := reports(t.Context()); err != nil || len(found) != 1 || found[0].eventType != "Warning" {
		t.Errorf("want one Warning, got %q, %v", found, err)
	}
	s.wantReplicas(t, "web", 2)
	comesBack()
	s.awaitReady(t, "web", 8)
	s.awaitReady(t, "api", 9)
	s.publish(t)
	s.awaitFree(t, "web", 2)
	s.awaitFree(t, "api", 2)
}

// targetsAreRaisedAtOnce: while nobody else acts on a floor, its target is raised, with one request where nothing is in the
// way: a Deployment, a paused one, one that two HPAs share, and a StatefulSet. None is lowered.
func targetsAreRaisedAtOnce(t *testing.T, s *scene) {
	for _, name := range []string{"web", "more", "shared", "paused"} {
		s.deploy(t, app{name: name, min: 2, max: 20})
	}
	s.deployStatefulSet(t, app{name: "db", min: 2, max: 20})
	second := app{name: "second", min: 2, max: 20}
	s.createHPAFor(t, second, autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "shared"})
	s.kubectl(t, "rollout", "pause", "deployment/paused", "--namespace="+s.namespace)
	for _, name := range []string{"web", "more", "paused", "db"} {
		s.awaitAsked(t, name, 2)
	}
	comesBack := s.stopControllerManager(t)
	s.kubectl(t, "scale", "deployment", "more", "--replicas=15", "--namespace="+s.namespace)
	name := s.named("gala")
	s.publish(t, event(name, openNow(), s.targets("web: 8", "more: 9", "shared: 7", "second: 11", "paused: 5", "db: 6")))
	s.keep(t, "only", s.mount, raiseTargets)
	for hpa, floor := range map[string]int32{"web": 8, "more": 9, "shared": 7, "second": 11, "paused": 5, "db": 6} {
		s.awaitHeld(t, hpa, floor, 2, name)
	}
	s.awaitReplicas(t, "web", 8)
	s.awaitReplicas(t, "shared", 11)
	s.awaitReplicas(t, "paused", 5)
	s.awaitReplicas(t, "db", 6)
	s.awaitRenewals(t, len(s.requestsHere(t)), 3) // nothing follows
	s.wantReplicas(t, "more", 15)
	for target, want := range map[string][]string{"web": {"patch"}, "paused": {"patch"}, "db": {"patch"}, "more": {"patch", "get"}} {
		if got := s.scaleRequests(t, target); !slices.Equal(got, want) {
			t.Errorf("the scale of %s took the requests %q, want %q", target, got, want)
		}
	}
	comesBack()
	s.awaitReady(t, "web", 8)
	s.awaitReason(t, "web", "Normal", "FloorReached")
	s.publish(t)
	for _, name := range []string{"web", "more", "shared", "second", "paused", "db"} {
		s.awaitFree(t, name, 2)
	}
	s.wantEventCounts(t, "web", map[string]int{"FloorReached": 1, "TargetNotRaised": 0})
}

// rampRaisesItsTarget: each step of a ramp takes one request, though the HPA's status shows none of them.
func rampRaisesItsTarget(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.awaitReady(t, "web", 2)
	s.awaitAsked(t, "web", 2)
	comesBack := s.stopControllerManager(t)
	s.publish(t)
	s.keep(t, "only", s.mount, raiseTargets)
	name, open := s.named("gala"), span{time.Now().UTC().Add(12 * time.Second).Truncate(time.Second), time.Now().UTC().Add(10 * time.Minute)}
	s.publish(t, event(name, open, "rampUp: 10s", s.targets("web: 12")))
	s.awaitHeld(t, "web", 12, 2, name)
	s.awaitReplicas(t, "web", 12)
	got := s.scaleRequests(t, "web")
	if len(got) < 4 || len(slices.Compact(got)) != 1 {
		t.Errorf("the scale took the requests %q, want a patch for each step", got)
	}
	comesBack()
	s.publish(t)
	s.awaitFree(t, "web", 2)
}

// targetAtZeroStaysThere: neither a target that was scaled to zero long ago is woken, nor one that nobody has seen there yet.
func targetAtZeroStaysThere(t *testing.T, s *scene) {
	for _, name := range []string{"web", "late"} {
		s.deploy(t, app{name: name, min: 2, max: 20})
		s.awaitReady(t, name, 2)
		s.awaitAsked(t, name, 2)
	}
	s.kubectl(t, "scale", "deployment", "web", "--replicas=0", "--namespace="+s.namespace)
	s.awaitCondition(t, autoscalingv2.ScalingActive, "ScalingDisabled")
	comesBack := s.stopControllerManager(t)
	s.kubectl(t, "scale", "deployment", "late", "--replicas=0", "--namespace="+s.namespace)
	name := s.named("gala")
	s.publish(t, event(name, openNow(), s.targets("web: 8", "late: 8")))
	s.keep(t, "only", s.mount, raiseTargets)
	s.awaitHeld(t, "web", 8, 2, name)
	s.awaitHeld(t, "late", 8, 2, name)
	s.awaitRenewals(t, len(s.requestsHere(t)), 3)
	for target, want := range map[string][]string{"web": nil, "late": {"patch", "get"}} {
		s.wantReplicas(t, target, 0)
		if got := s.scaleRequests(t, target); !slices.Equal(got, want) {
			t.Errorf("the scale of %s took the requests %q, want %q", target, got, want)
		}
	}
	comesBack()
	s.awaitRenewals(t, len(s.requestsHere(t)), 3)
	s.wantReplicas(t, "late", 0)
	s.publish(t)
	s.awaitFree(t, "web", 2)
	s.awaitFree(t, "late", 2)
	s.wantEventCounts(t, "late", map[string]int{"TargetNotRaised": 0})
}

// raisedTargetHasPods: with the HPA controller at work, both act, and nothing is reported but what always is.
func raisedTargetHasPods(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.awaitReady(t, "web", 2)
	s.awaitAsked(t, "web", 2)
	s.publish(t)
	s.keep(t, "only", s.mount, raiseTargets)
	name, open := s.named("gala"), openNow()
	for _, floor := range []int32{8, 12} {
		s.publish(t, event(name, open, s.targets(fmt.Sprintf("web: %d", floor))))
		s.awaitHeld(t, "web", floor, 2, name)
		s.awaitReady(t, "web", floor)
		s.awaitTook(t, "web", "Normal", "FloorReached", reachedNote(floor))
	}
	s.publish(t, event(name, open.soon(), s.targets("web: 12")))
	s.awaitFree(t, "web", 2)
	s.awaitReady(t, "web", 2)
	s.wantEventCounts(t, "web", map[string]int{"FloorRaised": 2, "FloorReached": 2, "FloorNotReached": 0, "TargetNotRaised": 0, "FloorReleased": 1})
}

// scaleRequests returns the verbs of floorkeeper's requests about the scale of a target, in order.
func (s *scene) scaleRequests(t *testing.T, name string) []string {
	t.Helper()
	var verbs []string
	for _, r := range s.requestsHere(t) {
		if r.ObjectRef.Subresource == "scale" && r.ObjectRef.Name == name {
			verbs = append(verbs, r.Verb)
		}
	}
	return verbs
}

// replicas reads those of a Deployment, or of a StatefulSet of that name.
func (s *scene) replicas(ctx context.Context, name string) (int32, error) {
	out, err := s.Kubectl(ctx, "get", "deployments,statefulsets", "--namespace="+s.namespace,
		"--output=jsonpath={.items[?(@.metadata.name==\""+name+"\")].spec.replicas}")
	if err != nil {
		return 0, err
	}
	var replicas int32
	_, err = fmt.Sscan(out, &replicas)
	return replicas, err
}

func (s *scene) awaitReplicas(t *testing.T, name string, want int32) {
	t.Helper()
	s.await(t, fmt.Sprintf("%s to have %d replicas", name, want), func(ctx context.Context) error {
		got, err := s.replicas(ctx, name)
		if err == nil && got != want {
			err = fmt.Errorf("it has %d; %s", got, s.eventList(ctx, name))
		}
		return err
	})
}

func (s *scene) wantReplicas(t *testing.T, name string, want int32) {
	t.Helper()
	if got, err := s.replicas(t.Context(), name); err != nil || got != want {
		t.Errorf("%s has %d replicas, want %d: %v", name, got, want, err)
	}
}

// deployStatefulSet is deploy for a StatefulSet.
func (s *scene) deployStatefulSet(t *testing.T, a app) {
	t.Helper()
	labels := map[string]string{"app": a.name}
	set := &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: a.name},
		Spec: appsv1.StatefulSetSpec{
			Replicas: new(a.min),
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "fake", Image: "fake"}}},
			},
		},
	}
	if _, err := s.client.AppsV1().StatefulSets(s.namespace).Create(t.Context(), set, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	s.createHPAFor(t, a, autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "StatefulSet", Name: a.name})
}
