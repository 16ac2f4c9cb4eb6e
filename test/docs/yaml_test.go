package docs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/yaml"
)

// example is a YAML or HCL text that readers copy: a block, or a file of docs/examples.
type example struct{ name, language, text string }

func examples(t *testing.T) []example {
	t.Helper()
	var all []example
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			all = append(all, example{b.String(), b.language, b.text()})
		}
	}
	err := fs.WalkDir(os.DirFS(root), "docs/examples", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(root, path))
		language := map[string]string{".yaml": "yaml", ".tf": "hcl"}[filepath.Ext(path)]
		all = append(all, example{path, language, string(data)})
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return all
}

// Every YAML text must be what its reader takes: a schedule that floorkeeper finds valid, objects that the API server
// accepts as they are, a kustomization that builds, values of the chart, or rules of Prometheus.
func TestYAML(t *testing.T) {
	on.prepare(t, guarded)
	for _, e := range examples(t) {
		if e.language != "yaml" {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			switch {
			case strings.HasPrefix(e.text, "# values.yaml"):
				on.wantValues(t, e)
			case strings.HasPrefix(e.text, "# .pre-commit-config.yaml"): // test/ciexamples runs it
			case topKey(t, e.text, "kind") == "Schedule":
				if out, err := on.run(t.Context(), t.TempDir(), e.text, "floorkeeper", "validate", "-"); err != nil {
					t.Errorf("no valid schedule: %v", err)
				} else if strings.Contains(out, "warning:") {
					t.Errorf("the schedule gives a warning:\n%s", out)
				}
			case topKey(t, e.text, "kind") != "" && topKey(t, e.text, "kind") != "Kustomization":
				on.wantObjects(t, e)
			case topKey(t, e.text, "components") != "" || topKey(t, e.text, "resources") != "":
				on.wantKustomization(t, e)
			case topKey(t, e.text, "scrape_configs") != "" || topKey(t, e.text, "tls_config") != "" || topKey(t, e.text, "receivers") != "":
				// a configuration of Prometheus or Alertmanager: it is YAML
			case topKey(t, e.text, "groups") != "":
				wantRules(t, e)
			default:
				t.Error("it is none of the YAML texts that this test knows: a schedule, objects, a kustomization, # values.yaml, or rules")
			}
		})
	}
}

// topKey returns the value of a key of the first document, and fails the test if that is no YAML.
func topKey(t *testing.T, text, key string) string {
	t.Helper()
	var document map[string]any
	if err := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096).Decode(&document); err != nil {
		t.Fatalf("no YAML mapping: %v", err)
	}
	switch value := document[key].(type) {
	case nil:
		return ""
	case string:
		return value
	default:
		return "yes"
	}
}

// wantObjects asks the API server, which knows the custom resources of the writers that the pages speak of, for a dry run
// that refuses unknown fields.
func (s *stage) wantObjects(t *testing.T, e example) {
	t.Helper()
	s.makeNamespaces(t, e.text)
	var asked []string
	for document := range strings.SplitSeq(e.text, "\n---\n") {
		if topKey(t, document, "kind") == "HelmRelease" { // its definition is in no module that every proxy has; its type is
			check(t, example{e.name, e.language, document}, "helmrelease")
		} else {
			asked = append(asked, document)
		}
	}
	if _, err := s.run(t.Context(), t.TempDir(), strings.Join(asked, "\n---\n"), "kubectl", "apply", "--server-side", "--force-conflicts", "--dry-run=server",
		"--validate=strict", "--filename=-"); err != nil {
		t.Error(err)
	}
}

// makeNamespaces makes those that objects are in: a dry run does not make them.
func (s *stage) makeNamespaces(t *testing.T, text string) {
	t.Helper()
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		var object struct{ Metadata struct{ Namespace string } }
		if err := decoder.Decode(&object); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		if name := object.Metadata.Namespace; name != "" {
			manifest := "apiVersion: v1\nkind: Namespace\nmetadata: {name: " + name + "}\n"
			if err := s.Apply(t.Context(), manifest); err != nil {
				t.Fatal(err)
			}
		}
	}
}

var remote = regexp.MustCompile(`github\.com/floorkeeper/floorkeeper/deploy/([^?"\s]+)\?ref=[^"\s]+`)

// wantKustomization builds it beside the deploy folder, to which its addresses of this repository then lead.
func (s *stage) wantKustomization(t *testing.T, e example) {
	t.Helper()
	deploy := filepath.Join(t.TempDir(), "deploy")
	if err := os.CopyFS(deploy, os.DirFS(root+"/deploy")); err != nil {
		t.Fatal(err)
	}
	text := remote.ReplaceAllString(e.text, "../$1")
	if topKey(t, text, "resources") == "" {
		text += "resources: [../kustomize]\n"
	}
	write(t, filepath.Join(deploy, "overlay", "kustomization.yaml"), text)
	write(t, filepath.Join(deploy, "overlay", "schedule.yaml"), schedule(t))
	if _, err := s.run(t.Context(), deploy, "", "kubectl", "kustomize", "overlay"); err != nil {
		t.Error(err)
	}
}

// wantValues renders the chart with them; its schema refuses what the chart does not know.
func (s *stage) wantValues(t *testing.T, e example) {
	t.Helper()
	chart, err := filepath.Abs(root + "/deploy/helm/floorkeeper")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.run(t.Context(), t.TempDir(), e.text, "helm", "template", "floorkeeper", chart, "--namespace=floorkeeper", "--values=-"); err != nil {
		t.Error(err)
	}
}

type (
	rule struct {
		Alert, Record, Expr, For string
		Labels, Annotations      map[string]string
	}
	ruleGroup struct {
		Name  string
		Rules []rule
	}
)

// wantRules reads rules of Prometheus strictly. The tests of deploy/monitoring give theirs to promtool.
func wantRules(t *testing.T, e example) {
	t.Helper()
	var rules struct{ Groups []ruleGroup }
	if err := yaml.UnmarshalStrict([]byte(e.text), &rules); err != nil {
		t.Error(err)
	}
	for _, group := range rules.Groups {
		if group.Name == "" || len(group.Rules) == 0 {
			t.Errorf("no group: %+v", group)
		}
		for _, rule := range group.Rules {
			if rule.Expr == "" || (rule.Alert == "") == (rule.Record == "") {
				t.Errorf("no rule: %+v", rule)
			}
		}
	}
}

// Every HCL text must be a file of Terraform.
func TestHCL(t *testing.T) {
	for _, e := range examples(t) {
		if e.language == "hcl" {
			check(t, e, "terraform")
		}
	}
}

// check gives an example to the program in the folder check.
func check(t *testing.T, e example, kind string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(on.dir, "tools", "check"), kind)
	cmd.Stdin = strings.NewReader(e.text)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %s", e.name, out)
	}
}
