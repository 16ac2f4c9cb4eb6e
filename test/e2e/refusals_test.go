package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// kedaIsRefused: KEDA overwrites the whole object, so its HPAs get no floor, and one that had one loses it.
func kedaIsRefused(t *testing.T, s *scene) {
	owner := metav1.OwnerReference{APIVersion: "keda.sh/v1alpha1", Kind: "ScaledObject", Name: "web", UID: "6a1d1e7c-0000-0000-0000-000000000000"}
	s.deploy(t, app{name: "owned", min: 2, max: 20, owners: []metav1.OwnerReference{owner}})
	s.deploy(t, app{name: "adopted", min: 2, max: 20})
	h := s.record(t, "owned")
	name := s.named("gala")
	s.publish(t, event(name, openNow(), s.targets("owned: 8", "adopted: 8")))
	refused := kubeEvent{
		"Warning", "TargetRefused", "event " + name + " selects this HPA, but it gets no floor: it is owned by the KEDA " +
			"ScaledObject web, which would overwrite it; use a KEDA trigger instead",
	}
	s.awaitEvent(t, "owned", refused)
	s.awaitHeld(t, "adopted", 8, 2, name)
	s.patch(t, "adopted", fmt.Sprintf(`{"metadata":{"ownerReferences":[{"apiVersion":%q,"kind":%q,"name":%q,"uid":%q}]}}`,
		owner.APIVersion, owner.Kind, owner.Name, owner.UID))
	s.awaitFree(t, "adopted", 2)
	s.awaitEvent(t, "adopted", refused)
	h.wantAlways(t, state{Min: 2, Max: 20})
	s.publish(t)
}

// kubeSystemIsExcluded by default, whatever the schedule asks for.
func kubeSystemIsExcluded(t *testing.T, s *scene) {
	system := *s
	system.namespace = metav1.NamespaceSystem
	system.deploy(t, app{name: "dns", min: 2, max: 20})
	t.Cleanup(func() { system.remove(t, "dns") })
	s.deploy(t, app{name: "web", min: 2, max: 20})
	h := system.record(t, "dns")
	name, open := s.named("all"), openNow()
	targets := "targets: [{namespace: kube-system, minReplicas: 8}, {namespace: " + s.namespace + ", minReplicas: 8}]"
	s.publish(t, event(name, open, targets))
	s.awaitHeld(t, "web", 8, 2, name)
	s.awaitSample(t, fmt.Sprintf("floorkeeper_entry_targets{entry=%q}", name), 1)
	s.publish(t, event(name, open.soon(), targets))
	s.awaitFree(t, "web", 2)
	system.awaitFree(t, "dns", 2)
	h.wantAlways(t, state{Min: 2, Max: 20})
	if writes := s.audit.hpaWrites(t, metav1.NamespaceSystem, "dns"); len(writes) > 0 {
		t.Errorf("floorkeeper wrote to kube-system: %+v", writes)
	}
}

// remove deletes an app from a namespace that other tests use as well.
func (s *scene) remove(t *testing.T, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), await.Patience)
	defer cancel()
	for _, err := range []error{
		s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Delete(ctx, name, metav1.DeleteOptions{}),
		s.client.AppsV1().Deployments(s.namespace).Delete(ctx, name, metav1.DeleteOptions{}),
	} {
		if err != nil && !apierrors.IsNotFound(err) {
			t.Error(err)
		}
	}
	s.forget(s.namespace, name)
}

// damageIsLeftAlone: where the annotations make no sense the baseline is unknown, so nothing is written, not even when
// the window ends, until a person has put it right.
func damageIsLeftAlone(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.deploy(t, app{name: "api", min: 2, max: 20})
	name, open := s.named("gala"), openNow()
	targets := s.targets("web: 8", "api: 8")
	s.publish(t, event(name, open, targets))
	s.awaitHeld(t, "web", 8, 2, name)
	s.awaitHeld(t, "api", 8, 2, name)
	s.kubectl(t, "annotate", "--overwrite", "hpa", "web", "--namespace="+s.namespace, prefix+"baseline=two")
	s.awaitEvent(t, "web", kubeEvent{
		"Warning", "BaselineLost", `annotations floorkeeper.dev/* are damaged (floorkeeper.dev/baseline "two", ` +
			`floorkeeper.dev/floor "8"), so the baseline is unknown and minReplicas is left as it is: give the baseline in the ` +
			`annotation floorkeeper.dev/declared-baseline, or set spec.minReplicas to the value that you want and remove them`,
	})
	before := len(s.audit.hpaWrites(t, s.namespace, "web"))
	s.publish(t, event(name, open.soon(), targets))
	s.awaitFree(t, "api", 2)
	s.awaitState(t, "web", state{Min: 8, Max: 20, Baseline: "two", Floor: "8", Because: name})
	if writes := s.audit.hpaWrites(t, s.namespace, "web"); len(writes) != before {
		t.Errorf("floorkeeper wrote to an HPA with damaged annotations: %+v", writes[before:])
	}

	var keys []string
	for _, key := range []string{"baseline", "floor", "because", "since", "until"} {
		keys = append(keys, fmt.Sprintf("%q:null", prefix+key))
	}
	s.patch(t, "web", `{"metadata":{"annotations":{`+strings.Join(keys, ",")+`}},"spec":{"minReplicas":3}}`)
	s.setOwned(s.namespace, "web", 3)
	s.publish(t, event(s.named("again"), openNow(), targets))
	s.awaitHeld(t, "web", 8, 3, s.named("again"))
	s.publish(t)
	s.awaitFree(t, "web", 3)
	s.awaitFree(t, "api", 2)
}
