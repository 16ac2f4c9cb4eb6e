package docs

import (
	"context"
	"fmt"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// The traps that docs/nodes.md and docs/outside.md warn of. What must not happen is looked at after the HPA controller, which
// looks every two seconds here, has reported why it does not.

const readers = `
apiVersion: db.example.com/v1
kind: Cluster
metadata: {namespace: video, name: readers}
spec: {instances: 2}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {namespace: video, name: readers}
spec:
  scaleTargetRef: {apiVersion: db.example.com/v1, kind: Cluster, name: readers}
  minReplicas: 2
  maxReplicas: 9
`

// A custom resource whose scale has no selector rises with minReplicas and does not fall.
func TestWithoutASelectorReplicasNeverFall(t *testing.T) {
	on.prepare(t, guarded)
	on.apply(t, readers)
	t.Cleanup(func() { on.changed = true })
	on.mustKubectl(t, "--namespace=video", "patch", "hpa", "readers", `--patch={"spec":{"minReplicas":5}}`)
	on.awaitOutput(t, "5", "--namespace=video", "get", "cluster", "readers", "--output=jsonpath={.spec.instances}")
	on.mustKubectl(t, "--namespace=video", "patch", "hpa", "readers", `--patch={"spec":{"minReplicas":2}}`)
	on.awaitObserved(t, "video", "readers")
	on.awaitOutput(t, "InvalidSelector", "--namespace=video", "get", "hpa", "readers", "--output=jsonpath={.status.conditions[?(@.type==\"ScalingActive\")].reason}")
	on.awaitOutput(t, "5", "--namespace=video", "get", "cluster", "readers", "--output=jsonpath={.spec.instances}")
}

// Without metrics, a Deployment rises with minReplicas and does not fall.
func TestWithoutMetricsReplicasNeverFall(t *testing.T) {
	on.prepare(t, guarded)
	t.Cleanup(func() { on.changed = true })
	on.awaitOutput(t, "12", "--namespace=shop", "get", "deployment", "web", "--output=jsonpath={.spec.replicas}")
	on.mustKubectl(t, "--namespace=shop", "annotate", "hpa", "web", "floorkeeper.dev/ignore=true")
	on.awaitOutput(t, "4", "--namespace=shop", "get", "hpa", "web", "--output=jsonpath={.spec.minReplicas}")
	on.awaitObserved(t, "shop", "web")
	on.awaitOutput(t, "FailedGetResourceMetric", "--namespace=shop", "get", "hpa", "web", "--output=jsonpath={.status.conditions[?(@.type==\"ScalingActive\")].reason}")
	on.awaitOutput(t, "12", "--namespace=shop", "get", "deployment", "web", "--output=jsonpath={.spec.replicas}")
}

const node = `
apiVersion: v1
kind: Node
metadata:
  name: small
  labels: {kubernetes.io/hostname: small, type: kwok, size: small}
  annotations: {kwok.x-k8s.io/node: fake}
status:
  allocatable: {cpu: "2", memory: 4Gi, pods: "110"}
  capacity: {cpu: "2", memory: 4Gi, pods: "110"}
`

// pods is a Deployment whose Pods have a priority or none. Two of them fill the small node.
func pods(name string, replicas int, priority string) string {
	return fmt.Sprintf(`
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: placeholder, name: %[1]s}
spec:
  replicas: %[2]d
  selector: {matchLabels: {app: %[1]s}}
  template:
    metadata: {labels: {app: %[1]s}}
    spec:
      terminationGracePeriodSeconds: 0
      nodeSelector: {size: small}
      %[3]s
      containers: [{name: pause, image: pause, resources: {requests: {cpu: "1"}}}]
`, name, replicas, priority)
}

// A placeholder gives way if its priority is below that of the application, and only then.
func TestPlaceholdersGiveWay(t *testing.T) {
	on.prepare(t, guarded)
	on.apply(t, node)
	on.apply(t, "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: placeholder}, value: -10}")
	t.Cleanup(func() { _, _ = on.Kubectl(context.Background(), "delete", "node/small", "priorityclass/placeholder") })
	for name, c := range map[string]struct{ priority, scheduled string }{
		"low":  {"priorityClassName: placeholder", "True"},
		"zero": {"", "False"},
	} {
		t.Run(name, func(t *testing.T) {
			on.apply(t, pods(name, 2, c.priority))
			t.Cleanup(func() {
				_, _ = on.Kubectl(context.Background(), "--namespace=placeholder", "delete", "deployment", "--all", "--cascade=foreground")
			})
			on.awaitOutput(t, "2", "--namespace=placeholder", "get", "deployment", name, "--output=jsonpath={.status.readyReplicas}")
			on.apply(t, pods("application", 1, ""))
			on.awaitOutput(t, c.scheduled, "--namespace=placeholder", "get", "pods", "--selector=app=application",
				"--output=jsonpath={.items[*].status.conditions[?(@.type==\"PodScheduled\")].status}")
		})
	}
}

func (s *stage) apply(t *testing.T, manifest string) {
	t.Helper()
	if err := s.Apply(t.Context(), manifest); err != nil {
		t.Fatal(err)
	}
}

// awaitObserved waits until the HPA controller has seen the latest change of an HPA.
func (s *stage) awaitObserved(t *testing.T, namespace, name string) {
	t.Helper()
	await.Success(t, "the HPA controller to see the change", func(ctx context.Context) error {
		hpa, err := s.client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Get(ctx, name, metav1.GetOptions{})
		if err == nil && (hpa.Status.ObservedGeneration == nil || *hpa.Status.ObservedGeneration < hpa.Generation) {
			err = fmt.Errorf("generation %d is not observed yet", hpa.Generation)
		}
		return err
	})
}

func (s *stage) awaitOutput(t *testing.T, want string, args ...string) {
	t.Helper()
	await.Success(t, fmt.Sprintf("kubectl %s to print %q", strings.Join(args, " "), want), func(ctx context.Context) error {
		got, err := s.Kubectl(ctx, args...)
		if err == nil && got != want {
			err = fmt.Errorf("it prints %q", got)
		}
		return err
	})
}
