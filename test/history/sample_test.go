package history

import (
	"os"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/controlplane"
)

func TestSample(t *testing.T) {
	dir := "/tmp/history-sample"
	os.RemoveAll(dir)
	os.MkdirAll(dir, 0o755)
	flags, _, err := Record(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := controlplane.Start(t.Context(), controlplane.Options{LogDir: dir, ExtraArgs: map[controlplane.Component][]string{controlplane.APIServer: flags}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	k := func(stdin, args string) {
		cmd := c.KubectlCommand(t.Context(), c.Kubeconfig(), strings.Fields(args)...)
		cmd.Stdin = strings.NewReader(stdin)
		out, err := cmd.CombinedOutput()
		t.Logf("%s: %v %s", args, err, out)
	}
	m := `{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web","namespace":"default"},"spec":{"minReplicas":2,"maxReplicas":20,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}}}`
	y := "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\n  namespace: default\nspec:\n  minReplicas: 3\n  maxReplicas: 20\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n"
	k(m, "apply -f -")
	k(y, "apply -f -")
	k("", `patch hpa web --type=merge -p {"spec":{"minReplicas":10},"metadata":{"annotations":{"floorkeeper.dev/floor":"10","floorkeeper.dev/baseline":"3"}}} --field-manager=floorkeeper`)
	k(y, "apply --server-side --force-conflicts -f -")
	k(y, "apply --server-side --force-conflicts -f - --dry-run=server")
	k(y, "replace -f -")
	k(y, "replace -f -")
	k("", `patch hpa web --type=json -p [{"op":"replace","path":"/spec/minReplicas","value":5}]`)
	k("", `patch hpa web --type=merge -p {"spec":{"minReplicas":null}}`)
	k("", `patch hpa web --type=merge -p {"spec":{"minReplicas":99}}`)
	k(strings.Replace(y, "autoscaling/v2", "autoscaling/v1", 1), "replace -f -")
	k("", `patch hpa.v1.autoscaling web --type=merge -p {"spec":{"minReplicas":7}}`)
	k("", "delete hpa web")
	k(m, "create -f -")
	k("", "delete hpa --all")
	k(m, "create -f -")
	k("", "delete --raw /apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers")
	k(strings.Replace(m, `"name"`, `"finalizers":["a.b/c"],"name"`, 1), "create -f -")
	k("", "delete hpa web --wait=false")
	k("", `patch hpa web --type=merge -p {"metadata":{"finalizers":null}}`)
	k(m, "create -f -")
	k("", "delete hpa web --cascade=foreground")
}
