package policies

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// TestPolicies installs deploy/kustomize with the guard once, because policies take seconds to become active.
func TestPolicies(t *testing.T) {
	in := install(t, overlay(t, kit.Guarded), "floorkeeper", "floorkeeper")
	t.Run("expressions, scope", func(t *testing.T) { checkTypes(t, "floorkeeper-floor-scope") })
	t.Run("expressions, notice", func(t *testing.T) { guarded(t); checkTypes(t, "floorkeeper-floor-notice") })
	t.Run("scope, transitions", func(t *testing.T) { testTransitions(t, in) })
	t.Run("scope, states", func(t *testing.T) { testStates(t, in) })
	t.Run("scope, fields", func(t *testing.T) { testFields(t, in) })
	t.Run("scope, requests", func(t *testing.T) { testRequests(t, in) })
	t.Run("scope, hand-back", func(t *testing.T) { testHandBack(t, in) })
	t.Run("hand-back", func(t *testing.T) { guarded(t); testSameWrite(t, in) })
	t.Run("scope, others", func(t *testing.T) { testOthers(t, in) })
	t.Run("guard and notice", func(t *testing.T) { guarded(t); testGuard(t, in) })
	t.Run("guard, other marks", func(t *testing.T) { guarded(t); testOtherMarks(t, in) })
	t.Run("uninstalled", func(t *testing.T) { guarded(t); testGone(t, in) })
}

// TestOverlays installs floorkeeper elsewhere: each policy must follow, and work there. That it does is what install
// waits for.
func TestOverlays(t *testing.T) {
	for name, c := range map[string]struct{ overlay, namespace, account string }{
		"another namespace": {"resources: [../kustomize]\nnamespace: ops\ncomponents: [../kustomize/policies/floor-guard]\n", "ops", "floorkeeper"},
		"another namespace first, then names and the guard": {
			"resources: [../moved]\nnamePrefix: my-\ncomponents: [../kustomize/policies/floor-guard]\n", "ops", "my-floorkeeper",
		},
		"the guard first, then another namespace and names": {
			"resources: [../guarded]\nnamespace: ops\nnamePrefix: my-\n", "ops", "my-floorkeeper",
		},
		"chosen namespaces": {"resources: [../kustomize-namespaced]\ncomponents: [../kustomize/policies/floor-guard]\n", "floorkeeper", "floorkeeper"},
	} {
		t.Run(name, func(t *testing.T) {
			in := install(t, overlay(t, c.overlay), c.namespace, c.account)
			testHandBack(t, in)
			testLeaseFlow(t, in)
			testSchedule(t, in)
			t.Run("readable", func(t *testing.T) { guarded(t); testReadable(t, in) })
		})
	}
}

// testSchedule: the Deployment names the ConfigMap by the name that it has.
func testSchedule(t *testing.T, in *installation) {
	name := strings.TrimSuffix(in.account, "floorkeeper") + "floorkeeper-schedule"
	mustKubectl(t, "", "get", "configmap", name, "--namespace="+in.namespace)
	args := mustKubectl(t, "", "get", "deployment", in.account, "--namespace="+in.namespace, "--output=jsonpath={.spec.template.spec.containers[0].args}")
	if want := `"--schedule-configmap=$(POD_NAMESPACE)/` + name + `"`; !strings.Contains(args, want) {
		t.Errorf("without %s: %s", want, args)
	}
}

// testReadable: floorkeeper may get the policies and their bindings under the names that they have, and no others.
func testReadable(t *testing.T, in *installation) {
	prefix := strings.TrimSuffix(in.account, "floorkeeper")
	for _, right := range []string{
		"mutatingadmissionpolicies/%sfloorkeeper-floor-guard", "mutatingadmissionpolicybindings/%sfloorkeeper-floor-guard",
		"mutatingadmissionpolicies/%sfloorkeeper-floor-hand-back", "mutatingadmissionpolicybindings/%sfloorkeeper-floor-hand-back",
		"validatingadmissionpolicies/%sfloorkeeper-floor-notice", "validatingadmissionpolicybindings/%sfloorkeeper-floor-notice",
		"validatingadmissionpolicies/%sfloorkeeper-floor-scope", "validatingadmissionpolicybindings/%sfloorkeeper-floor-scope",
	} {
		mustKubectl(t, "", "get", fmt.Sprintf(right, prefix))
		role := mustKubectl(t, "", "get", "clusterrole", prefix+"floorkeeper-policies", "--output=yaml")
		if _, name, _ := strings.Cut(fmt.Sprintf(right, prefix), "/"); !strings.Contains(role, "- "+name+"\n") {
			t.Errorf("the ClusterRole does not name %s:\n%s", name, role)
		}
	}
}

// checkTypes reads what the API server's own type checker reports about a policy.
func checkTypes(t *testing.T, name string) {
	t.Helper()
	await.Success(t, "the type check of "+name, func(context.Context) error {
		status := mustKubectl(t, "", "get", "validatingadmissionpolicy", name, "--output=jsonpath={.status}")
		if status != `{"observedGeneration":1,"typeChecking":{}}` {
			return fmt.Errorf("its status is %s", status)
		}
		return nil
	})
}

// testOthers: the scope concerns nobody else, not even an account of the same name elsewhere.
func testOthers(t *testing.T, in *installation) {
	in.create(t, free("others", 2))
	patch := `{"metadata":{"labels":{"team":"video"}},"spec":{"minReplicas":3,"maxReplicas":21}}`
	for _, user := range []string{
		"admin", "system:serviceaccount:floorkeeper:default", "system:serviceaccount:default:floorkeeper",
		"system:serviceaccount:floorkeeper:floorkeeper-2",
	} {
		mustKubectl(t, "", "patch", "hpa", "others", "--namespace="+shop, "--type=merge", "--patch="+patch, "--dry-run=server",
			"--as="+user, "--as-group=system:masters")
	}
}

// testGone deletes the ServiceAccount, as somebody does who deletes the namespace alone. Floors are then protected until
// they would have ended, and for ten minutes more, and not for ever.
func testGone(t *testing.T, in *installation) {
	mustKubectl(t, "", "delete", "serviceaccount", in.account, "--namespace="+in.namespace)
	now := time.Now()
	for name, c := range map[string]struct {
		until time.Time
		want  int32
	}{
		"ends":       {now.Add(time.Minute), 10},
		"has-ended":  {now.Add(-9 * time.Minute), 10},
		"ended-long": {now.Add(-11 * time.Minute), 3},
	} {
		hpa := held("gone-" + name)
		hpa.Annotations["floorkeeper.dev/until"] = c.until.Format(time.RFC3339Nano)
		in.create(t, hpa)
		in.warnings.texts = nil
		after, err := in.hpas().Patch(t.Context(), hpa.Name, types.MergePatchType, []byte(`{"spec":{"minReplicas":3}}`), metav1.PatchOptions{})
		if err != nil || *after.Spec.MinReplicas != c.want || (len(in.warnings.texts) > 0) != (c.want == 10) {
			state, _ := json.Marshal(after)
			t.Errorf("%s: want minReplicas %d, got %v, %q, %s", name, c.want, err, in.warnings.texts, state)
		}
	}
}
