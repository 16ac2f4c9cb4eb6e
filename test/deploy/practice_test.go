package deploy

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// openSchedule has one window, which is always open.
const openSchedule = `apiVersion: floorkeeper.dev/v1
kind: Schedule
timeZone: UTC
windows:
  - name: always
    start: "00:00"
    end: "24:00"
    targets:
      - {name: web, namespace: default, minReplicas: 5}
      - {name: web, namespace: stranger, minReplicas: 5}
`

// testPractice runs the real program with the arguments of the Deployment and the token of its ServiceAccount: it must
// lead, raise a floor and write its Events, and no request of it may be refused.
func testPractice(t *testing.T, v variant, m manifest) {
	for _, namespace := range []string{"default", "stranger"} {
		makeHPA(t, namespace)
		if v.raising {
			kubectl(t, "create", "deployment", "web", "--image=fake", "--replicas=2", "--namespace="+namespace)
			t.Cleanup(func() {
				if _, err := cluster.Kubectl(context.Background(), "delete", "deployment", "web", "--namespace="+namespace); err != nil {
					t.Error(err)
				}
			})
		}
	}
	r := runFloorkeeper(t, v, m)
	raised := []string{"default", "stranger"}
	if v.granted != nil {
		raised = []string{"default"}
	}
	for _, namespace := range raised {
		awaitFloor(t, namespace)
		awaitEvent(t, namespace, "HorizontalPodAutoscaler", "web", "FloorRaised")
	}
	awaitEvent(t, v.namespace, "ConfigMap", "floorkeeper-schedule", "ScheduleLoaded")
	if got := minReplicas(t, "stranger"); v.granted != nil && got != 2 {
		t.Errorf("an HPA in a namespace that was not granted has minReplicas %d, want its own 2", got)
	}
	lease, err := cluster.Client().CoordinationV1().Leases(v.namespace).Get(t.Context(), "floorkeeper", metav1.GetOptions{})
	if err != nil || lease.Spec.HolderIdentity == nil || *lease.Spec.HolderIdentity == "" {
		t.Errorf("nobody holds the Lease in %s: %v, %v", v.namespace, lease, err)
	}
	if lines := r.Tail(math.MaxInt, "forbidden"); lines != "" {
		t.Errorf("floorkeeper was refused something:\n%s", lines)
	}
}

// runFloorkeeper starts the program and waits until it is ready.
func runFloorkeeper(t *testing.T, v variant, m manifest) *replica.Replica {
	t.Helper()
	kubeconfig, err1 := cluster.ServiceAccountKubeconfig(t.Context(), v.namespace, "floorkeeper")
	address, err2 := new(replica.Addresses).Next()
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, openSchedule, dir, "schedule.yaml")
	r, err := replica.Start(replica.Options{
		// What differs outside of a Pod: where the schedule is, and addresses that are free. The last of equal flags counts.
		Binary: binary, Args: append(m.arguments(t), "--schedule="+dir), Health: address,
		// In a Pod, client-go finds the API server and floorkeeper the namespace of the Lease in the mounted token's folder.
		Env: append(os.Environ(), "FLOORKEEPER_KUBECONFIG="+kubeconfig, "FLOORKEEPER_LEADER_ELECTION_NAMESPACE="+v.namespace),
		Log: filepath.Join(t.TempDir(), "log"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // before the ServiceAccount goes
		if err := r.Stop(await.Patience); err != nil {
			t.Errorf("floorkeeper ended with %v:\n%s", err, r.Tail(math.MaxInt))
		} else if t.Failed() {
			t.Logf("the log of floorkeeper:\n%s", r.Tail(math.MaxInt))
		}
	})
	await.Success(t, "floorkeeper to be ready", func(ctx context.Context) error {
		if !r.Alive() {
			t.Fatalf("floorkeeper ended before it was ready: %v", r.Wait())
		}
		return r.Ready(ctx)
	})
	return r
}

// makeHPA makes one whose floor can be raised, until the end of the test. Its Deployment need not exist for that.
func makeHPA(t *testing.T, namespace string) {
	t.Helper()
	two := int32(2)
	hpas := cluster.Client().AutoscalingV2().HorizontalPodAutoscalers(namespace)
	_, err := hpas.Create(t.Context(), &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"},
			MinReplicas:    &two,
			MaxReplicas:    10,
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := hpas.Delete(context.Background(), "web", metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
}

func minReplicas(t *testing.T, namespace string) int32 {
	t.Helper()
	hpas := cluster.Client().AutoscalingV2().HorizontalPodAutoscalers(namespace)
	hpa, err := hpas.Get(t.Context(), "web", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return *hpa.Spec.MinReplicas
}

func awaitFloor(t *testing.T, namespace string) {
	t.Helper()
	await.Success(t, "the floor in "+namespace, func(context.Context) error {
		if got := minReplicas(t, namespace); got != 5 {
			return fmt.Errorf("minReplicas is %d, want 5", got)
		}
		return nil
	})
}

// awaitEvent waits for an Event that `kubectl describe` of its object shows: one that carries the object's uid.
func awaitEvent(t *testing.T, namespace, kind, name, reason string) {
	t.Helper()
	await.Success(t, fmt.Sprintf("Event %s on %s %s/%s", reason, kind, namespace, name), func(context.Context) error {
		out, err := cluster.Kubectl(t.Context(), "describe", strings.ToLower(kind), name, "--namespace="+namespace)
		if err != nil {
			return err
		}
		_, events, _ := strings.Cut(out, "\nEvents:")
		if !strings.Contains(events, reason) {
			return fmt.Errorf("kubectl describe shows these Events: %s", events)
		}
		return nil
	})
}
