package chart

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// release is one of several in the cluster, each in its own namespace, which enforces restricted Pod Security, with an HPA
// in the default namespace that its schedule covers.
type release struct {
	helm
	name, namespace string
	deployment      string // and the beginning of all other names
	hpa             string
	flags           []string // of every command of Helm
	*kubelet
}

const (
	baseline = 2 // what the owner of every HPA has written
	floor    = 5 // what the schedule asks for at first
)

// newRelease makes the namespace and the HPA. The release is not installed yet.
func newRelease(t *testing.T, h helm, name, namespace string) *release {
	t.Helper()
	r := &release{helm: h, name: name, namespace: namespace, deployment: name + "-floorkeeper", hpa: namespace}
	if strings.Contains(name, "floorkeeper") {
		r.deployment = name
	}
	client := cluster.Client()
	labels := map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}
	if _, err := client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace, Labels: labels}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	hpas := client.AutoscalingV2().HorizontalPodAutoscalers("default")
	_, err := hpas.Create(t.Context(), &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: r.hpa},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: r.hpa},
			MinReplicas:    new(int32(baseline)), MaxReplicas: 20,
		},
	}, metav1.CreateOptions{FieldManager: "owner"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// window is a schedule with one window that is always open.
func (r *release) window(floor int) string {
	return fmt.Sprintf(`apiVersion: floorkeeper.dev/v1
kind: Schedule
timeZone: UTC
windows:
  - {name: always, start: "00:00", end: "24:00", targets: [{namespace: default, name: %s, minReplicas: %d}]}
`, r.hpa, floor)
}

// schedule writes such a schedule into a file, and returns the flag that sets it.
func (r *release) schedule(t *testing.T, floor int) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "schedule.yaml")
	if err := os.WriteFile(file, []byte(r.window(floor)), 0o644); err != nil {
		t.Fatal(err)
	}
	return "--set-file=schedule.text=" + file
}

// helmed runs a command of Helm about the release.
func (r *release) helmed(t *testing.T, args ...string) string {
	t.Helper()
	return r.must(t, slices.Concat(args, r.flags, []string{"--namespace=" + r.namespace, "--timeout=" + await.Patience.String()})...)
}

// install installs the release, runs the controller and waits for its floor.
func (r *release) install(t *testing.T, args ...string) (notes string) {
	t.Helper()
	if args == nil {
		args = []string{r.schedule(t, floor)}
	}
	notes = r.helmed(t, append([]string{"install", r.name, folder, "--wait"}, args...)...)
	r.kubelet = startKubelet(t, r.namespace, r.deployment)
	r.awaitFloor(t, floor)
	return notes
}

func (r *release) get(ctx context.Context, t *testing.T) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	t.Helper()
	return cluster.Client().AutoscalingV2().HorizontalPodAutoscalers("default").Get(ctx, r.hpa, metav1.GetOptions{})
}

func (r *release) awaitFloor(t *testing.T, floor int) {
	t.Helper()
	await.Success(t, fmt.Sprintf("a floor of %d for HPA %s", floor, r.hpa), func(ctx context.Context) error {
		hpa, err := r.get(ctx, t)
		if err == nil && int(*hpa.Spec.MinReplicas) != floor {
			err = fmt.Errorf("minReplicas is %d, annotations are %v", *hpa.Spec.MinReplicas, hpa.Annotations)
		}
		return err
	})
}

// wantHeld checks that the HPA is at its floor and that its baseline is on it.
func (r *release) wantHeld(t *testing.T) {
	t.Helper()
	hpa, err := r.get(t.Context(), t)
	if err != nil {
		t.Fatal(err)
	}
	if int(*hpa.Spec.MinReplicas) != floor || hpa.Annotations["floorkeeper.dev/baseline"] != fmt.Sprint(baseline) {
		t.Errorf("HPA %s has minReplicas %d and annotations %v, want the floor %d and the baseline %d", r.hpa, *hpa.Spec.MinReplicas, hpa.Annotations, floor, baseline)
	}
}

// wantAsWritten checks that nothing of floorkeeper is on the HPA.
func (r *release) wantAsWritten(t *testing.T) {
	t.Helper()
	hpa, err := r.get(t.Context(), t)
	if err != nil {
		t.Fatal(err)
	}
	if *hpa.Spec.MinReplicas != baseline || len(hpa.Annotations) > 0 {
		t.Errorf("HPA %s has minReplicas %d and annotations %v, want %d and none", r.hpa, *hpa.Spec.MinReplicas, hpa.Annotations, baseline)
	}
	for _, entry := range hpa.ManagedFields {
		if entry.Manager == "floorkeeper" {
			t.Errorf("floorkeeper owns fields of HPA %s: %s", r.hpa, entry.FieldsV1)
		}
	}
}

// wantLeaseFree checks that nobody leads.
func (r *release) wantLeaseFree(t *testing.T) {
	t.Helper()
	lease, err := cluster.Client().CoordinationV1().Leases(r.namespace).Get(t.Context(), "floorkeeper", metav1.GetOptions{})
	if err != nil || lease.Spec.HolderIdentity != nil && *lease.Spec.HolderIdentity != "" {
		t.Errorf("the Lease in %s: %v, %v", r.namespace, lease, err)
	}
}

// kinds are those of the chart's objects.
const kinds = "deployments,serviceaccounts,roles,rolebindings,clusterroles,clusterrolebindings,configmaps,jobs,pods,poddisruptionbudgets,flowschemas," +
	"validatingadmissionpolicies,validatingadmissionpolicybindings,mutatingadmissionpolicies,mutatingadmissionpolicybindings"

// wantNothingInstalled checks that all objects of the release are gone, those of its hooks too.
func (r *release) wantNothingInstalled(t *testing.T) {
	t.Helper()
	await.Success(t, "all objects of release "+r.name+" to be gone", func(ctx context.Context) error {
		out, err := cluster.Kubectl(ctx, "get", kinds, "--all-namespaces", "--selector=app.kubernetes.io/instance="+r.name, "--output=name")
		if err == nil && out != "" {
			err = errors.New("these are left: " + out)
		}
		return err
	})
}

// release runs floorkeeper release as the administrator does.
func (r *release) release(ctx context.Context, args ...string) (string, error) {
	return command(ctx, append([]string{"release"}, args...)...)
}
