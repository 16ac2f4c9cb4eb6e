package deploy

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// install applies a folder as a user does, and takes it away after the test.
func install(t *testing.T, v variant) manifest {
	t.Helper()
	for _, namespace := range append([]string{"stranger"}, v.granted...) {
		makeNamespace(t, namespace)
	}
	dir := v.dir(t)
	m := render(t, dir)
	t.Cleanup(func() {
		if _, err := cluster.Kubectl(context.Background(), "delete", "-k", dir, "--timeout="+await.Patience.String()); err != nil {
			t.Errorf("cannot uninstall: %v", err)
		}
	})
	cmd := cluster.KubectlCommand(t.Context(), cluster.Kubeconfig(), "apply", "-k", dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("cannot apply %s: %v: %s", dir, err, stderr.String())
	}
	for line := range strings.Lines(stderr.String()) {
		if !strings.HasPrefix(line, "# Warning: 'vars' is deprecated.") {
			t.Errorf("kubectl apply -k %s warns: %s", dir, line)
		}
	}
	return m
}

func makeNamespace(t *testing.T, name string) {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	_, err := cluster.Client().CoreV1().Namespaces().Create(t.Context(), namespace, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
}

// testReplicas checks that both replicas become available in the namespace as it is, with its Pod Security, on a Node
// each, and that one of them may be evicted.
func testReplicas(t *testing.T, v variant) {
	kubectl(t, "rollout", "status", "deployment/floorkeeper", "--namespace="+v.namespace, "--timeout="+await.Patience.String())
	await.Success(t, "the PodDisruptionBudget to allow one eviction", func(context.Context) error {
		budgets := cluster.Client().PolicyV1().PodDisruptionBudgets(v.namespace)
		budget, err := budgets.Get(t.Context(), "floorkeeper", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if s := budget.Status; s.ExpectedPods != 2 || s.CurrentHealthy != 2 || s.DesiredHealthy != 1 || s.DisruptionsAllowed != 1 {
			return fmt.Errorf("its status is %+v", s)
		}
		return nil
	})
	if nodes := nodesOf(t, v.namespace); len(nodes) != 2 {
		t.Errorf("the replicas run on %d nodes, want 2: %v", len(nodes), nodes)
	}
}

// nodesOf counts the Pods of floorkeeper on each node.
func nodesOf(t *testing.T, namespace string) map[string]int {
	t.Helper()
	options := metav1.ListOptions{LabelSelector: "app.kubernetes.io/name=floorkeeper"}
	pods, err := cluster.Client().CoreV1().Pods(namespace).List(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	nodes := map[string]int{}
	for i := range pods.Items {
		nodes[pods.Items[i].Spec.NodeName]++
	}
	return nodes
}

// The namespace must refuse a Pod that lacks any of what the restricted Pod Security Standard asks for; the Pod of the
// Deployment lacks nothing.
func TestPodSecurityIsRestricted(t *testing.T) {
	cases := map[string]struct {
		spoil   func(*corev1.PodSpec)
		refusal string
	}{
		"as shipped":            {func(*corev1.PodSpec) {}, ""},
		"may run as root":       {func(p *corev1.PodSpec) { p.SecurityContext.RunAsNonRoot = nil }, "runAsNonRoot"},
		"no seccomp profile":    {func(p *corev1.PodSpec) { p.SecurityContext.SeccompProfile = nil }, "seccompProfile"},
		"keeps capabilities":    {func(p *corev1.PodSpec) { p.Containers[0].SecurityContext.Capabilities = nil }, "capabilities"},
		"may gain privileges":   {func(p *corev1.PodSpec) { p.Containers[0].SecurityContext.AllowPrivilegeEscalation = nil }, "allowPrivilegeEscalation"},
		"uses the host's ports": {func(p *corev1.PodSpec) { p.HostNetwork = true }, "host"},
	}
	v := variants()[0]
	m := install(t, v)
	template := only[appsv1.Deployment](t, m, "Deployment").Spec.Template
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{GenerateName: "trial-", Labels: template.Labels}, Spec: *template.Spec.DeepCopy()}
			c.spoil(&pod.Spec)
			_, err := cluster.Client().CoreV1().Pods(v.namespace).Create(t.Context(), pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
			switch {
			case c.refusal == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.refusal != "" && (!apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "PodSecurity") || !strings.Contains(err.Error(), c.refusal)):
				t.Errorf("want a refusal by Pod Security that names %s, got: %v", c.refusal, err)
			}
		})
	}
	if context := template.Spec.Containers[0].SecurityContext; context.ReadOnlyRootFilesystem == nil || !*context.ReadOnlyRootFilesystem {
		t.Error("the root filesystem is not read-only") // the standard does not ask for it
	}
}
