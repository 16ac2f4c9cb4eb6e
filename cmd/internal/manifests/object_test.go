package manifests

import (
	"testing"

	"github.com/floorkeeper/floorkeeper/config"
)

func TestParseThin(t *testing.T) {
	objects, err := Parse(config.File{Name: "a.yaml", Data: []byte("---\n# x\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: A\n- {apiVersion: v1, kind: B}\n---\n{\"apiVersion\": \"v1\",\n \"kind\": \"List\", \"items\": [\n{\"apiVersion\": \"v1\", \"kind\": \"C\"}]}\n")})
	for _, o := range objects {
		t.Log(o.File, o.Line, o.GetKind())
	}
	if err != nil || len(objects) != 3 {
		t.Fatal(err)
	}
}
