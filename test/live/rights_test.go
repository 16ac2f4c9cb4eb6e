package live

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// users may list the HPAs of namespace rights, with or without its workloads; and HPAs everywhere.
const users = `---
{apiVersion: v1, kind: Namespace, metadata: {name: rights}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: narrow, namespace: rights}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: wide, namespace: rights}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: nobody, namespace: rights}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: narrow, namespace: rights}
rules:
- {apiGroups: [autoscaling], resources: [horizontalpodautoscalers], verbs: [list]}
- {apiGroups: [apps], resources: [deployments], verbs: [list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: narrow, namespace: rights}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: narrow}
subjects: [{kind: ServiceAccount, name: narrow, namespace: rights}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: wide}
rules:
- {apiGroups: [autoscaling], resources: [horizontalpodautoscalers], verbs: [list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: wide}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: wide}
subjects: [{kind: ServiceAccount, name: wide, namespace: rights}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: rights}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: a, image: a, resources: {requests: {cpu: 250m, memory: 64Mi}}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: rights}
spec: {maxReplicas: 10, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
`

// TestRights reads what a user may list. It reports what is missing, and what to do where that is everything.
func TestRights(t *testing.T) {
	apply(t, users)
	for name, test := range map[string]struct {
		user  string
		flags []string
		hpa   string
		said  []string // of the error and the notes
	}{
		"a namespace": {
			"narrow",
			[]string{"--namespace=rights"},
			"rights/web 1-10 zero=false behavior=false labels=map[] pod=true 250m 64Mi",
			[]string{"note: whether ResourceQuotas hold it is not known, because those of namespace rights cannot be listed: resourcequotas is forbidden: User \"system:serviceaccount:rights:narrow\" cannot list"},
		},
		"all namespaces, with rights in one": {
			"narrow", nil, "",
			[]string{"error: cannot list the HorizontalPodAutoscalers of all namespaces: horizontalpodautoscalers.autoscaling is forbidden:", "give --namespace NAMESPACE, one that you may see"},
		},
		"HPAs alone": {
			"wide",
			[]string{"-A"},
			"rights/web 1-10 zero=false behavior=false labels=map[] pod=false 0 0",
			[]string{"note: what their Pods request is not known, because the Deployments of all namespaces cannot be listed:", "note: whether ResourceQuotas hold it is not known"},
		},
		"nothing": {
			"nobody",
			[]string{"-n", "rights"},
			"",
			[]string{"error: cannot list the HorizontalPodAutoscalers of namespace rights: ", "ask for the right: the rule {apiGroups: [\"autoscaling\"], resources: [horizontalpodautoscalers], verbs: [list]} of a Role in namespace rights, and a RoleBinding to you there; or give their manifests with --hpas"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			kubeconfig, err := cluster.ServiceAccountKubeconfig(t.Context(), "rights", test.user)
			if err != nil {
				t.Fatal(err)
			}
			lines, stderr := inputs(t, kubeconfig, nil, append([]string{"--live"}, test.flags...)...)
			var found []string
			for _, hpa := range of(lines, "hpa") {
				if strings.HasPrefix(hpa, "rights/") {
					found = append(found, hpa)
				}
			}
			if strings.Join(found, "\n") != test.hpa {
				t.Errorf("%q, want %s", found, test.hpa)
			}
			const unlimited = "shown without the limits of floors, which are not known: I do not know where floorkeeper is installed (you may not read Deployments, "
			if read := test.hpa != ""; strings.HasPrefix(stderr, unlimited) != read || strings.Count(stderr, "\n") > 1 || !read && stderr != "" {
				t.Errorf("on standard error: %q", stderr)
			}
			for _, want := range test.said {
				if !strings.Contains(strings.Join(lines, "\n"), want) {
					t.Errorf("%s\nwant %s", strings.Join(lines, "\n"), want)
				}
			}
		})
	}
}

// TestManyPages reads a namespace of more HPAs than a page holds, live and as kubectl prints them.
func TestManyPages(t *testing.T) {
	const many = 1100
	apply(t, "{apiVersion: v1, kind: Namespace, metadata: {name: many}}")
	failed := make(chan error, many)
	for i := range many {
		go func() {
			hpa := &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("web-%04d", i)}}
			hpa.Spec.MaxReplicas = int32(1 + i)
			hpa.Spec.ScaleTargetRef = autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"}
			_, err := cluster.Client().AutoscalingV2().HorizontalPodAutoscalers("many").Create(t.Context(), hpa, metav1.CreateOptions{})
			failed <- err
		}()
	}
	for range many {
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	live, _ := inputs(t, cluster.Kubeconfig(), nil, "--live", "--namespace=many")
	t.Logf("live: %s", time.Since(start).Round(time.Millisecond))
	var want []string
	for i := range many {
		want = append(want, fmt.Sprintf("many/web-%04d 1-%d zero=false behavior=false labels=map[] pod=false 0 0", i, 1+i))
	}
	if diff := cmp.Diff(want, of(live, "hpa")); diff != "" {
		t.Errorf("live: %s", diff)
	}
	out := kubectl(t, cluster.Kubeconfig(), "get", "hpa", "--namespace=many", "-o=yaml")
	start = time.Now()
	got, _ := inputs(t, cluster.Kubeconfig(), strings.NewReader(out), "--hpas=-")
	t.Logf("manifests of %d bytes: %s", len(out), time.Since(start).Round(time.Millisecond))
	if diff := cmp.Diff(want, of(got, "hpa")); diff != "" {
		t.Errorf("manifests: %s", diff)
	}
}
