package docs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// kubelet runs floorkeeper's Pods, which kwok only pretends to do: each as a process with the arguments, the ServiceAccount
// and the ConfigMap of its Pod. A finalizer keeps a Pod until its process has ended, as containers do.
type kubelet struct {
	plane  *controlplane.ControlPlane
	client kubernetes.Interface
	binary string
	dir    string

	addresses replica.Addresses
	running   map[types.UID]*replica.Replica
	failed    error // the latest that went wrong
}

const (
	ownPods   = "app.kubernetes.io/name=floorkeeper"
	finalizer = "floorkeeper.dev/test-kubelet"
)

// begin starts it, and returns what ends it.
func (k *kubelet) begin() (end func() error) {
	k.running = map[types.UID]*replica.Replica{}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(100 * time.Millisecond)
		defer ticker.Stop()
		for ctx.Err() == nil {
			k.failed = k.sync(ctx)
			select {
			case <-ctx.Done():
			case <-ticker.C:
			}
		}
	}()
	return func() error {
		cancel()
		<-ended
		for _, r := range k.running {
			r.Kill()
		}
		if errors.Is(k.failed, context.Canceled) {
			return nil
		}
		return k.failed
	}
}

func (k *kubelet) sync(ctx context.Context) error {
	pods, err := k.client.CoreV1().Pods("").List(ctx, metav1.ListOptions{LabelSelector: ownPods})
	if err != nil {
		return err
	}
	var errs []error
	for i := range pods.Items {
		pod := &pods.Items[i]
		switch {
		case pod.Spec.RestartPolicy != corev1.RestartPolicyAlways: // of a Job, which kwok completes
		case pod.DeletionTimestamp != nil:
			errs = append(errs, k.stop(ctx, pod))
		case pod.Spec.NodeName != "":
			errs = append(errs, k.keep(ctx, pod))
		}
	}
	return errors.Join(errs...)
}

// keep gives a Pod what changes, and starts its process if it has none.
func (k *kubelet) keep(ctx context.Context, pod *corev1.Pod) error {
	container := pod.Spec.Containers[0]
	args := slices.Clone(container.Args)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "$(POD_NAMESPACE)", pod.Namespace)
	}
	for _, volume := range pod.Spec.Volumes {
		if volume.ConfigMap == nil {
			continue
		}
		dir := filepath.Join(k.dir, string(pod.UID), volume.Name)
		if err := k.mount(ctx, pod.Namespace, volume.ConfigMap.Name, dir); err != nil {
			return err
		}
		for _, mount := range container.VolumeMounts {
			for i := range args {
				if mount.Name == volume.Name {
					args[i] = strings.ReplaceAll(args[i], mount.MountPath, dir)
				}
			}
		}
	}
	if k.running[pod.UID] != nil {
		return nil
	}
	return k.launch(ctx, pod, args)
}

// mount writes the ConfigMap into a directory, where it differs.
func (k *kubelet) mount(ctx context.Context, namespace, name, dir string) error {
	configMap, err := k.client.CoreV1().ConfigMaps(namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) { // a mounted one stays as it was
		return os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return err
	}
	errs := []error{os.MkdirAll(dir, 0o755)}
	for file, text := range configMap.Data {
		path := filepath.Join(dir, file)
		if now, err := os.ReadFile(path); err == nil && string(now) == text {
			continue
		}
		errs = append(errs, os.WriteFile(filepath.Join(dir, ".new"), []byte(text), 0o644), os.Rename(filepath.Join(dir, ".new"), path))
	}
	return errors.Join(errs...)
}

// launch adds the finalizer and starts the process, which lowers at once what a mount that is always current says.
func (k *kubelet) launch(ctx context.Context, pod *corev1.Pod, args []string) error {
	if err := k.setFinalizers(ctx, pod, fmt.Sprintf("[%q]", finalizer)); err != nil {
		return err
	}
	account, err := k.plane.ServiceAccountKubeconfig(ctx, pod.Namespace, pod.Spec.ServiceAccountName)
	if err != nil {
		return err
	}
	health, err := k.addresses.Next()
	if err != nil {
		return err
	}
	dir := filepath.Join(k.dir, string(pod.UID))
	env := []string{"HOME=" + dir, "POD_NAMESPACE=" + pod.Namespace}
	for _, e := range pod.Spec.Containers[0].Env {
		if e.Value != "" {
			env = append(env, e.Name+"="+e.Value)
		}
	}
	r, err := replica.Start(replica.Options{
		Binary: k.binary, Health: health, Log: filepath.Join(dir, "log"), Env: env,
		Args: append(args, "--kubeconfig="+account, "--leader-election-namespace="+pod.Namespace, "--settle-time=0s"),
	})
	if err == nil {
		k.running[pod.UID] = r
	}
	return err
}

func (k *kubelet) stop(ctx context.Context, pod *corev1.Pod) error {
	if r := k.running[pod.UID]; r != nil {
		delete(k.running, pod.UID)
		if err := r.Stop(await.Patience); err != nil {
			return fmt.Errorf("floorkeeper ended with %w:\n%s", err, r.Tail(20))
		}
	}
	return k.setFinalizers(ctx, pod, "null")
}

func (k *kubelet) setFinalizers(ctx context.Context, pod *corev1.Pod, list string) error {
	patch := []byte(`{"metadata":{"finalizers":` + list + `}}`)
	_, err := k.client.CoreV1().Pods(pod.Namespace).Patch(ctx, pod.Name, types.MergePatchType, patch, metav1.PatchOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
