package controlplane_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane/binaries"
)

const namespace = "shop"

// TestControlPlane is one long scene, because a start takes seconds: the cluster scales, enforces RBAC, survives the loss
// of its API server and of etcd, and leaves nothing behind.
func TestControlPlane(t *testing.T) {
	plane, err := controlplane.Start(t.Context(), controlplane.Options{
		ExtraArgs: map[controlplane.Component][]string{
			controlplane.ControllerManager: {"--horizontal-pod-autoscaler-sync-period=1s"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	client := plane.Client()

	t.Run("a Deployment follows the minReplicas of its HorizontalPodAutoscaler", func(t *testing.T) {
		createWorkload(t, client)
		wantReady(t, client, 2)
		setMinReplicas(t, client, 25)
		wantReady(t, client, 25)
	})
	t.Run("a ServiceAccount may do only what RBAC grants", func(t *testing.T) { testServiceAccount(t, plane) })
	t.Run("kubectl works and knows its version", func(t *testing.T) { testKubectl(t, plane) })
	t.Run("its capabilities are known", func(t *testing.T) { testCapabilities(t, plane) })
	t.Run("the API server returns with its data", func(t *testing.T) {
		restart(t, plane, controlplane.APIServer)
		wantReady(t, client, 25)
	})
	t.Run("etcd returns with its data and the controllers go on", func(t *testing.T) {
		restart(t, plane, controlplane.Etcd)
		wantReady(t, client, 25)
		setMinReplicas(t, client, 26)
		wantReady(t, client, 26)
	})
	t.Run("Stop leaves no process", func(t *testing.T) { testStop(t, plane) })
}

// TestStartReportsWhatAComponentSays checks that a component that ends makes Start fail at once, with its reason.
func TestStartReportsWhatAComponentSays(t *testing.T) {
	began := time.Now()
	plane, err := controlplane.Start(t.Context(), controlplane.Options{
		LogDir: t.TempDir(),
		ExtraArgs: map[controlplane.Component][]string{
			controlplane.APIServer: {"--no-such-flag"},
		},
	})
	if err == nil {
		t.Fatal(errors.Join(errors.New("Start succeeded, want an error"), plane.Stop()))
	}
	if want := "unknown flag: --no-such-flag"; !strings.Contains(err.Error(), want) {
		t.Errorf("Start failed with %v, want %q in it", err, want)
	}
	t.Logf("failed after %s", time.Since(began))
}

func testServiceAccount(t *testing.T, plane *controlplane.ControlPlane) {
	file, err := plane.ServiceAccountKubeconfig(t.Context(), namespace, "default")
	if err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = connect(t, config).CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{})
	if !apierrors.IsForbidden(err) {
		t.Errorf("listing Pods without a Role: got %v, want Forbidden", err)
	}
	if _, err := plane.Kubectl(t.Context(), "create", "rolebinding", "reader", "--namespace", namespace,
		"--clusterrole=view", "--serviceaccount="+namespace+":default"); err != nil {
		t.Fatal(err)
	}
	poll(t, "the ServiceAccount may list Pods", func(ctx context.Context) error {
		_, err := connect(t, config).CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
		return err
	})
	name, err := plane.KubectlAs(t.Context(), file, "auth", "whoami", "--output=jsonpath={.status.userInfo.username}")
	if want := "system:serviceaccount:" + namespace + ":default"; err != nil || name != want {
		t.Errorf("kubectl auth whoami: got %q, %v, want %q", name, err, want)
	}
}

func testKubectl(t *testing.T, plane *controlplane.ControlPlane) {
	out, err := plane.Kubectl(t.Context(), "version")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"Client Version: v1.", "Server Version: v1."} {
		if !strings.Contains(out, line) {
			t.Errorf("kubectl version: got %q, want %q in it", out, line)
		}
	}
	cmd := plane.KubectlCommand(t.Context(), plane.Kubeconfig(), "apply", "--server-side", "--filename=-")
	cmd.Stdin = strings.NewReader(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","namespace":"shop"}}`)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("kubectl apply: %v: %s", err, out)
	}
}

// testCapabilities compares the answers with the release: only an older one may lack anything.
func testCapabilities(t *testing.T, plane *controlplane.ControlPlane) {
	for _, what := range []controlplane.Capability{
		controlplane.MutatingPolicies, controlplane.ScaledToZero, controlplane.Generations, controlplane.Zeroes,
	} {
		if has, err := plane.Has(t.Context(), what); err != nil || !has && !binaries.Older() {
			t.Errorf("%s: %t, %v", what, has, err)
		}
	}
	if has, err := plane.Has(t.Context(), "wings"); err == nil {
		t.Errorf("wings: %t, want an error", has)
	}
}

func testStop(t *testing.T, plane *controlplane.ControlPlane) {
	pids := plane.Pids()
	if got, want := len(pids), len(controlplane.Components()); got != want {
		t.Errorf("%d components run before Stop, want %d", got, want)
	}
	if err := plane.Stop(); err != nil {
		t.Fatal(err)
	}
	for name, pid := range pids {
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("%s (pid %d) still exists after Stop: %v", name, pid, err)
		}
	}
}

// restart stops a component, sees that it is gone, and starts it again.
func restart(t *testing.T, plane *controlplane.ControlPlane, name controlplane.Component) {
	t.Helper()
	if err := plane.StopComponent(name); err != nil {
		t.Fatal(err)
	}
	if pid, found := plane.Pids()[name]; found {
		t.Fatalf("%s (pid %d) runs although it was stopped", name, pid)
	}
	if _, err := plane.Kubectl(t.Context(), "get", "pods", "--request-timeout=2s"); err == nil {
		t.Errorf("the API server answers without %s", name)
	}
	if err := plane.StartComponent(t.Context(), name); err != nil {
		t.Fatal(err)
	}
}

func connect(t *testing.T, config *rest.Config) kubernetes.Interface {
	t.Helper()
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// createWorkload creates the Deployment cart with two replicas and an autoscaler for it.
func createWorkload(t *testing.T, client kubernetes.Interface) {
	t.Helper()
	ctx, labels, replicas, cpu := t.Context(), map[string]string{"app": "cart"}, int32(2), int32(80)
	meta := metav1.ObjectMeta{Name: "cart", Namespace: namespace}
	_, err1 := client.CoreV1().Namespaces().Create(ctx,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{})
	_, err2 := client.AppsV1().Deployments(namespace).Create(ctx, &appsv1.Deployment{
		ObjectMeta: meta,
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "cart", Image: "cart"}}},
			},
		},
	}, metav1.CreateOptions{})
	metric := autoscalingv2.MetricSpec{
		Type: autoscalingv2.ResourceMetricSourceType,
		Resource: &autoscalingv2.ResourceMetricSource{
			Name:   corev1.ResourceCPU,
			Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: &cpu},
		},
	}
	scale := autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "cart"}
	_, err3 := client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Create(ctx,
		&autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: meta, Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: scale, MinReplicas: &replicas, MaxReplicas: 200, Metrics: []autoscalingv2.MetricSpec{metric},
		}}, metav1.CreateOptions{})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
}

// setMinReplicas retries, because the authorizer and the watch caches need a moment after a restart.
func setMinReplicas(t *testing.T, client kubernetes.Interface, replicas int) {
	t.Helper()
	patch := fmt.Appendf(nil, `{"spec":{"minReplicas":%d}}`, replicas)
	poll(t, "minReplicas is patched", func(ctx context.Context) error {
		_, err := client.AutoscalingV2().HorizontalPodAutoscalers(namespace).
			Patch(ctx, "cart", types.MergePatchType, patch, metav1.PatchOptions{})
		return err
	})
}

// wantReady waits until the Deployment has exactly so many Ready Pods.
func wantReady(t *testing.T, client kubernetes.Interface, replicas int32) {
	t.Helper()
	poll(t, fmt.Sprintf("%d Pods are Ready", replicas), func(ctx context.Context) error {
		got, err := client.AppsV1().Deployments(namespace).Get(ctx, "cart", metav1.GetOptions{})
		if err == nil && (got.Status.ReadyReplicas != replicas || got.Status.Replicas != replicas) {
			err = fmt.Errorf("%d of %d replicas are ready", got.Status.ReadyReplicas, got.Status.Replicas)
		}
		return err
	})
}

func poll(t *testing.T, what string, check func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	began := time.Now()
	for {
		err := check(ctx)
		if err == nil {
			t.Logf("%s after %s", what, time.Since(began).Round(time.Millisecond))
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain until %s: %v", what, err)
		case <-ticker.C:
		}
	}
}
