package manifests

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/config/source"
)

const namespaceA, podB = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n", "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\n"

func TestParse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want string // line and kind and name of each object
	}{
		"nothing":                              {"", ""},
		"white space and comments":             {"\n# nothing\n---\n\n--- # nothing either\n...\n", ""},
		"one document":                         {namespaceA, "1 Namespace a"},
		"two documents":                        {namespaceA + "---\n" + podB, "1 Namespace a, 6 Pod b"},
		"as helm template prints it":           {"---\n# Source: chart/templates/a.yaml\n" + namespaceA + "---\n# Source: chart/templates/empty.yaml\n---\n# Source: chart/b.yaml\n" + podB, "3 Namespace a, 11 Pod b"},
		"a byte order mark":                    {"\ufeff" + namespaceA, "1 Namespace a"},
		"carriage returns":                     {strings.ReplaceAll(namespaceA+"---\n"+podB, "\n", "\r\n"), "1 Namespace a, 6 Pod b"},
		"a document marker with content":       {"--- {apiVersion: v1, kind: Pod, metadata: {name: b}}\n---   \n" + namespaceA, "1 Pod b, 3 Namespace a"},
		"a marker with JSON":                   {"--- {\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"b\"}}\n", "1 Pod b"},
		"a document end":                       {namespaceA + "...\n" + podB + "...\n", "1 Namespace a, 6 Pod b"},
		"directives":                           {"%YAML 1.2\n---\n" + namespaceA + "...\n%YAML 1.1\n--- # b\n" + podB, "3 Namespace a, 10 Pod b"},
		"three hyphens inside text":            {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: |\n    ---\n    ----\n----x: y\n" + "---\n" + podB, "1 ConfigMap c, 10 Pod b"},
		"a literal block with what looks like": {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: |\n    - apiVersion: v1\n      kind: Pod\n", "1 ConfigMap c"},
		"a List": {
			"apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: b\n- metadata: {name: c}\n  kind: Pod\n  apiVersion: v1\nkind: List\nmetadata:\n  resourceVersion: \"\"\n",
			"3 Pod b, 7 Pod c",
		},
		"a List with indentation":            {"kind: List\napiVersion: v1\nitems:\n  # first\n  - apiVersion: v1\n    kind: Pod\n    metadata:\n      name: b\n\n  -\n    metadata: {name: c}\n    kind: Pod\n    apiVersion: v1\n", "5 Pod b, 11 Pod c"},
		"a List in flow style":               {"{apiVersion: v1, kind: List, items: [\n{apiVersion: v1, kind: Pod, metadata: {name: b}},\n{apiVersion: v1, kind: Pod, metadata: {name: c}}]}\n", "2 Pod b, 3 Pod c"},
		"an empty List":                      {"apiVersion: v1\nkind: List\nitems: []\n---\napiVersion: v1\nkind: List\nitems:\n---\n" + podB, "9 Pod b"},
		"a typed list whose items have none": {"apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscalerList\nitems:\n- metadata: {name: b}\n- metadata: {name: c}\n", "4 HorizontalPodAutoscaler b, 5 HorizontalPodAutoscaler c"},
		"a List in a List":                   {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Pod, metadata: {name: b}}\n", "4 Pod b"},
		"a kind that ends with List":         {"apiVersion: x/v1\nkind: AllowList\nmetadata: {name: a}\nspec: {items: []}\n", "1 AllowList a"},
		"JSON":                               {"{\n \"apiVersion\": \"v1\",\n \"kind\": \"Pod\", \"metadata\": {\"name\": \"b\"}\n}\n", "1 Pod b"},
		"JSON objects one after the other":   {"{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"b\"}}\n\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"c\"}}", "1 Pod b, 3 Pod c"},
		"a JSON List": {
			"{\n  \"apiVersion\": \"v1\",\n  \"items\": [\n    {\n      \"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"b\"}\n    },\n    {\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"c\"}}\n  ],\n  \"kind\": \"List\"\n}\n",
			"4 Pod b, 7 Pod c",
		},
		"a raw JSON list":   {`{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"b"}}]}`, "1 Pod b"},
		"anchors and merge": {"apiVersion: v1\nkind: Pod\nmetadata: &m {name: b}\nx:\n  <<: *m\n  y: *m\n", "1 Pod b"},
		"a field twice":     {"apiVersion: v1\nkind: Pod\nkind: Node\nmetadata: {name: b}\n", "1 Node b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for form, data := range map[string][]byte{"UTF-8": []byte(test.text), "UTF-16": inUTF16(test.text)} {
				objects, err := Parse("Pod", source.File{Name: "a.yaml", Data: data})
				var got []string
				for _, o := range objects {
					if o.File != "a.yaml" {
						t.Errorf("file %q", o.File)
					}
					got = append(got, fmt.Sprintf("%d %s %s", o.Line, o.GetKind(), o.GetName()))
				}
				if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" || err != nil {
					t.Errorf("%s: %v\n%s", form, err, diff)
				}
			}
		})
	}
}

// inUTF16 is how Windows PowerShell redirects output into a file.
func inUTF16(text string) []byte {
	data := []byte("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(strings.TrimPrefix(text, "\ufeff"))) {
		data = binary.LittleEndian.AppendUint16(data, unit)
	}
	return data
}

func TestParseValues(t *testing.T) {
	t.Parallel()
	const yaml = `apiVersion: v1
kind: X
n: 5
zero: 010
hex: 0x10
float: 1.5
huge: 99999999999999999999
endless: .inf
yes: yes
"on": true
none: ~
date: 2026-11-22
text: "5"
1: one
`
	const json = `{"apiVersion": "v1", "kind": "X", "n": 5, "float": 1.5, "huge": 99999999999999999999, "endless": 1e999, "none": null, "list": [1, {"a": 2}]}`
	for text, want := range map[string]map[string]any{
		yaml: {
			"apiVersion": "v1", "kind": "X", "n": int64(5), "zero": int64(8), "hex": int64(16), "float": 1.5, "huge": 1e20, "endless": ".inf",
			"yes": "yes", "on": true, "none": nil, "date": "2026-11-22", "text": "5", "1": "one",
		},
		json: {
			"apiVersion": "v1", "kind": "X", "n": int64(5), "float": 1.5, "huge": 1e20, "endless": "1e999", "none": nil,
			"list": []any{int64(1), map[string]any{"a": int64(2)}},
		},
	} {
		objects, err := Parse("Pod", source.File{Name: "a", Data: []byte(text)})
		if err != nil || len(objects) != 1 {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, objects[0].Object); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want, objects[0].DeepCopy().Object); diff != "" { // it panics where a number has another type
			t.Error(diff)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"a text":                   {"# x\nhello\n", `a.yaml:2:1: note: here is a text, and not a Kubernetes object; give what kubectl get -o yaml, helm template or kustomize build prints [manifest-object]`},
		"a list":                   {"- a\n", "a.yaml:1:1: note: here is a list"},
		"a JSON list":              {"\n[1]\n", "a.yaml:2:1: note: here is a list"},
		"a number":                 {"---\n5\n", "a.yaml:2:1: note: here is 5, and not"},
		"values":                   {namespaceA + "---\nreplicas: 4\n", "a.yaml:6:1: note: a Kubernetes object has an apiVersion and a kind, and here they are missing or no text"},
		"no kind":                  {"apiVersion: v1\n", "a.yaml:1:1: note: a Kubernetes object has an apiVersion and a kind"},
		"a kind that is a number":  {"apiVersion: v1\nkind: 5\n", "a.yaml:1:1: note: a Kubernetes object has an apiVersion and a kind"},
		"an item that is none":     {"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod}\n- hello\n-\n", "a.yaml:5:1"},
		"an empty item":            {"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod}\n-\n", "an item of a List is an object, and here is nothing; remove the item"},
		"items that are none":      {"apiVersion: v1\nkind: List\nitems: 5\n", "a.yaml:1:1: note: the items of a List are a list, and here they are 5"},
		"a tab":                    {"apiVersion: v1\nkind: Pod\nmetadata:\n\tname: b\n", "a.yaml:4:1: warning: this is neither YAML nor JSON: found character that cannot start any token"},
		"a wrong indentation":      {namespaceA + "---\napiVersion: v1\nkind: Pod\n  metadata: {}\n", "a.yaml:8:1: warning: this is neither YAML nor JSON: mapping values are not allowed in this context"},
		"JSON that ends early":     {"{\"apiVersion\": \"v1\",\n\"kind\": \"Pod\"\n", "a.yaml:2:1: warning: this is neither JSON nor YAML: it ends too early"},
		"JSON without a comma":     {"{\"apiVersion\": \"v1\",\n\"items\": [{\n\"kind\": \"a\" \"b\"}]}\n", "a.yaml:3:1: warning: this is neither JSON nor YAML: invalid character '\"' after object key:value pair"},
		"a template":               {"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n", "a.yaml:4:1: warning: this looks like a template that Helm has not rendered; give what helm template prints"},
		"a template with a block":  {"{{- if .Values.on }}\napiVersion: v1\n{{- end }}\n", "a.yaml:1:1: warning: this looks like a template"},
		"an image":                 {"\x89PNG\r\n\x1a\n", "a.yaml:1:1: warning: this is not text in UTF-8; save the file as UTF-8 [manifest-encoding]"},
		"zeros":                    {"apiVersion: v1\x00", "this is neither YAML nor JSON: control characters are not allowed"},
		"an unknown alias":         {"apiVersion: v1\nkind: *k\n", "unknown anchor 'k' referenced"},
		"an alias that is endless": {"apiVersion: v1\nkind: Pod\na: &a [*a]\n", "a.yaml:3:1: warning: *a is inside what it refers to"},
		"a mapping as a name":      {"apiVersion: v1\nkind: Pod\n{a: b}: c\n", "a.yaml:3:1: warning: the name of a field is a text"},
		"a merge of nothing":       {"apiVersion: v1\nkind: Pod\n<<: 5\n", "<< merges a mapping"},
		"lists in lists":           {strings.Repeat(`{"apiVersion":"v1","kind":"List","items":[`, 9) + strings.Repeat("]}", 9), "Lists are nested too deep"},
		"a bomb":                   {bomb(30), "aliases stand for more than 250000 values"},
		"deep JSON":                {strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000), "nested more than 200 deep"},
		"deeper JSON":              {strings.Repeat(`{"a":[`, 100000), "exceeded max depth"},
		"deep YAML":                {strings.Repeat("[", 500) + strings.Repeat("]", 500), "nested more than 200 deep"},
		"deeper YAML":              {"a: " + strings.Repeat("[", 100000), "exceeded max depth"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse("", source.File{Name: "a.yaml", Data: []byte(test.text)})
			if problems := source.Problems(nil); !errors.As(err, &problems) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v\nwant %s", err, test.want)
			}
		})
	}
}

// bomb is YAML in which each line stands for ten times the one before.
func bomb(lines int) string {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: Pod\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range lines {
		fmt.Fprintf(&b, "a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), i)
	}
	return b.String()
}

// TestParseIsBounded reads what is large but legal, and what is larger than it looks, in bounded time and memory.
func TestParseIsBounded(t *testing.T) {
	t.Parallel()
	long, longer := strings.Repeat("x", 7<<20), strings.Repeat("x", 10<<20)
	for name, text := range map[string]string{
		"a line of 7 MiB":                   "apiVersion: v1\nkind: Pod\na: " + long + "\n",
		"a quoted line of 7 MiB":            "apiVersion: v1\nkind: Pod\na: \"" + long + "\"\n",
		"more in JSON":                      `{"apiVersion": "v1", "kind": "Pod", "a": "` + longer + `"}`,
		"a long text that is aliased often": "apiVersion: v1\nkind: Pod\na: &a " + long[:1<<20] + "\nb: [" + strings.Repeat("*a, ", 50_000) + "*a]\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			objects, err := Parse("Pod", source.File{Name: "a.yaml", Data: []byte(text)})
			if err != nil || len(objects) != 1 || len(objects[0].Object["a"].(string)) < 1<<20 {
				t.Errorf("%d objects, %v", len(objects), err)
			}
			if took := time.Since(start); took > time.Minute {
				t.Errorf("it took %s", took)
			}
		})
	}
	_, err := Parse("Pod", source.File{Name: "a.yaml", Data: []byte(podB + "---\napiVersion: v1\nkind: Pod\na: '{{" + longer + "'\n")})
	if err == nil || err.Error() != "a.yaml:5:1: warning: this document of YAML is larger than 8 MiB; give JSON, which may be larger: kubectl get -o json [manifest-too-large]" {
		t.Error(err)
	}
	if _, err := Parse("Pod", source.File{Name: "a.yaml", Data: make([]byte, maxFileSize+1)}); err == nil || !strings.Contains(err.Error(), "a.yaml: warning: the file is larger than 64 MiB") {
		t.Error(err)
	}
}

// TestParseTellsAllProblems of all files, and no more than somebody reads.
func TestParseTellsAllProblems(t *testing.T) {
	t.Parallel()
	_, err := Parse("Pod", source.File{Name: "a.yaml", Data: []byte("1\n---\n2\n")}, source.File{Name: "b.yaml", Data: []byte(strings.Repeat("x\n---\n", 1000))})
	problems := source.Problems(nil)
	if !errors.As(err, &problems) || len(problems) != 501 || problems[1].Line != 3 || problems[2].File != "b.yaml" || problems[500].Rule != source.RuleTooManyProblems {
		t.Errorf("%d problems", len(problems))
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"b.yml", "a.yaml", "c.json", "d.txt", ".hidden.yaml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "e.yaml", "f"), 0o700), os.WriteFile(filepath.Join(dir, "e.yaml", "f", "g.yml"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	files, passed, err := Read(dir)
	var got []string
	for _, file := range files {
		got = append(got, file.Name, string(file.Data))
	}
	want := []string{dir + "/a.yaml", "a.yaml", dir + "/b.yml", "b.yml", dir + "/c.json", "c.json"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil || len(passed) != 1 || passed[0].File != dir+"/e.yaml" {
		t.Error(err, diff, passed)
	}
	if files, _, err := Read(filepath.Join(dir, "d.txt")); err != nil || len(files) != 1 {
		t.Error(err) // a file that is named is read, whatever its name
	}
	if _, _, err := Read(filepath.Join(dir, "e.yaml")); err == nil || !strings.Contains(err.Error(), "the directory holds no *.yaml, *.yml or *.json file, and its subdirectories are not read; give them: "+dir+"/e.yaml/f") {
		t.Error(err)
	}
	if _, _, err := Read(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "none: no such file or directory") {
		t.Error(err)
	}
}
