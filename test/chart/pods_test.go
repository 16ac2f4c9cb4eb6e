package chart

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// kubelet runs what kwok only pretends to run in a namespace: the controller, as one process, and the Pods of hooks. Each
// has the arguments of its container, the token of its ServiceAccount, and the content of its ConfigMap as files.
type kubelet struct {
	namespace, deployment string
	client                kubernetes.Interface
	configMap, dir        string // and where it is mounted
	controller            *replica.Replica

	cannotPull atomic.Bool // images of hooks

	mutex sync.Mutex
	ran   []ran
}

// ran is a container of a hook that has ended.
type ran struct {
	args   []string
	output string
	failed bool
}

// startKubelet starts the controller of a Deployment, which exists. It ends with the test.
func startKubelet(t *testing.T, namespace, deployment string) *kubelet {
	t.Helper()
	k := &kubelet{namespace: namespace, deployment: deployment, dir: t.TempDir(), client: cluster.Client()}
	object, err := k.client.AppsV1().Deployments(namespace).Get(t.Context(), deployment, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	k.configMap = object.Spec.Template.Spec.Volumes[0].ConfigMap.Name
	k.mount(t)
	k.start(t, object)
	t.Cleanup(func() {
		k.controller.Kill()
		if t.Failed() {
			t.Logf("the log of the controller in %s:\n%s\nthe hooks: %+v", namespace, k.controller.Tail(60), k.ran)
		}
	})
	return k
}

// serve runs the Pods of hooks, and stops the controller with its Deployment, until the end of the test.
func (k *kubelet) serve(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- k.loop(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the Pods of hooks in %s: %v", k.namespace, err)
		}
	})
}

// mount writes the ConfigMap of the schedule into the folder that the controller follows.
func (k *kubelet) mount(t *testing.T) {
	t.Helper()
	configMap, err := k.client.CoreV1().ConfigMaps(k.namespace).Get(t.Context(), k.configMap, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range configMap.Data {
		if err := os.WriteFile(filepath.Join(k.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func (k *kubelet) start(t *testing.T, deployment *appsv1.Deployment) {
	t.Helper()
	spec := deployment.Spec.Template.Spec
	account, err := cluster.ServiceAccountKubeconfig(t.Context(), k.namespace, spec.ServiceAccountName)
	if err != nil {
		t.Fatal(err)
	}
	k.controller, err = replica.Start(replica.Options{
		Binary: floorkeeper, Args: k.arguments(&spec.Containers[0]), Log: filepath.Join(t.TempDir(), "log"),
		Env: append(os.Environ(), "FLOORKEEPER_KUBECONFIG="+account, "FLOORKEEPER_LEADER_ELECTION_NAMESPACE="+k.namespace),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// arguments returns those of a container, with what the kubelet replaces.
func (k *kubelet) arguments(container *corev1.Container) []string {
	var args []string
	for _, arg := range container.Args {
		args = append(args, strings.NewReplacer("$(POD_NAMESPACE)", k.namespace, "/etc/floorkeeper/schedule", k.dir).Replace(arg))
	}
	return args
}

func (k *kubelet) loop(ctx context.Context) error {
	known := map[types.UID]bool{}
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if err := errors.Join(k.stopIfScaledToZero(ctx), k.runNew(ctx, known)); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

func (k *kubelet) stopIfScaledToZero(ctx context.Context) error {
	deployment, err := k.client.AppsV1().Deployments(k.namespace).Get(ctx, k.deployment, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return err
	case *deployment.Spec.Replicas > 0 || !k.controller.Alive():
		return nil
	default:
		return k.controller.Stop(await.Patience)
	}
}

// runNew runs each Pod of a hook once, or gives it up and lets its Job fail sooner than it would.
func (k *kubelet) runNew(ctx context.Context, known map[types.UID]bool) error {
	pods, err := k.client.CoreV1().Pods(k.namespace).List(ctx, metav1.ListOptions{LabelSelector: "app.kubernetes.io/name in (floorkeeper-release, floorkeeper-test)"})
	if err != nil {
		return err
	}
	for _, pod := range pods.Items {
		switch {
		case pod.DeletionTimestamp != nil:
			err = k.client.CoreV1().Pods(k.namespace).Delete(ctx, pod.Name, *metav1.NewDeleteOptions(0))
		case k.cannotPull.Load():
			job := pod.Labels["batch.kubernetes.io/job-name"]
			_, err = k.client.BatchV1().Jobs(k.namespace).Patch(ctx, job, types.MergePatchType, []byte(`{"spec":{"activeDeadlineSeconds":1}}`), metav1.PatchOptions{})
		case pod.Spec.NodeName != "" && !known[pod.UID]:
			known[pod.UID] = true
			err = k.runPod(ctx, &pod)
		}
		if err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}
	return nil
}

// runPod runs the containers one after the other, beside the loop, which stops the controller meanwhile, and reports that
// the Pod has ended as the last of them did.
func (k *kubelet) runPod(ctx context.Context, pod *corev1.Pod) error {
	account, err := cluster.ServiceAccountKubeconfig(ctx, k.namespace, pod.Spec.ServiceAccountName)
	if err != nil {
		return err
	}
	go func() {
		phase := corev1.PodSucceeded
		for _, container := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
			cmd := exec.CommandContext(ctx, floorkeeper, k.arguments(&container)...)
			cmd.Env = []string{"KUBECONFIG=" + account, "HOME=" + k.dir}
			out, err := cmd.CombinedOutput()
			k.mutex.Lock()
			k.ran = append(k.ran, ran{args: container.Args, output: string(out), failed: err != nil})
			k.mutex.Unlock()
			if err != nil {
				phase = corev1.PodFailed
				break
			}
		}
		patch := fmt.Appendf(nil, `{"status":{"phase":%q}}`, phase)
		_, err := k.client.CoreV1().Pods(k.namespace).Patch(ctx, pod.Name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
		if err != nil && !apierrors.IsNotFound(err) && ctx.Err() == nil {
			k.mutex.Lock()
			k.ran = append(k.ran, ran{args: []string{"status"}, output: err.Error(), failed: true})
			k.mutex.Unlock()
		}
	}()
	return nil
}

// hooks returns the containers that have ended and whose first argument is the command.
func (k *kubelet) hooks(command string) (found []ran) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	for _, r := range k.ran {
		if r.args[0] == command {
			found = append(found, r)
		}
	}
	return found
}

// podNames returns the names of the controller's Pods.
func podNames(t *testing.T, namespace string) []string {
	t.Helper()
	pods, err := cluster.Client().CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "app.kubernetes.io/name=floorkeeper"})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for i := range pods.Items {
		names[pods.Items[i].Name] = true
	}
	return slices.Sorted(maps.Keys(names))
}
