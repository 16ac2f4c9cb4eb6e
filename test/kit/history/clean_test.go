package history_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/history"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// night is a run of the real floorkeeper, with what the model must know of it.
type night struct {
	*plane
	namespace                 string
	binary, account, schedule string
	keeper                    *replica.Replica
	model                     history.Model
}

// publish replaces the schedule, in one step.
func (n *night) publish(t *testing.T, text string) {
	t.Helper()
	n.model.Schedules = append(n.model.Schedules, history.InForce{From: time.Now(), Schedule: parse(t, text)})
	n.put(t, text)
}

func (n *night) put(t *testing.T, text string) {
	t.Helper()
	file := n.schedule + ".next"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file, n.schedule); err != nil {
		t.Fatal(err)
	}
}

// keep starts floorkeeper.
func (n *night) keep(t *testing.T) {
	t.Helper()
	n.keeper = start(t, n.binary, filepath.Join(n.dir, n.namespace+".log"), "run", "--kubeconfig="+n.account,
		"--schedule="+n.schedule, "--namespaces="+n.namespace, "--leader-elect=false", "--settle-time=1s")
}

// awaitStanding waits for minReplicas over a baseline, which is "" for a free HPA without any ownership of ours.
func (n *night) awaitStanding(t *testing.T, name string, minReplicas int32, baseline string) {
	t.Helper()
	await.Success(t, fmt.Sprintf("HPA %s at minReplicas %d over baseline %q", name, minReplicas, baseline), func(ctx context.Context) error {
		hpa, err := n.client.AutoscalingV2().HorizontalPodAutoscalers(n.namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		got := hpa.Annotations[autoscaler.AnnotationBaseline]
		owned := false
		for _, entry := range hpa.ManagedFields {
			owned = owned || baseline == "" && entry.Manager == autoscaler.FieldManager
		}
		if *hpa.Spec.MinReplicas != minReplicas || got != baseline || owned {
			return fmt.Errorf("it stands at %d over %q, owned: %t, because of %q", *hpa.Spec.MinReplicas, got, owned,
				hpa.Annotations[autoscaler.AnnotationBecause])
		}
		return nil
	})
}

func (n *night) manifest(version, name string, minReplicas int) string {
	return fmt.Sprintf(`{apiVersion: autoscaling/%s, kind: HorizontalPodAutoscaler,
  metadata: {name: %s, namespace: %s, labels: {app: %[2]s}},
  spec: {minReplicas: %[4]d, maxReplicas: 50, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %[2]s}}}`,
		version, name, n.namespace, minReplicas)
}

// evening is a window that gives web 4, and an event that multiplies all by three until its end, with a ramp down to it.
func (n *night) evening(end time.Time) string {
	window := time.Now().UTC().Add(-time.Minute)
	return fmt.Sprintf(`
apiVersion: floorkeeper.dev/v1
kind: Schedule
timeZone: UTC
windows:
  - {name: evening, start: %[2]q, duration: 12h, targets: [{namespace: %[1]s, name: web, minReplicas: 4}]}
events:
  - name: final
    start: %[3]q
    end: %[4]q
    rampDown: 2s
    multiplier: 3
    targets: [{namespace: %[1]s}]
`, n.namespace, window.Format(time.TimeOnly), window.Format(time.RFC3339), end.UTC().Format(time.RFC3339))
}

const nothing = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\nwindows: []\n"

// testClean is a night with all that may happen to an HPA, in which the real floorkeeper does nothing wrong.
func testClean(t *testing.T, p *plane, binary, namespace string) {
	n := &night{
		plane: p, namespace: namespace, binary: binary, account: p.account(t, home, home),
		schedule: filepath.Join(t.TempDir(), "schedule.yaml"),
	}
	n.model.Users = []string{"system:serviceaccount:floorkeeper:floorkeeper"}
	n.model.Namespaces, n.model.Grace = []string{namespace}, 30*time.Second
	n.kubectl(t, "", "create", "namespace", namespace)
	for _, name := range []string{"web", "api", "jobs", "old", "lost"} {
		n.kubectl(t, n.manifest("v2", name, 2), "apply", "-f-")
	}
	n.put(t, "windwos: []")
	n.keep(t)
	n.publish(t, n.evening(time.Now().Add(time.Hour)))
	n.awaitStanding(t, "web", 12, "2")
	n.awaitStanding(t, "api", 6, "2")
	n.others(t)
	n.keeper.Kill()
	n.kubectl(t, "", "delete", "hpa", "--namespace="+n.namespace, "old")
	n.kubectl(t, n.manifest("v2", "old", 5), "create", "-f-")
	n.keep(t)
	n.awaitStanding(t, "old", 15, "5")
	n.put(t, "windwos: []")
	n.publish(t, n.evening(time.Now().Add(2*time.Second)))
	n.awaitStanding(t, "web", 4, "3")
	n.awaitStanding(t, "api", 4, "")
	n.publish(t, nothing)
	n.ends(t)
	for _, v := range n.model.Check(p.read(t, namespace)) {
		t.Error(v)
	}
}

// others are the other writers of a night.
func (n *night) others(t *testing.T) {
	n.kubectl(t, n.manifest("v2", "web", 3), "apply", "-f-")
	n.awaitStanding(t, "web", 12, "3")
	n.kubectl(t, n.manifest("v1", "jobs", 1), "apply", "--server-side", "--force-conflicts", "-f-")
	n.awaitStanding(t, "jobs", 3, "1")
	n.kubectl(t, "", "annotate", "hpa", "--namespace="+n.namespace, "api", "floorkeeper.dev/declared-baseline=4")
	n.awaitStanding(t, "api", 12, "4")
	n.kubectl(t, "", "patch", "hpa", "--namespace="+n.namespace, "jobs", "--type=merge", `--patch={"spec":{"minReplicas":1,"maxReplicas":2}}`)
	n.awaitStanding(t, "jobs", 2, "1")
	n.kubectl(t, "", "annotate", "hpa", "--namespace="+n.namespace, "jobs", "floorkeeper.dev/ignore=true")
	n.awaitStanding(t, "jobs", 1, "")
	n.kubectl(t, "", "annotate", "hpa", "--namespace="+n.namespace, "lost", "floorkeeper.dev/floor-")
	n.kubectl(t, "", "annotate", "hpa", "--namespace="+n.namespace, "lost", "floorkeeper.dev/declared-baseline=7")
	n.awaitStanding(t, "lost", 21, "7")
}

// ends waits until everything is given back, and a moment more.
func (n *night) ends(t *testing.T) {
	n.awaitStanding(t, "web", 3, "")
	n.awaitStanding(t, "old", 5, "")
	n.awaitStanding(t, "jobs", 1, "")
	quiet := history.Interval{From: time.Now()}
	<-time.After(2 * time.Second)
	quiet.To = time.Now()
	n.model.Quiet, n.model.End = []history.Interval{quiet}, quiet.To
}

// guard switches the floor guard on, and waits until it keeps a floor.
func (p *plane) guard(t *testing.T) {
	t.Helper()
	p.kubectl(t, "", "apply", "-k", kit.Overlay(t, kit.Guarded))
	p.kubectl(t, `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler,
  metadata: {name: probe, namespace: default, annotations: {floorkeeper.dev/baseline: "1", floorkeeper.dev/floor: "9"}},
  spec: {minReplicas: 9, maxReplicas: 9, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: probe}}}`, "create", "-f-")
	await.Success(t, "the floor guard", func(ctx context.Context) error {
		out, err := p.Kubectl(ctx, "patch", "hpa", "probe", "--dry-run=server", "--type=merge",
			`--patch={"spec":{"minReplicas":2}}`, "--output=jsonpath={.spec.minReplicas}")
		if err == nil && out != "9" {
			err = fmt.Errorf("minReplicas would become %s", out)
		}
		return err
	})
}

// TestHistory judges floorkeeper and its broken doubles by the audit log of a real API server.
func TestHistory(t *testing.T) {
	binary, p := buildFloorkeeper(t), startPlane(t)
	p.kubectl(t, "", "apply", "-k", "../../../deploy/kustomize")
	t.Run("without the guard", func(t *testing.T) {
		t.Run("a clean night", func(t *testing.T) {
			t.Parallel()
			testClean(t, p, binary, "open")
		})
		t.Run("planted bugs", func(t *testing.T) {
			t.Parallel()
			testPlanted(t, p)
		})
	})
	p.guard(t)
	t.Run("a clean night with the guard", func(t *testing.T) { testClean(t, p, binary, "guarded") })
}
