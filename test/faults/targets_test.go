package faults

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

const raiseTargets = "--raise-targets"

// TestTargets lets faults befall the writes of targets. No controller manager runs, so that nobody else raises them.
func TestTargets(t *testing.T) {
	t.Parallel()
	c := startCluster(t)
	if err := c.StopComponent(controlplane.ControllerManager); err != nil {
		t.Fatal(err)
	}
	t.Run("side by side", func(t *testing.T) {
		for name, play := range targetScenes() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c.play(t, name, func(t *testing.T, s *scene) {
					s.createTarget(t, 2)
					play(t, s)
				})
			})
		}
	})
	t.Run("history", c.judge)
}

func targetScenes() map[string]func(*testing.T, *scene) {
	all := map[string]func(*testing.T, *scene){
		"target-api-away":             apiAwayBetweenTheWrites,
		"target-webhook-hangs":        scaleHangs,
		"target-deleted":              targetIsDeleted,
		"target-leader-killed-before": leaderKilledBetween(false),
		"target-leader-killed-after":  leaderKilledBetween(true),
		"target-released-meanwhile":   releasedMeanwhile,
	}
	for name, c := range map[string]struct{ meanwhile, then int32 }{
		"target-conflict": {3, 8}, "target-zero": {0, 0}, "target-enough": {30, 30}, "target-quicker": {8, 8},
	} {
		all[name] = scaledMeanwhile(c.meanwhile, c.then)
	}
	return all
}

// scalePatches matches the writes of scales, which follow those of HPAs.
func scalePatches(r *http.Request) bool {
	return r.Method == http.MethodPatch && strings.HasSuffix(r.URL.Path, "/scale")
}

// scales matches every request about a scale.
func scales(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/scale") }

// createTarget creates the HPA web over a Deployment, with the status that the HPA controller gives it, and the right to
// raise it.
func (s *scene) createTarget(t *testing.T, replicas int32) {
	t.Helper()
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "targets"}, Rules: []rbacv1.PolicyRule{{
		APIGroups: []string{"apps"}, Resources: []string{"deployments/scale"}, Verbs: []string{"get", "patch"},
	}}}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "targets"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "targets"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: replica.Home, Name: replica.Home}},
	}
	_, err1 := s.client.RbacV1().Roles(s.namespace).Create(t.Context(), role, metav1.CreateOptions{})
	_, err2 := s.client.RbacV1().RoleBindings(s.namespace).Create(t.Context(), binding, metav1.CreateOptions{})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	s.deploy(t, replicas)
	s.create(t, "web", replicas)
	hpa, err := s.hpa(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	hpa.Status.CurrentReplicas, hpa.Status.DesiredReplicas = replicas, replicas
	hpa.Status.Conditions = []autoscalingv2.HorizontalPodAutoscalerCondition{{Type: autoscalingv2.AbleToScale, Status: corev1.ConditionTrue}}
	if _, err := s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).UpdateStatus(t.Context(), hpa, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	await.Success(t, "the right to patch the scale", func(ctx context.Context) error {
		_, err := s.KubectlAs(ctx, s.Account, "auth", "can-i", "patch", "deployments.apps", "--subresource=scale", "--namespace="+s.namespace)
		return err
	})
}

func (s *scene) deploy(t *testing.T, replicas int32) {
	t.Helper()
	labels := map[string]string{"app": "web"}
	deployment := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "fake", Image: "fake"}}},
			},
		},
	}
	if _, err := s.client.AppsV1().Deployments(s.namespace).Create(t.Context(), deployment, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func (s *scene) replicas(ctx context.Context) (int32, error) {
	scale, err := s.client.AppsV1().Deployments(s.namespace).GetScale(ctx, "web", metav1.GetOptions{})
	if err != nil {
		return 0, err
	}
	return scale.Spec.Replicas, nil
}

func (s *scene) awaitReplicas(t *testing.T, want int32) {
	t.Helper()
	await.Success(t, fmt.Sprintf("%d replicas of Deployment %s/web", want, s.namespace), func(ctx context.Context) error {
		got, err := s.replicas(ctx)
		if err == nil && got != want {
			err = fmt.Errorf("it has %d", got)
		}
		return err
	})
}

// rescale writes the replicas of the target, as a person or the HPA controller does.
func (s *scene) rescale(replicas int32) error {
	_, err := s.client.AppsV1().Deployments(s.namespace).Patch(context.Background(), "web", types.MergePatchType,
		fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, replicas), metav1.PatchOptions{FieldManager: "person"}, "scale")
	return err
}

// meanwhile does something when a request is on its way.
func meanwhile(do func() error, errs chan<- error) action {
	return func(p *proxy, w http.ResponseWriter, r *http.Request) {
		errs <- do()
		p.forward(w, r)
	}
}

// apiAwayBetweenTheWrites: the HPA is raised, and then the API server is away: requests about the target do not reach it, or
// their answers are lost.
func apiAwayBetweenTheWrites(t *testing.T, s *scene) {
	p := s.startProxy(t, s.namespace)
	p.inject(fault{match: scales, times: 6, act: dropBefore})
	p.inject(fault{match: scalePatches, times: 1, act: dropAfter})
	k := s.keep(t, "only", p, raiseTargets)
	open := openFrom(time.Second)
	s.publish(t, s.gala(open, 8))
	s.awaitHeld(t, "web", 8)
	s.awaitReplicas(t, 8)
	await.Success(t, "an attempt that finds it raised", func(context.Context) error {
		if p.count(scales, 200) == 0 {
			return errors.New("none was answered")
		}
		return nil
	})
	s.publish(t, s.gala(open.until(time.Second), 8))
	s.wantFree(t)
	s.awaitReplicas(t, 8) // lowering is the HPA controller's
	if k.ended() > 0 {
		t.Errorf("it ended %d times", k.ended())
	}
}

// scaleHangs: a webhook for Deployments that never answers holds up the targets, and no floor.
func scaleHangs(t *testing.T, s *scene) {
	p := s.startProxy(t, s.namespace)
	open, answer := openFrom(-time.Second), make(chan struct{})
	p.inject(fault{match: scalePatches, act: late(answer)})
	for i := range 100 {
		s.createLagging(t, fmt.Sprintf("app-%02d", i))
	}
	s.keep(t, "only", p, raiseTargets)
	all := fmt.Sprintf("- {name: all, start: %q, end: %q, targets: [{namespace: %s, minReplicas: 8}]}\n",
		open.start.Format(time.RFC3339), open.end.Format(time.RFC3339), s.namespace)
	s.publish(t, all)
	s.awaitAll(t, held(8, 2))
	if waiting := p.count(scalePatches, -1); waiting > 0 {
		t.Errorf("%d patches of scales were answered, and none should be", waiting)
	}
	close(answer)
	s.awaitReplicas(t, 8)
	s.publish(t)
	s.wantFree(t)
}

// createLagging creates another HPA over the same Deployment.
func (s *scene) createLagging(t *testing.T, name string) {
	t.Helper()
	hpa := newHPA(name, 2)
	hpa.Spec.ScaleTargetRef.Name = "web"
	if _, err := s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Create(t.Context(), hpa, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	s.owner[name] = 2
}

// targetIsDeleted: its owner deletes the target when it is about to be raised. It is reported, and forgotten until the floor
// is another one.
func targetIsDeleted(t *testing.T, s *scene) {
	p := s.startProxy(t, s.namespace)
	errs := make(chan error, 1)
	p.inject(fault{match: scalePatches, times: 1, act: meanwhile(func() error {
		return s.client.AppsV1().Deployments(s.namespace).Delete(context.Background(), "web", metav1.DeleteOptions{})
	}, errs)})
	s.keep(t, "only", p, raiseTargets)
	open := openFrom(-time.Second)
	s.publish(t, s.gala(open, 8))
	s.awaitHeld(t, "web", 8)
	if err := <-errs; err != nil {
		t.Fatal(err)
	}
	await.Success(t, "TargetNotRaised", func(ctx context.Context) error {
		list, err := s.client.EventsV1().Events(s.namespace).List(ctx, metav1.ListOptions{FieldSelector: "reason=TargetNotRaised"})
		if err == nil && (len(list.Items) != 1 || !strings.Contains(list.Items[0].Note, "not found")) {
			err = fmt.Errorf("the Events are %+v", list.Items)
		}
		return err
	})
	attempts := p.count(scales, -1)
	s.deploy(t, 2)
	s.publish(t, s.gala(open, 12))
	s.awaitHeld(t, "web", 12)
	s.awaitReplicas(t, 12)
	if attempts > 10 {
		t.Errorf("it was tried %d times", attempts)
	}
	s.publish(t)
	s.wantFree(t)
}

// scaledMeanwhile: somebody scales the target when it is about to be raised.
func scaledMeanwhile(replicas, want int32) func(*testing.T, *scene) {
	return func(t *testing.T, s *scene) {
		p := s.startProxy(t, s.namespace)
		errs := make(chan error, 1)
		p.inject(fault{match: scalePatches, times: 1, act: meanwhile(func() error { return s.rescale(replicas) }, errs)})
		s.keep(t, "only", p, raiseTargets)
		open := openFrom(-time.Second)
		s.publish(t, s.gala(open, 8))
		s.awaitHeld(t, "web", 8)
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
		await.Success(t, "the scale to be read", func(context.Context) error {
			if p.count(scales, 200) == 0 {
				return errors.New("it was not")
			}
			return nil
		})
		s.awaitReplicas(t, want)
		s.publish(t)
		s.wantFree(t)
		s.awaitReplicas(t, want)
	}
}

// leaderKilledBetween kills the leader when it has raised the HPA, before or after its target is raised. The standby does
// what is left, and nothing twice.
func leaderKilledBetween(reaches bool) func(*testing.T, *scene) {
	return func(t *testing.T, s *scene) {
		leader, _ := s.pair(t, raiseTargets)
		leader.inject(crashAt(&leader, scalePatches, 0, reaches))
		open := openFrom(-time.Second)
		s.publish(t, s.gala(open, 8))
		s.awaitHeld(t, "web", 8)
		s.awaitReplicas(t, 8)
		if leader.crashes != 1 {
			t.Errorf("the leader was killed %d times, want once", leader.crashes)
		}
		s.publish(t)
		s.wantFree(t)
	}
}

// releasedMeanwhile: the floor ends while the target cannot be raised. It is not raised afterwards.
func releasedMeanwhile(t *testing.T, s *scene) {
	p := s.startProxy(t, s.namespace)
	back := p.inject(fault{match: scales, act: dropBefore})
	s.keep(t, "only", p, raiseTargets)
	open := openFrom(-time.Second)
	s.publish(t, s.gala(open, 8))
	s.awaitHeld(t, "web", 8)
	s.publish(t)
	s.wantFree(t)
	attempts, renewals := p.count(scales, -1), p.count(leaseWrites, http.StatusOK)
	back()
	await.Success(t, "the time after which the next attempt would come", func(context.Context) error {
		if got := p.count(leaseWrites, http.StatusOK) - renewals; got < 17 {
			return fmt.Errorf("the Lease was renewed %d times", got)
		}
		return nil
	})
	if got := p.count(scales, -1); got > attempts+1 { // one may have been on its way
		t.Errorf("%d requests came after the release", got-attempts)
	}
	s.awaitReplicas(t, 2)
}
