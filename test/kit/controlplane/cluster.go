package controlplane

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// awaitCluster makes the Nodes and waits until the controllers, the scheduler and kwok do their work.
func (c *ControlPlane) awaitCluster(ctx context.Context) error {
	count := max(1, c.options.Nodes)
	for i := range count {
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{
			Name:        fmt.Sprintf("node-%d", i),
			Labels:      map[string]string{"kubernetes.io/hostname": fmt.Sprintf("node-%d", i), "type": "kwok"},
			Annotations: map[string]string{"kwok.x-k8s.io/node": "fake"},
		}}
		if _, err := c.client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("cannot create a Node: %w", err)
		}
	}
	for i := range count {
		if err := await(ctx, "the Nodes", func(ctx context.Context) error { return c.nodeReady(ctx, i) }); err != nil {
			return err
		}
	}
	return c.awaitPod(ctx)
}

// nodeReady checks that Pods may be scheduled to a Node.
func (c *ControlPlane) nodeReady(ctx context.Context, i int) error {
	node, err := c.client.CoreV1().Nodes().Get(ctx, fmt.Sprintf("node-%d", i), metav1.GetOptions{})
	if err != nil {
		return err
	}
	if len(node.Spec.Taints) > 0 {
		return fmt.Errorf("%s is tainted with %s", node.Name, node.Spec.Taints[0].Key)
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue {
			return nil
		}
	}
	return fmt.Errorf("%s is not Ready", node.Name)
}

// awaitPod lets one Pod go its whole way. The API server refuses it until the controller manager has made the
// ServiceAccount of its namespace.
func (c *ControlPlane) awaitPod(ctx context.Context) error {
	steps := []struct {
		what  string
		check func(context.Context) error
	}{
		{"the first ServiceAccount", c.accountExists},
		{"the first Pod to be admitted", c.createPod},
		{"the first Pod to run", c.podRuns},
		{"the first Pod to go", c.podGoes},
	}
	for _, step := range steps {
		if err := await(ctx, step.what, step.check); err != nil {
			return err
		}
	}
	return nil
}

// firstPod is the name of the Pod that shows that the cluster works.
const firstPod = "first-pod"

func (c *ControlPlane) accountExists(ctx context.Context) error {
	_, err := c.client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
	return err
}

func (c *ControlPlane) createPod(ctx context.Context) error {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: firstPod},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "fake", Image: "fake"}}},
	}
	_, err := c.client.CoreV1().Pods(metav1.NamespaceSystem).Create(ctx, pod, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) { // An earlier attempt, whose answer was lost.
		return nil
	}
	return err
}

func (c *ControlPlane) podRuns(ctx context.Context) error {
	pod, err := c.client.CoreV1().Pods(metav1.NamespaceSystem).Get(ctx, firstPod, metav1.GetOptions{})
	if err == nil && pod.Status.Phase != corev1.PodRunning {
		err = fmt.Errorf("its phase is %s", pod.Status.Phase)
	}
	return err
}

// podGoes deletes the Pod and succeeds when there is none to delete any more.
func (c *ControlPlane) podGoes(ctx context.Context) error {
	err := c.client.CoreV1().Pods(metav1.NamespaceSystem).Delete(ctx, firstPod, *metav1.NewDeleteOptions(0))
	if apierrors.IsNotFound(err) {
		return nil
	}
	return errors.Join(errors.New("it was still there"), err)
}
