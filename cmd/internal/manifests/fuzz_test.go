package manifests

import (
	"bytes"
	"errors"
	"testing"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// FuzzParse reads anything without a panic. What it reads has a kind and a place inside the file, can be copied, and is
// the same when it is read again; what it refuses has a place inside the file.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		namespaceA + "---\n" + podB, "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod}\n- a: &a [*a]\n",
		`{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod"}, 1e999]}`, "{{ x }}", "%YAML 1.2\n--- |\n ---\n...\n",
		"\xff\xfea\x00", "? a\n: b\n<<: [{a: b}, *x]\n", "[" + "\n- \t", bomb(3), string(fleet(2)),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := bytes.Count(data, []byte("\n")) + 1
		objects, err := Parse("Pod", source.File{Name: "a.yaml", Data: data})
		problems := source.Problems(nil)
		if err != nil && !errors.As(err, &problems) {
			t.Fatal(err)
		}
		for _, p := range problems {
			if p.Line < 1 || p.Line > lines || p.Column < 1 || p.Message == "" || p.Rule == "" {
				t.Errorf("%v, of %d lines", p, lines)
			}
		}
		for _, o := range objects {
			if o.Line < 1 || o.Line > lines || o.GetKind() == "" {
				t.Errorf("%s at line %d of %d", o.GetKind(), o.Line, lines)
			}
			o.DeepCopy()
		}
	})
}
