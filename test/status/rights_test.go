package status

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
)

// impersonate returns a kubeconfig file with which the administrator acts as another user.
func (s *stage) impersonate(t *testing.T, user string) string {
	t.Helper()
	config, err := clientcmd.LoadFromFile(s.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range config.AuthInfos {
		info.Impersonate = user
	}
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, file); err != nil {
		t.Fatal(err)
	}
	return file
}

// viewerRole returns the ClusterRole of docs/operations.md.
func viewerRole(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1) {
		if strings.Contains(string(block[1]), "name: floorkeeper-status") {
			return string(block[1])
		}
	}
	t.Fatal("docs/operations.md has no ClusterRole floorkeeper-status")
	return ""
}

func bindingOf(kind, name, role, user, namespace string) string {
	return "\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: " + kind + "\nmetadata: {name: " + name + namespace + "}\n" +
		"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: " + role + "}\n" +
		"subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: " + user + "}]\n"
}

// testRights: the documented role is enough for all of it, and with less the rest is shown.
func testRights(t *testing.T) {
	on.apply(t, viewerRole(t)+
		bindingOf("ClusterRoleBinding", "status-viewer", "floorkeeper-status", "viewer", "")+
		bindingOf("RoleBinding", "status-developer", "view", "developer", ", namespace: video"))

	viewer := on.statusAs(t.Context(), on.impersonate(t, "viewer"), "-A")
	if text := viewer.stdout; viewer.code != 0 || strings.Contains(text, "nknown:") || !strings.Contains(text, "in sync") ||
		!strings.Contains(text, "contested, ") || !strings.Contains(text, "Floor guard:  not in force: its policy does not exist") {
		t.Errorf("with the documented role: %+v", viewer)
	}

	developer := on.impersonate(t, "developer")
	some := on.statusAs(t.Context(), developer, "-n", "video")
	t.Logf("\n%s", some.stdout)
	for _, want := range []string{
		`(?m)^Leader: +unknown, Lease floorkeeper/floorkeeper: you may not read it, which needs the rule \{apiGroups: \["coordination.k8s.io"\], resources: \[leases\], verbs: \[get\]\}$`,
		`(?m)^Schedule: +it is unknown which revision the leader runs; ConfigMap floorkeeper/floorkeeper-schedule, where it comes from: you may not read it, which needs the rule \{apiGroups: \[""\], resources: \[configmaps\], verbs: \[get\]\}$`,
		`(?m)^Floor guard: +unknown: you may not read it, which needs the rule \{apiGroups: \["admissionregistration.k8s.io"\], resources: \[mutatingadmissionpolicies\], verbs: \[get\]\}$`,
		`(?m)^video +held +held +8 +2 +8 +gala +.*[\d:]+ \S+ +- +-$`,
		`(?m)^video/contested contested, `,
		`(?m)^The schedule that the leader runs is not known`,
	} {
		if !regexp.MustCompile(want).MatchString(some.stdout) {
			t.Errorf("no line matches %s", want)
		}
	}
	if some.code != 0 {
		t.Errorf("exit code %d: %s", some.code, some.stderr)
	}
	all := on.statusAs(t.Context(), developer, "-A")
	if all.code != 2 || !strings.Contains(all.stderr, "of all namespaces; try --namespace: horizontalpodautoscalers.autoscaling is forbidden") {
		t.Errorf("all namespaces: %+v", all)
	}
	none := on.statusAs(t.Context(), on.impersonate(t, "nobody"), "-n", "video", "--watch")
	if none.code != 2 || none.stdout != "" || !strings.Contains(none.stderr, `is forbidden`) ||
		!strings.Contains(none.stderr, `; ask for the right: the rule {apiGroups: ["autoscaling"], resources: [horizontalpodautoscalers], verbs: [list]} of a Role in namespace video, and a RoleBinding to you there`) {
		t.Errorf("without rights: %+v", none)
	}
	where := on.status(t.Context(), "-n", "video", "--leader-election-namespace=elsewhere")
	if where.code != 0 || !strings.Contains(where.stdout, "unknown, Lease elsewhere/floorkeeper: it does not exist; set --leader-election-namespace") {
		t.Errorf("elsewhere: %+v", where)
	}
	gone := on.copyKubeconfig(t, "gone")
	if out, err := on.KubectlAs(t.Context(), gone, "config", "set", "clusters.controlplane.server", "https://127.0.0.1:1"); err != nil {
		t.Fatal(out, err)
	}
	if away := on.statusAs(t.Context(), gone, "-A"); away.code != 2 || !strings.Contains(away.stderr, "connection refused") {
		t.Errorf("without an API server: %+v", away)
	}
}
