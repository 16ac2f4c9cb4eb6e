package e2e

import (
	"context"
	"errors"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// refusalIsReported: where a policy of the cluster refuses the floor, the Event reports it, and the floor takes effect
// when it is gone.
func refusalIsReported(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.limit(t, "object.spec.minReplicas <= 8")
	name := s.named("gala")
	s.publish(t, event(name, openNow(), s.targets("web: 12")))
	keeper := s.keep(t, "refused", s.mount)
	keeper.mortal = true // its log has what is forbidden
	s.awaitReason(t, "web", "Warning", "PatchRefused")
	s.awaitState(t, "web", state{Min: 2, Max: 20})
	policies := s.client.AdmissionregistrationV1().ValidatingAdmissionPolicyBindings()
	if err := policies.Delete(t.Context(), s.namespace, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	s.awaitHeld(t, "web", 12, 2, name)
	s.publish(t)
	s.awaitFree(t, "web", 2)
}

// ownHPAs selects updates of the HPAs of the namespace.
func (s *scene) ownHPAs() *admissionregistrationv1.MatchResources {
	return &admissionregistrationv1.MatchResources{
		NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": s.namespace}},
		ResourceRules: []admissionregistrationv1.NamedRuleWithOperations{{RuleWithOperations: admissionregistrationv1.RuleWithOperations{
			Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Update},
			Rule:       admissionregistrationv1.Rule{APIGroups: []string{"autoscaling"}, APIVersions: []string{"v2"}, Resources: []string{"horizontalpodautoscalers"}},
		}}},
	}
}

// limit makes the API server refuse every HPA of the namespace that does not satisfy an expression, and waits until it
// does.
func (s *scene) limit(t *testing.T, expression string) {
	t.Helper()
	admission := s.client.AdmissionregistrationV1()
	policy := &admissionregistrationv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}}
	policy.Spec.MatchConstraints = s.ownHPAs()
	policy.Spec.Validations = []admissionregistrationv1.Validation{{Expression: expression}}
	binding := &admissionregistrationv1.ValidatingAdmissionPolicyBinding{ObjectMeta: policy.ObjectMeta}
	binding.Spec.PolicyName = s.namespace
	binding.Spec.ValidationActions = []admissionregistrationv1.ValidationAction{admissionregistrationv1.Deny}
	_, err := admission.ValidatingAdmissionPolicies().Create(t.Context(), policy, metav1.CreateOptions{})
	_, alsoErr := admission.ValidatingAdmissionPolicyBindings().Create(t.Context(), binding, metav1.CreateOptions{})
	if err := errors.Join(err, alsoErr); err != nil {
		t.Fatal(err)
	}
	s.await(t, "the policy to be active", func(ctx context.Context) error {
		_, err := s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Patch(ctx, "web", types.MergePatchType,
			[]byte(`{"spec":{"minReplicas":9}}`), metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}})
		if !apierrors.IsInvalid(err) {
			return errors.New("it refuses nothing yet")
		}
		return nil
	})
}
