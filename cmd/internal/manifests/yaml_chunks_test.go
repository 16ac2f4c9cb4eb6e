package manifests

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lists are Lists, and what looks like one.
func lists() []string {
	const head = "apiVersion: v1\nkind: List\n"
	return []string{
		string(fleet(3)),
		head + "items:\n- a: 1\n- b: 2\n",
		head + "items:\n- a: 1\n\n# c\n  # d\n-\n  b: 2\n- c\nx: y\n",
		head + "items:\n  - a: 1\n  - b:\n    - c\n    -\n  - d\nx: y\n",
		head + "items: # c\n- a: 1\n",
		head + "items:\n- a: |\n    - b\n\n  c: >2\n     - d\n- e: f\n  g\n",
		head + "items:\n- a: \"b\n- c\"\n- d: 'e\n\n  f'\n- g\n",
		head + "items:\n- a: \"b\nx: y\"\n- d\n",
		head + "items:\n- a: [b,\n- c]\n",
		head + "items:\n- a: [b,\n  - c]\n",
		head + "items:\n- &a {b: c}\n- *a\n",
		head + "items:\n- a: &a b\n  c: *a\n- &a d\n- e: *a\n",
		"x: &a b\nitems:\n- *a\n- c\n", "x: &a b\nitems:\n- &a c\ny: *a\n",
		head + "items:\n- a\nitems:\n- b\n",
		head + "items: [a]\nitems:\n- b\n",
		"x: \"y\nitems:\n- a\nz\"\n", "x: [y,\nitems:\n- a\n]\n", "{x: y,\nitems:\n- a\n}\n", "x: |\n  y\nitems:\n- a\n", "x: y\n  z\nitems:\n- a\n",
		head + "items:\n-\ta\n- b\n", head + "items:\n  - a\n - b\n", head + "items:\n- a\n b\n", head + "items:\n- a\n\t- b\n", head + "items:\nx: y\n",
		head + "items:\n- - a\n  - b\n- - c\n", head + "items:\n-a: b\n", head + "items:\r\n- a: 1\r\n- b: 2\r\n", "items:\n- a\n", "- items:\n- a\n",
		head + "items:\n- a: floorkeeper-reads-the-items-apart\n", "--- # c\nitems:\n- a\n- ? b\n  : c\n", head + "items:\n- !!map {a: b}\n- a: b\n  <<: {c: d}\n",
	}
}

// sameInChunks compares what is read item by item, if it can be read so, with what is read at once.
func sameInChunks(t *testing.T, data []byte) (chunked bool) {
	t.Helper()
	for _, d := range documents(data) {
		got, ok := fromChunks(d, 1)
		if !ok {
			continue
		}
		chunked = true
		want, err := fromWhole(d)
		if err != nil || len(want) != 1 {
			t.Errorf("it cannot be read at once: %v\n%q", err, d.text)
			continue
		}
		if diff := cmp.Diff(want[0], got, cmp.AllowUnexported(value{})); diff != "" {
			t.Errorf("%q (-at once +item by item):\n%s", d.text, diff)
		}
	}
	return chunked
}

func TestChunks(t *testing.T) {
	t.Parallel()
	chunked := 0
	for _, text := range lists() {
		if sameInChunks(t, []byte(text)) {
			chunked++
		}
	}
	if chunked < 10 {
		t.Errorf("%d Lists were read item by item", chunked)
	}
	d := documents(fleet(500))[0]
	got, ok := fromChunks(d, chunkSize)
	want, err := fromWhole(d)
	if err != nil || !ok || !cmp.Equal(want[0], got, cmp.AllowUnexported(value{})) {
		t.Errorf("a List of kubectl is not read in pieces: %t, %v", ok, err)
	}
}
