package e2e

import (
	"strings"
	"testing"
)

// accountMayNoMore asks the API server what the ServiceAccount of deploy/kustomize may do, and tries what it may not.
func accountMayNoMore(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.awaitReady(t, "web", 2)
	for _, question := range allowed(s.namespace) {
		s.wantAnswer(t, question, "yes")
	}
	for _, question := range forbidden(s.namespace) {
		s.wantAnswer(t, question, "no")
	}
	manifest := s.kubectl(t, "get", "hpa", "web", "--namespace="+s.namespace, "--output=json")
	inNamespace := "--namespace=" + s.namespace
	for _, attempt := range []string{
		"delete hpa web " + inNamespace,
		"delete hpa --all " + inNamespace,
		"replace --filename=- " + inNamespace,
		"create --filename=- " + inNamespace,
		"patch hpa web --subresource=status --type=merge --patch={\"status\":{\"desiredReplicas\":9}} " + inNamespace,
		"patch deployment web --type=merge --patch={\"spec\":{\"replicas\":9}} " + inNamespace,
		"scale deployment web --replicas=9 " + inNamespace,
		"get pods " + inNamespace,
		"get secrets --namespace=" + home,
		"create configmap mine " + inNamespace,
		"patch configmap floorkeeper-schedule --type=merge --patch={\"data\":{}} --namespace=" + home,
		"delete lease floorkeeper --namespace=" + home,
		"create token default --namespace=" + home,
	} {
		cmd := s.KubectlCommand(t.Context(), s.Account, strings.Fields(attempt)...)
		cmd.Stdin = strings.NewReader(manifest)
		if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "Forbidden") && !strings.Contains(string(out), "forbidden") {
			t.Errorf("kubectl %s: %v, want it to be forbidden:\n%s", attempt, err, out)
		}
	}
	s.awaitReady(t, "web", 2)
}

// manifestsAreAdmitted: the Pods of the Deployment pass the restricted Pod Security that its namespace enforces.
func manifestsAreAdmitted(t *testing.T, s *scene) {
	installed := *s
	installed.namespace = home
	installed.awaitReady(t, home, 2)
}

// wantAnswer compares the answer of kubectl auth can-i, which fails when it is no.
func (s *scene) wantAnswer(t *testing.T, question, want string) {
	t.Helper()
	args := append([]string{"auth", "can-i"}, strings.Fields(question)...)
	out, err := s.KubectlAs(t.Context(), s.Account, args...)
	if got := strings.TrimSpace(out); got != want {
		t.Errorf("kubectl auth can-i %s: %q (%v), want %s", question, got, err, want)
	}
}

func allowed(namespace string) []string {
	return []string{
		"get horizontalpodautoscalers.autoscaling --namespace=" + namespace,
		"list horizontalpodautoscalers.autoscaling --all-namespaces",
		"watch horizontalpodautoscalers.autoscaling --all-namespaces",
		"patch horizontalpodautoscalers.autoscaling --namespace=" + namespace,
		"create events.events.k8s.io --namespace=" + namespace,
		"create leases.coordination.k8s.io --namespace=" + home,
		"update leases.coordination.k8s.io/floorkeeper --namespace=" + home,
		"get configmaps/floorkeeper-schedule --namespace=" + home,
	}
}

func forbidden(namespace string) []string {
	return []string{
		"patch events.events.k8s.io --namespace=" + namespace,
		"update horizontalpodautoscalers.autoscaling --namespace=" + namespace,
		"create horizontalpodautoscalers.autoscaling --namespace=" + namespace,
		"delete horizontalpodautoscalers.autoscaling --namespace=" + namespace,
		"deletecollection horizontalpodautoscalers.autoscaling --namespace=" + namespace,
		"patch horizontalpodautoscalers.autoscaling --subresource=status --namespace=" + namespace,
		"patch deployments.apps --namespace=" + namespace,
		"patch deployments.apps --subresource=scale --namespace=" + namespace,
		"get deployments.apps --namespace=" + namespace,
		"list pods --namespace=" + namespace,
		"get secrets --namespace=" + home,
		"list configmaps --namespace=" + home,
		"get configmaps/other --namespace=" + home,
		"update configmaps/floorkeeper-schedule --namespace=" + home,
		"create leases.coordination.k8s.io --namespace=" + namespace,
		"delete leases.coordination.k8s.io/floorkeeper --namespace=" + home,
		"update leases.coordination.k8s.io/other --namespace=" + home,
		"get nodes",
		"list namespaces",
		"impersonate users",
		"* *",
	}
}
