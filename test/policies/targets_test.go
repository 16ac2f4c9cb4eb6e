package policies

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

const targetScope = "floorkeeper-floor-scope-targets"

// target is a Deployment and a StatefulSet with this number of replicas. No Pod of them has to run.
func target(name string, replicas int) string {
	var text strings.Builder
	for _, kind := range []string{"Deployment", "StatefulSet"} {
		fmt.Fprintf(&text, `---
apiVersion: apps/v1
kind: %s
metadata: {name: %s, namespace: %s}
spec:
  replicas: %d
  selector: {matchLabels: {app: %[2]s}}
  template:
    metadata: {labels: {app: %[2]s}}
    spec: {containers: [{name: fake, image: fake}]}
`, kind, name, shop, replicas)
	}
	return text.String()
}

// scaling is the JSON patch that floorkeeper sends to a scale.
func scaling(from, to int) []byte {
	return fmt.Appendf(nil, `[{"op":"test","path":"/spec/replicas","value":%d},{"op":"replace","path":"/spec/replicas","value":%d}]`, from, to)
}

// TestTargets installs the component raise-targets: floorkeeper may raise the scale of a target, and do nothing else to it,
// whatever RBAC allows; and nobody else meets the policy.
func TestTargets(t *testing.T) {
	in := install(t, overlay(t, kit.Raising), "floorkeeper", "floorkeeper")
	manifest := target("web", 2) + target("idle", 0)
	mustKubectl(t, manifest, "apply", "--filename=-")
	t.Cleanup(func() {
		if s := kubectl(context.Background(), manifest, "delete", "--filename=-", "--ignore-not-found"); s.err != nil {
			t.Errorf("cannot delete the targets: %v: %s", s.err, s.stderr)
		}
	})
	await.Success(t, "the scope of targets", func(ctx context.Context) error {
		if err := in.scales(ctx, "deployments", "web", "scale", types.MergePatchType, []byte(`{"spec":{"replicas":1}}`)); !refusedByTargets(err) {
			return fmt.Errorf("lowering a scale is answered with %w", err)
		}
		return nil
	})
	t.Run("expressions", func(t *testing.T) { checkTypes(t, targetScope) })
	for _, resource := range []string{"deployments", "statefulsets"} {
		t.Run(resource, func(t *testing.T) { testScales(t, in, resource) })
		t.Run(resource+", others", func(t *testing.T) { testOthersScale(t, resource) })
	}
}

// scales has floorkeeper patch a target or its subresource.
func (in *installation) scales(ctx context.Context, resource, name, subresource string, kind types.PatchType, patch []byte) error {
	request := in.keeper.AppsV1().RESTClient().Patch(kind).Namespace(shop).Resource(resource).Name(name).Param("fieldManager", "floorkeeper")
	if kind == types.ApplyPatchType {
		request = request.Param("force", "true")
	}
	if subresource != "" {
		request = request.SubResource(subresource)
	}
	return request.Body(patch).Do(ctx).Error()
}

func refusedByTargets(err error) bool {
	return err != nil && strings.Contains(err.Error(), targetScope)
}

func testScales(t *testing.T, in *installation, resource string) {
	for _, step := range [][2]int{{2, 5}, {5, 9}, {9, 9}, {9, 400}} {
		if err := in.scales(t.Context(), resource, "web", "scale", types.JSONPatchType, scaling(step[0], step[1])); err != nil {
			t.Errorf("from %d to %d: %v", step[0], step[1], err)
		}
	}
	merge, apply := types.MergePatchType, types.ApplyPatchType
	kind := map[string]string{"deployments": "Deployment", "statefulsets": "StatefulSet"}[resource]
	for name, c := range map[string]struct {
		target, subresource string
		kind                types.PatchType
		patch               string
	}{
		"lowered":                      {"web", "scale", types.JSONPatchType, string(scaling(400, 399))},
		"lowered to zero":              {"web", "scale", merge, `{"spec":{"replicas":0}}`},
		"taken off":                    {"web", "scale", merge, `{"spec":{"replicas":null}}`},
		"woken":                        {"idle", "scale", merge, `{"spec":{"replicas":3}}`},
		"raised without its scale":     {"web", "", merge, `{"spec":{"replicas":500}}`},
		"another field":                {"web", "", merge, `{"spec":{"template":{"metadata":{"labels":{"x":"y"}}}}}`},
		"its labels":                   {"web", "", merge, `{"metadata":{"labels":{"x":"y"}}}`},
		"its status":                   {"web", "status", merge, `{"status":{"observedGeneration":0}}`},
		"created":                      {"new", "", apply, strings.Split(target("new", 1), "---")[map[string]int{"deployments": 1, "statefulsets": 2}[resource]]},
		"lowered by server-side apply": {"web", "scale", apply, `{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"web"},"spec":{"replicas":1}}`},
		"raised by server-side apply":  {"web", "", apply, `{"apiVersion":"apps/v1","kind":"` + kind + `","metadata":{"name":"web"},"spec":{"replicas":500}}`},
	} {
		t.Run(name, func(t *testing.T) {
			if err := in.scales(t.Context(), resource, c.target, c.subresource, c.kind, []byte(c.patch)); !refusedByTargets(err) {
				t.Errorf("want the refusal of the scope of targets, got %v", err)
			}
		})
	}
	client := in.keeper.AppsV1().RESTClient()
	if err := client.Delete().Namespace(shop).Resource(resource).Name("web").Do(t.Context()).Error(); !refusedByTargets(err) {
		t.Errorf("deleted: want the refusal of the scope of targets, got %v", err)
	}
	if err := client.Delete().Namespace(shop).Resource(resource).Param("fieldSelector", "metadata.name=web").Do(t.Context()).Error(); !refusedByTargets(err) {
		t.Errorf("all deleted: want the refusal of the scope of targets, got %v", err)
	}
}

// testOthersScale: the policy concerns nobody else, not even an account of the same name elsewhere.
func testOthersScale(t *testing.T, resource string) {
	for _, user := range []string{"admin", "system:serviceaccount:floorkeeper:default", "system:serviceaccount:default:floorkeeper"} {
		for _, replicas := range []string{"7", "0", "3"} {
			mustKubectl(t, "", "scale", resource, "web", "--replicas="+replicas, "--namespace="+shop, "--as="+user, "--as-group=system:masters")
		}
		mustKubectl(t, "", "label", resource, "web", "team="+strings.ReplaceAll(user, ":", "-"), "--overwrite", "--namespace="+shop,
			"--as="+user, "--as-group=system:masters")
	}
}
