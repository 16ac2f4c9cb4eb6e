package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// editBecomesBaseline: what a person writes while the floor is in effect is the baseline afterwards. A value above the
// floor applies at once, and one below it leaves the floor.
func editBecomesBaseline(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("web: 8")))
	s.awaitHeld(t, "web", 8, 2, name)

	s.setMin(t, "web", 4)
	s.awaitHeld(t, "web", 8, 4, name)
	s.awaitEvent(t, "web", kubeEvent{
		"Normal", "BaselineChanged", "baseline changed from 2 to 4 by kubectl-patch; it applies when the event ends",
	})
	s.setMin(t, "web", 10)
	s.awaitHeld(t, "web", 10, 10, name)
	s.awaitReady(t, "web", 10)
	s.setMin(t, "web", 3)
	s.awaitHeld(t, "web", 8, 3, name)

	s.publish(t, event(name, open.soon(), s.targets("web: 8")))
	s.awaitFree(t, "web", 3)
	s.awaitReady(t, "web", 3)
}

// recreatedStartsAfresh: an HPA that is deleted and created again in the middle of a window gets the floor over its new
// minReplicas.
func recreatedStartsAfresh(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	name, open := s.named("gala"), openNow()
	s.publish(t, window(name, open, s.targets("web: 8")))
	s.awaitHeld(t, "web", 8, 2, name)
	s.kubectl(t, "delete", "hpa", "web", "--namespace="+s.namespace)
	s.await(t, "the deleted HPA to leave the metrics", func(ctx context.Context) error {
		for _, keeper := range s.keepers {
			if value, err := keeper.sample(ctx, s.floorOf("web")); err == nil {
				return fmt.Errorf("%s shows %v", keeper.name, value)
			}
		}
		return nil
	})
	s.createHPA(t, app{name: "web", min: 5, max: 20})
	s.awaitHeld(t, "web", 8, 5, name)
	s.publish(t)
	s.awaitFree(t, "web", 5)
}

// floorOf names the metric with the floor of an HPA.
func (s *scene) floorOf(name string) string {
	return fmt.Sprintf("floorkeeper_floor_replicas{horizontalpodautoscaler=%q,namespace=%q}", name, s.namespace)
}

// labelEndsMatch: an HPA that the selector matches no longer is released.
func labelEndsMatch(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20, labels: map[string]string{"prescale": s.namespace}})
	name := s.named("gala")
	s.publish(t, event(name, openNow(), "targets: [{minReplicas: 8, selector: {matchLabels: {prescale: "+s.namespace+"}}}]"))
	s.awaitHeld(t, "web", 8, 2, name)
	s.kubectl(t, "label", "hpa", "web", "--namespace="+s.namespace, "prescale-")
	s.awaitFree(t, "web", 2)
	s.awaitEvent(t, "web", kubeEvent{
		"Normal", "FloorReleased", "minReplicas 8 -> 2, the baseline: event " + name + " no longer covers it",
	})
	s.kubectl(t, "label", "hpa", "web", "--namespace="+s.namespace, "prescale="+s.namespace)
	s.awaitHeld(t, "web", 8, 2, name)
	s.publish(t)
	s.awaitFree(t, "web", 2)
}

// ignoreReleases: the annotation takes an HPA out, and taking it away brings the floor back.
func ignoreReleases(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("web: 8")))
	s.awaitHeld(t, "web", 8, 2, name)
	s.kubectl(t, "annotate", "hpa", "web", "--namespace="+s.namespace, prefix+"ignore=true")
	s.awaitFree(t, "web", 2)
	s.awaitEvent(t, "web", kubeEvent{"Normal", "FloorReleased", "minReplicas 8 -> 2, the baseline: " + prefix + "ignore is set"})
	s.kubectl(t, "annotate", "hpa", "web", "--namespace="+s.namespace, prefix+"ignore-")
	s.awaitHeld(t, "web", 8, 2, name)
	s.publish(t, event(name, open.soon(), s.targets("web: 8")))
	s.awaitFree(t, "web", 2)
}

// everyWriterIsHeard: whichever way the owner writes, and with or without our annotations, the floor returns over what
// was written.
func everyWriterIsHeard(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("web: 8")))
	s.awaitHeld(t, "web", 8, 2, name)
	inNamespace := "--namespace=" + s.namespace
	for _, write := range []struct {
		baseline int32
		command  string
	}{
		{2, "apply --filename=-"},
		{2, "apply --filename=-"}, // unchanged in Git, as a GitOps tool repeats it
		{4, "apply --filename=-"},
		{3, "replace --filename=-"}, // our annotations are gone
		{5, "apply --server-side --force-conflicts --filename=-"},
		{6, "apply --server-side --filename=-"}, // no conflict with us: ownership was handed back
		{1, `patch hpa web --type=merge --patch={"spec":{"minReplicas":null}}`},
	} {
		// A write of the HPA controller's may come between, so that kubectl replace has a conflict.
		s.await(t, "kubectl "+write.command, func(ctx context.Context) error {
			cmd := s.KubectlCommand(ctx, s.Kubeconfig(), append(strings.Fields(write.command), inNamespace)...)
			cmd.Stdin = strings.NewReader(s.manifest("web", write.baseline))
			out, err := cmd.CombinedOutput()
			if err != nil {
				return fmt.Errorf("%w: %s", err, out)
			}
			return nil
		})
		s.setOwned(s.namespace, "web", write.baseline)
		s.awaitHeld(t, "web", 8, write.baseline, name)
	}
	s.publish(t, event(name, open.soon(), s.targets("web: 8")))
	s.awaitFree(t, "web", 1)
}

// manifest is an HPA as its owner keeps it in Git.
func (s *scene) manifest(name string, minReplicas int32) string {
	return fmt.Sprintf(`
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: %s, namespace: %s}
spec:
  minReplicas: %d
  maxReplicas: 20
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %[1]s}
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
`, name, s.namespace, minReplicas)
}

// maxReplicasIsTheOwners: a maxReplicas that is lowered below the floor takes the floor along, and one below the
// baseline is not lifted for it.
func maxReplicasIsTheOwners(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 4, max: 20})
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("web: 8")))
	s.awaitHeld(t, "web", 8, 4, name)
	s.patch(t, "web", `{"spec":{"minReplicas":6,"maxReplicas":6}}`)
	s.awaitState(t, "web", state{Min: 6, Max: 6, Baseline: "6", Floor: "6", Because: name})
	s.patch(t, "web", `{"spec":{"minReplicas":3,"maxReplicas":7}}`)
	s.awaitState(t, "web", state{Min: 7, Max: 7, Baseline: "3", Floor: "7", Because: name})
	s.setOwned(s.namespace, "web", 3)
	s.publish(t, event(name, open.soon(), s.targets("web: 8")))
	s.awaitState(t, "web", state{Min: 3, Max: 7})
}
