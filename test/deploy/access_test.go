package deploy

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// question is one as for kubectl auth can-i, in floorkeeper's own namespace, in one that is granted by both folders, or in
// one that only the ClusterRole reaches.
type question struct {
	verb, resource, subresource string
	own, granted, other         bool // the answers with the ClusterRole
}

// questions are the rights that matter most, one by one; testRights adds that there are no others.
func questions() []question {
	const hpas, leases, ourMap = "horizontalpodautoscalers.autoscaling", "leases.coordination.k8s.io", "configmaps/floorkeeper-schedule"
	return []question{
		{"get", hpas, "", true, true, true},
		{"list", hpas, "", true, true, true},
		{"watch", hpas, "", true, true, true},
		{"patch", hpas, "", true, true, true},
		{"create", "events.events.k8s.io", "", true, true, true},
		{"create", leases, "", true, false, false},
		{"get", leases + "/floorkeeper", "", true, false, false},
		{"update", leases + "/floorkeeper", "", true, false, false},
		{"get", ourMap, "", true, false, false},

		{"create", hpas, "", false, false, false},
		{"update", hpas, "", false, false, false},
		{"delete", hpas, "", false, false, false},
		{"deletecollection", hpas, "", false, false, false},
		{"get", hpas, "status", false, false, false},
		{"patch", hpas, "status", false, false, false},
		{"update", hpas, "status", false, false, false},
		{"list", "events.events.k8s.io", "", false, false, false},
		{"patch", "events.events.k8s.io", "", false, false, false},
		{"delete", "events.events.k8s.io", "", false, false, false},
		{"get", leases + "/another", "", false, false, false},
		{"update", leases + "/another", "", false, false, false},
		{"list", leases, "", false, false, false},
		{"delete", leases + "/floorkeeper", "", false, false, false},
		{"get", "configmaps/another", "", false, false, false},
		{"list", "configmaps", "", false, false, false},
		{"watch", ourMap, "", false, false, false},
		{"update", ourMap, "", false, false, false},
		{"patch", ourMap, "", false, false, false},
		{"get", "secrets", "", false, false, false},
		{"list", "secrets", "", false, false, false},
		{"get", "pods", "", false, false, false},
		{"create", "pods", "", false, false, false},
		{"create", "pods", "exec", false, false, false},
		{"get", "deployments.apps", "", false, false, false},
		{"patch", "deployments.apps", "", false, false, false},
		{"patch", "deployments.apps", "scale", false, false, false},
		{"create", "serviceaccounts", "token", false, false, false},
		{"impersonate", "serviceaccounts", "", false, false, false},
		{"create", "rolebindings.rbac.authorization.k8s.io", "", false, false, false},
		{"bind", "roles.rbac.authorization.k8s.io", "", false, false, false},
		{"escalate", "roles.rbac.authorization.k8s.io", "", false, false, false},
		{"escalate", "clusterroles.rbac.authorization.k8s.io", "", false, false, false},
		{"get", "namespaces", "", false, false, false},
		{"list", "nodes", "", false, false, false},
		{"*", "*", "", false, false, false},
	}
}

// testCanI asks the API server what kubectl auth can-i asks it.
func testCanI(t *testing.T, v variant) {
	client := kubernetes.NewForConfigOrDie(impersonating(v.namespace, "floorkeeper"))
	for _, q := range questions() {
		if v.granted != nil {
			q.other = false
			q.own = q.own && !strings.HasPrefix(q.resource, "horizontalpodautoscalers") // its own is not a chosen one
		}
		for namespace, want := range map[string]bool{v.namespace: q.own, "default": q.granted, "stranger": q.other} {
			review, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(t.Context(), q.review(namespace), metav1.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got := review.Status.Allowed; got != want {
				t.Errorf("%s %s, subresource %q, in namespace %s: %t, want %t", q.verb, q.resource, q.subresource, namespace, got, want)
			}
		}
	}
}

// review reads the resource as kubectl does: RESOURCE.GROUP/NAME.
func (q question) review(namespace string) *authorizationv1.SelfSubjectAccessReview {
	kind, name, _ := strings.Cut(q.resource, "/")
	resource, group, _ := strings.Cut(kind, ".")
	if resource == "*" {
		group = "*"
	}
	return &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: q.verb, Group: group, Resource: resource, Subresource: q.subresource, Name: name, Namespace: namespace,
		},
	}}
}

// impersonating returns the configuration of the administrator in the shoes of a ServiceAccount.
func impersonating(namespace, account string) *rest.Config {
	config := cluster.Config()
	config.Impersonate = rest.ImpersonationConfig{UserName: user(namespace, account)}
	return config
}

func user(namespace, account string) string {
	return "system:serviceaccount:" + namespace + ":" + account
}

// testRights compares all that floorkeeper may do with what it must.
func testRights(t *testing.T, v variant) {
	floors := []string{
		"create events.events.k8s.io",
		"get horizontalpodautoscalers.autoscaling", "list horizontalpodautoscalers.autoscaling",
		"patch horizontalpodautoscalers.autoscaling",
		"watch horizontalpodautoscalers.autoscaling",
	}
	if v.raising {
		floors = merged(floors, []string{
			"get deployments/scale.apps", "get statefulsets/scale.apps", "patch deployments/scale.apps", "patch statefulsets/scale.apps",
		})
	}
	own := []string{
		"create events.events.k8s.io", "create leases.coordination.k8s.io",
		"get configmaps/floorkeeper-schedule", "get leases.coordination.k8s.io/floorkeeper",
		"update leases.coordination.k8s.io/floorkeeper",
	}
	want := map[string][]string{v.namespace: own, "stranger": nil, "kube-system": nil}
	for _, namespace := range v.granted {
		want[namespace] = floors
	}
	if v.granted == nil {
		want = map[string][]string{v.namespace: merged(own, floors), "default": floors, "stranger": floors, "kube-system": floors}
	}
	for namespace, want := range want {
		if v.guarded || v.granted == nil {
			want = merged(want, policyRights())
		}
		if v.secured {
			want = merged(want, []string{"create subjectaccessreviews.authorization.k8s.io", "create tokenreviews.authentication.k8s.io"})
		}
		if diff := cmp.Diff(want, rights(t, v.namespace, namespace)); diff != "" {
			t.Errorf("rights in namespace %s (-want +got):\n%s", namespace, diff)
		}
	}
}

// policyRights lets floorkeeper see whether the floor guard is in force.
func policyRights() []string {
	const get, watch, group = "get ", "watch ", ".admissionregistration.k8s.io/floorkeeper-floor-"
	return []string{
		watch + "mutatingadmissionpolicies" + group + "guard", watch + "mutatingadmissionpolicybindings" + group + "guard",
		get + "mutatingadmissionpolicies" + group + "guard", get + "mutatingadmissionpolicybindings" + group + "guard",
		get + "mutatingadmissionpolicies" + group + "hand-back", get + "mutatingadmissionpolicybindings" + group + "hand-back",
		get + "validatingadmissionpolicies" + group + "notice", get + "validatingadmissionpolicybindings" + group + "notice",
		get + "validatingadmissionpolicies" + group + "scope", get + "validatingadmissionpolicybindings" + group + "scope",
		get + "validatingadmissionpolicies" + group + "scope-targets", get + "validatingadmissionpolicybindings" + group + "scope-targets",
	}
}

func merged(a, b []string) []string {
	both := slices.Concat(a, b)
	slices.Sort(both)
	return slices.Compact(both)
}

// rights lists what the ServiceAccount of an installation may do in a namespace, but for what every ServiceAccount may.
func rights(t *testing.T, home, namespace string) []string {
	t.Helper()
	everyone := allRights(t, impersonating(home, "default"), namespace)
	ours := slices.DeleteFunc(allRights(t, impersonating(home, "floorkeeper"), namespace), func(right string) bool {
		return slices.Contains(everyone, right)
	})
	slices.Sort(ours)
	if len(ours) == 0 {
		return nil
	}
	return slices.Compact(ours)
}

func allRights(t *testing.T, as *rest.Config, namespace string) []string {
	t.Helper()
	client, err := kubernetes.NewForConfig(as)
	if err != nil {
		t.Fatal(err)
	}
	review := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: namespace}}
	reviews := client.AuthorizationV1().SelfSubjectRulesReviews()
	if review, err = reviews.Create(t.Context(), review, metav1.CreateOptions{}); err != nil {
		t.Fatalf("cannot review the rules of %s: %v", as.Impersonate.UserName, err)
	}
	if review.Status.Incomplete {
		t.Fatalf("the review of the rules of %s is incomplete: %s", as.Impersonate.UserName, review.Status.EvaluationError)
	}
	var all []string
	for _, rule := range review.Status.ResourceRules {
		all = append(all, spellOut(rule)...)
	}
	for _, rule := range review.Status.NonResourceRules {
		for _, url := range rule.NonResourceURLs {
			all = append(all, strings.Join(rule.Verbs, "+")+" "+url)
		}
	}
	return all
}

// spellOut gives one line for each verb, group, resource and name of a rule.
func spellOut(rule authorizationv1.ResourceRule) []string {
	var lines []string
	for _, verb := range rule.Verbs {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				line := strings.TrimSuffix(verb+" "+resource+"."+group, ".")
				if len(rule.ResourceNames) == 0 {
					lines = append(lines, line)
				}
				for _, name := range rule.ResourceNames {
					lines = append(lines, line+"/"+name)
				}
			}
		}
	}
	return lines
}
