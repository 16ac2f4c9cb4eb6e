package e2e

import (
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// reconcilePrimary does what Flagger does for a Canary with an autoscalerRef (pkg/canary/hpa_reconciler.go in fluxcd/flagger):
// it creates the primary HPA from the other one, and copies the spec again when it promotes.
func (s *scene) reconcilePrimary(t *testing.T, name string) {
	t.Helper()
	from, err := s.hpa(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	client, primary := s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace), name+"-primary"
	spec := autoscalingv2.HorizontalPodAutoscalerSpec{
		ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{Name: primary, Kind: from.Spec.ScaleTargetRef.Kind, APIVersion: from.Spec.ScaleTargetRef.APIVersion},
		MinReplicas:    from.Spec.MinReplicas,
		MaxReplicas:    from.Spec.MaxReplicas,
		Metrics:        from.Spec.Metrics,
		Behavior:       from.Spec.Behavior,
	}
	to, err := s.hpa(t.Context(), primary)
	if err != nil {
		_, err = client.Create(t.Context(), &autoscalingv2.HorizontalPodAutoscaler{
			ObjectMeta: metav1.ObjectMeta{
				Name: primary, Labels: from.Labels,
				OwnerReferences: []metav1.OwnerReference{{
					APIVersion: "flagger.app/v1beta1", Kind: "Canary", Name: name, UID: "8c8f5e52-6a52-4c3a-a4f5-8d4ac0ffee00",
					Controller: new(true), BlockOwnerDeletion: new(true),
				}},
			},
			Spec: spec,
		}, metav1.CreateOptions{FieldManager: "flagger"})
	} else {
		err = retry.RetryOnConflict(retry.DefaultBackoff, func() error { // as Flagger does it
			if to, err = s.hpa(t.Context(), primary); err != nil {
				return err
			}
			to.Spec.MinReplicas, to.Spec.MaxReplicas, to.Spec.Metrics, to.Spec.Behavior = spec.MinReplicas, spec.MaxReplicas, spec.Metrics, spec.Behavior
			_, err = client.Update(t.Context(), to, metav1.UpdateOptions{FieldManager: "flagger"})
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// flaggerCopiesAFloor: Flagger makes the floor of an HPA the minReplicas of its primary, at the start and at a promotion.
// Whether or not an entry covers the primary, that is reported at once, and a floor of 300% is not 300% of it.
func flaggerCopiesAFloor(t *testing.T, s *scene) {
	s.unjudged = "a model knows no copies"
	s.deploy(t, app{name: "web", min: 4, max: 500})
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("web: 300%")))
	keeper := s.keep(t, "first", s.mount)
	s.awaitHeld(t, "web", 12, 4, name)
	s.reconcilePrimary(t, "web")
	h := s.record(t, "web-primary")
	note := func(command string) kubeEvent {
		return kubeEvent{"Warning", "FloorCopied", "the baseline 12 is a copy of the floor of HPA web, whose baseline is 4, and stays when the floor ends. " +
			"To set 4: kubectl " + command + ". To keep Flagger from copying floors: spec.autoscalerRef.primaryScalerReplicas.minReplicas of its Canary"}
	}
	annotate := "annotate hpa web-primary --namespace=" + s.namespace + " floorkeeper.dev/declared-baseline=4"
	set := "patch hpa web-primary --namespace=" + s.namespace + ` --type=merge --patch='{"spec":{"minReplicas":4}}'`
	s.awaitEvent(t, "web-primary", note(set))

	both := s.targets("web: 300%", "web-primary: 300%")
	s.publish(t, event(name, open, both))
	s.awaitHeld(t, "web-primary", 12, 12, name)
	s.awaitEvent(t, "web-primary", note(annotate))
	if err := keeper.Stop(await.Patience); err != nil {
		t.Fatal(err)
	}
	s.keep(t, "second", s.mount)
	s.reconcilePrimary(t, "web")
	s.kubectl(t, "annotate", "hpa", "web-primary", "--namespace="+s.namespace, "floorkeeper.dev/declared-baseline=4")
	s.awaitHeld(t, "web-primary", 12, 4, name)
	s.publish(t)
	s.awaitFree(t, "web-primary", 4)
	s.setOwned(s.namespace, "web-primary", 4)
	for _, v := range h.until(t, s, "the release", func(v version) bool { return v.Min == 4 }) {
		if v.Min > 12 {
			t.Errorf("minReplicas was raised to %d, on top of a copied floor", v.Min)
		}
	}
}
