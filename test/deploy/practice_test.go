package deploy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
	}
	log := runFloorkeeper(t, v, m)
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
	lease, err := administrator(t).CoordinationV1().Leases(v.namespace).Get(t.Context(), "floorkeeper", metav1.GetOptions{})
	if err != nil || lease.Spec.HolderIdentity == nil || *lease.Spec.HolderIdentity == "" {
		t.Errorf("nobody holds the Lease in %s: %v, %v", v.namespace, lease, err)
	}
	for line := range strings.Lines(log()) {
		if strings.Contains(line, "forbidden") {
			t.Errorf("floorkeeper was refused something: %s", line)
		}
	}
}

// runFloorkeeper starts the program and returns a function that returns its log so far.
func runFloorkeeper(t *testing.T, v variant, m manifest) func() string {
	t.Helper()
	kubeconfig, err := cluster.ServiceAccountKubeconfig(t.Context(), v.namespace, "floorkeeper")
	if err != nil {
		t.Fatal(err)
	}
	dir, address := t.TempDir(), freeAddress(t)
	write(t, openSchedule, dir, "schedule.yaml")
	// What differs outside of a Pod: where the schedule is, and addresses that are free. The last of equal flags counts.
	args := append(m.arguments(t), "--schedule="+dir, "--metrics-bind-address=0", "--health-probe-bind-address="+address)
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = patience
	// In a Pod, client-go finds the API server and floorkeeper the namespace of the Lease in the mounted token's folder.
	cmd.Env = append(os.Environ(), "FLOORKEEPER_KUBECONFIG="+kubeconfig, "FLOORKEEPER_LEADER_ELECTION_NAMESPACE="+v.namespace)
	path := filepath.Join(t.TempDir(), "log")
	log, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	read := func() string {
		data, err := os.ReadFile(path)
		return fmt.Sprint(string(data), errors.Join(err))
	}
	t.Cleanup(func() { // before the ServiceAccount goes
		cancel()
		if err := <-exited; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("floorkeeper ended with %v:\n%s", err, read())
		} else if t.Failed() {
			t.Logf("the log of floorkeeper:\n%s", read())
		}
	})
	awaitReady(t, address, exited)
	return read
}

// freeAddress returns a port of the loopback interface that was free a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func awaitReady(t *testing.T, address string, exited chan error) {
	t.Helper()
	client := &http.Client{Timeout: 5 * time.Second}
	eventually(t, "floorkeeper to be ready", func() error {
		select {
		case err := <-exited:
			exited <- err
			t.Fatalf("floorkeeper ended before it was ready: %v", err)
		default:
		}
		response, err := client.Get("http://" + address + "/readyz")
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return errors.New(response.Status)
		}
		return nil
	})
}

// makeHPA makes one whose floor can be raised, until the end of the test. Its Deployment need not exist for that.
func makeHPA(t *testing.T, namespace string) {
	t.Helper()
	two := int32(2)
	hpas := administrator(t).AutoscalingV2().HorizontalPodAutoscalers(namespace)
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
	hpas := administrator(t).AutoscalingV2().HorizontalPodAutoscalers(namespace)
	hpa, err := hpas.Get(t.Context(), "web", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return *hpa.Spec.MinReplicas
}

func awaitFloor(t *testing.T, namespace string) {
	t.Helper()
	eventually(t, "the floor in "+namespace, func() error {
		if got := minReplicas(t, namespace); got != 5 {
			return fmt.Errorf("minReplicas is %d, want 5", got)
		}
		return nil
	})
}

// awaitEvent waits for an Event that `kubectl describe` of its object shows: one that carries the object's uid.
func awaitEvent(t *testing.T, namespace, kind, name, reason string) {
	t.Helper()
	eventually(t, fmt.Sprintf("Event %s on %s %s/%s", reason, kind, namespace, name), func() error {
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
