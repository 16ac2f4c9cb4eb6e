package chart

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/floorkeeper/floorkeeper/test/kit/golden"
	"github.com/floorkeeper/floorkeeper/test/kit/objects"
)

// value is a documented key of values.yaml.
type value struct{ key, standard, doc string }

// TestReadmeHasEveryValue writes the table of README.md from values.yaml.
func TestReadmeHasEveryValue(t *testing.T) {
	t.Parallel()
	const begin = "<!-- make golden writes the table, from values.yaml -->\n"
	head, _, ok := strings.Cut(read(t, folder, "README.md"), begin)
	if !ok {
		t.Fatalf("README.md has no line %s", begin)
	}
	table := "\n| key | default | |\n| --- | --- | --- |\n"
	for _, v := range values(t) {
		table += fmt.Sprintf("| `%s` | `%s` | %s |\n", v.key, v.standard, v.doc)
	}
	golden.Compare(t, filepath.Join(folder, "README.md"), head+begin+table)
}

// values returns the keys of values.yaml that have a comment, in their order. Every key must have one, or be below one.
func values(t *testing.T) []value {
	t.Helper()
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(read(t, folder, "values.yaml")), &document); err != nil {
		t.Fatal(err)
	}
	return documented(t, "", document.Content[0])
}

func documented(t *testing.T, path string, mapping *yaml.Node) (found []value) {
	t.Helper()
	for i := 0; i < len(mapping.Content); i += 2 {
		key, node := mapping.Content[i], mapping.Content[i+1]
		name := strings.TrimPrefix(path+"."+key.Value, ".")
		_, doc, ok := strings.Cut(key.HeadComment, "# -- ")
		switch {
		case ok:
			found = append(found, value{name, flow(t, node), strings.Join(strings.Fields(strings.ReplaceAll(doc, "\n#", "\n")), " ")})
		case node.Kind == yaml.MappingNode && len(node.Content) > 0:
			found = append(found, documented(t, name, node)...)
		default:
			t.Errorf("values.yaml does not document %s", name)
		}
	}
	return found
}

// flow writes a value in one line.
func flow(t *testing.T, node *yaml.Node) string {
	t.Helper()
	var set func(*yaml.Node)
	set = func(n *yaml.Node) {
		n.Style |= yaml.FlowStyle
		n.HeadComment, n.LineComment, n.FootComment = "", "", ""
		for _, child := range n.Content {
			set(child)
		}
	}
	set(node)
	text, err := yaml.Marshal(node)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

// schema is what these tests read of values.schema.json.
type schema struct {
	Ref                  string            `json:"$ref"`
	AdditionalProperties any               `json:"additionalProperties"`
	Properties           map[string]schema `json:"properties"`
	Defs                 map[string]schema `json:"$defs"`
}

func valuesSchema(t *testing.T) schema {
	t.Helper()
	var s schema
	if err := json.Unmarshal([]byte(read(t, folder, "values.schema.json")), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// keys returns the keys that a schema allows, as far as it lists them. Each object that lists some must refuse others.
func (s schema) keys(t *testing.T, path string, defs map[string]schema) (found []string) {
	t.Helper()
	if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
		s = defs[name]
	}
	if s.Properties == nil {
		return []string{path}
	}
	if s.AdditionalProperties != false {
		t.Errorf("the schema allows unknown keys below %q", path)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		found = append(found, s.Properties[name].keys(t, strings.TrimPrefix(path+"."+name, "."), defs)...)
	}
	return found
}

// Each key of values.yaml has a schema, and the schema knows no other but those that a parent chart uses.
func TestSchemaHasTheValues(t *testing.T) {
	t.Parallel()
	want := []string{"enabled", "global"}
	for _, v := range values(t) {
		want = append(want, v.key)
	}
	s := valuesSchema(t)
	got := s.keys(t, "", s.Defs)
	for i, key := range got { // what an alert is made of is documented once, for all
		if parts := strings.Split(key, "."); strings.HasPrefix(key, "metrics.prometheusRule.alerts.") {
			got[i] = strings.Join(parts[:4], ".")
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Errorf("keys (-values.yaml +values.schema.json):\n%s", diff)
	}
}

// The values of ci/ together set every value: what no file sets is never rendered otherwise than by default.
func TestCIValuesSetEveryValue(t *testing.T) {
	t.Parallel()
	set := map[string]bool{}
	for _, file := range valueFiles(t) {
		var document map[string]any
		if err := yaml.Unmarshal([]byte(read(t, file)), &document); err != nil {
			t.Fatal(err)
		}
		leaves("", document, set)
	}
	for _, v := range values(t) {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(set)), func(key string) bool {
			return key == v.key || strings.HasPrefix(key, v.key+".") || strings.HasPrefix(v.key, "metrics.prometheusRule.alerts.")
		}) {
			t.Errorf("no file in ci/ sets %s", v.key)
		}
	}
}

func leaves(path string, values map[string]any, set map[string]bool) {
	for name, v := range values {
		key := strings.TrimPrefix(path+"."+name, ".")
		if below, ok := v.(map[string]any); ok && len(below) > 0 {
			leaves(key, below, set)
		} else {
			set[key] = true
		}
	}
}

// Helm itself refuses what the schema does not allow.
func TestWrongValuesAreRefused(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{
		"replica=3", "image.tga=v1", "policies.guard=perhaps", "policies.floorGuard=true", "metrics.podMonitor.interval=30s",
		"schedule.windows=a", "namespaces=video", "namespaces={Video}", "logLevel=loud", "extraArgs={settle-time=3m}", "image.digest=sha256:abc",
		"metrics.port=http", "metrics.prometheusRule.alerts.FloorkeeperDown.threshold=1", "metrics.prometheusRule.alerts.Down.enabled=false",
		"metrics.port=8081", "page.port=8081", "podDisruptionBudget.minAvailable=some", "limits.maxFloorFactor=0.5", "metrics.prometheusRule.alerts.FloorkeeperTransitionLate.threshold=60",
		"metrics.prometheusRule.alerts.FloorkeeperTransitionLate.threshold=0.75", "metrics.prometheusRule.alerts.FloorkeeperFloorClamped.threshold=-1",
		"metrics.prometheusRule.alerts.FloorkeeperFloorClamped.threshold=few", "metrics.prometheusRule.alerts.FloorkeeperDown.for=",
		"metrics.prometheusRule.alerts.FloorkeeperDown.for=30m1h", "metrics.prometheusRule.alerts.FloorkeeperDown.severity=",
		"nameOverride=Foo_Bar", "fullnameOverride=floors.v2", "fullnameOverride=-floors", "namespaceOverride=Ops",
	} {
		for _, h := range helms {
			if _, err := h.run(t.Context(), "template", "floorkeeper", folder, kubeVersion, "--set="+wrong); err == nil || !strings.Contains(err.Error(), "schema") {
				t.Errorf("%s takes %s: %v", h.name, wrong, err)
			}
		}
	}
	for _, right := range []string{
		"global.anything=1", "enabled=true", "metrics.prometheusRule.alerts.FloorkeeperEntryComing.threshold=60",
		"limits.maxFloorFactor=2.5", "metrics.prometheusRule.alerts.FloorkeeperTransitionLate.threshold=5",
		"metrics.prometheusRule.alerts.FloorkeeperTransitionLate.threshold=2.5", "metrics.prometheusRule.alerts.FloorkeeperTransitionLate.threshold=0.005",
		"metrics.prometheusRule.alerts.FloorkeeperFloorClamped.threshold=0.5", "metrics.prometheusRule.alerts.FloorkeeperDown.for=1h30m",
	} {
		for _, h := range helms {
			h.must(t, "template", "floorkeeper", folder, kubeVersion, "--set="+right)
		}
	}
}

// Helm drops what a file of values leaves empty, such as a key whose lines are all commented out. Where nothing is the default, that
// is the default; a section without anything is refused, or is as by default.
func TestNothing(t *testing.T) {
	t.Parallel()
	standard, empty, sections := helms[0].template(t), []string{}, map[string]bool{}
	for _, v := range values(t) {
		if slices.Contains([]string{`""`, "{}", "[]", "null"}, v.standard) {
			empty = append(empty, "--set="+v.key+"=null")
		}
		for parts := strings.Split(v.key, "."); len(parts) > 1; parts = parts[:len(parts)-1] {
			sections[strings.Join(parts[:len(parts)-1], ".")] = true
		}
	}
	for _, h := range helms {
		if diff := cmp.Diff(standard, h.template(t, empty...)); diff != "" {
			t.Errorf("%s, without what is empty by default (-default +got):\n%s", h.name, diff)
		}
		for section := range sections {
			out, err := h.run(t.Context(), "template", "floorkeeper", folder, "--namespace=floorkeeper", kubeVersion, "--set="+section+"=null")
			if err != nil && strings.Contains(err.Error(), "schema") {
				continue
			} else if err != nil {
				t.Errorf("%s, without %s: %v", h.name, section, err)
				continue
			}
			all, err := objects.Read(out)
			if diff := cmp.Diff(standard, all); err != nil || diff != "" {
				t.Errorf("%s, without %s: %v\n%s", h.name, section, err, diff)
			}
		}
	}
}

// Names that YAML would read as something else, such as a number, are text in every object.
func TestNamesAreText(t *testing.T) {
	t.Parallel()
	decoder := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	for _, name := range []string{"123", "1e3", "0x1f", "true", "null"} {
		all, err := objects.Read(helms[0].must(t, "template", name, folder, "--namespace="+name, kubeVersion, "--values="+filepath.Join(folder, "ci/monitoring-values.yaml"),
			"--set=policies.guard=true,policies.handBack=true,raiseTargets=true,flowSchema.patches=true,replicas=2",
			"--set-string=fullnameOverride="+name+",namespaces={"+name+"},serviceAccount.name="+name+",schedule.existingConfigMap="+name+",priorityClassName="+name+
				",metrics.dashboard.namespace="+name+",image.registry=,image.repository=12,image.tag=30"))
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range all {
			namesAreText(t, object.GetKind(), object.Object)
			data, err := object.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := decoder.Decode(data, nil, nil); err != nil && !runtime.IsNotRegisteredError(err) {
				t.Errorf("release %s, %s %s: %v", name, object.GetKind(), object.GetName(), err)
			}
			if ours := strings.HasPrefix(object.GetName(), name); !ours || object.GetNamespace() != "" && object.GetNamespace() != name {
				t.Errorf("release %s has %s %s/%s", name, object.GetKind(), object.GetNamespace(), object.GetName())
			}
		}
	}
}

// namesAreText checks what every kind has, also kinds that the decoder does not know.
func namesAreText(t *testing.T, path string, value any) {
	t.Helper()
	switch value := value.(type) {
	case map[string]any:
		for key, each := range value {
			texts := map[string]any{}
			switch key {
			case "name", "namespace":
				texts[key] = each
			case "labels", "annotations", "matchLabels":
				texts, _ = each.(map[string]any)
			}
			for label, text := range texts {
				if _, ok := text.(string); !ok {
					t.Errorf("%s.%s: %s is %v, a %T", path, key, label, text, text)
				}
			}
			namesAreText(t, path+"."+key, each)
		}
	case []any:
		for _, each := range value {
			namesAreText(t, path, each)
		}
	}
}
