package ciexamples

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/yaml"
)

// hook is one of a repository for pre-commit: https://pre-commit.com/#creating-new-hooks.
type hook struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Entry       string   `json:"entry"`
	Language    string   `json:"language"`
	Files       string   `json:"files"`
	Types       []string `json:"types"`
	Serial      bool     `json:"require_serial"`
}

func TestPreCommitHook(t *testing.T) {
	var hooks []hook
	if err := yaml.UnmarshalStrict([]byte(read(t, "../../.pre-commit-hooks.yaml")), &hooks); err != nil {
		t.Fatal(err)
	}
	if len(hooks) != 1 {
		t.Fatalf("%d hooks", len(hooks))
	}
	h := hooks[0]
	if h.ID != "floorkeeper-validate" || h.Name == "" || h.Description == "" || h.Language != "golang" || !h.Serial {
		t.Errorf("%+v", h)
	}
	chosen := regexp.MustCompile(h.Files)
	for path, want := range map[string]bool{
		"schedule.yaml": true, "schedules/cup.yaml": true, "deploy/kustomize/schedule.yaml": true, "ops/schedules/cup.yaml": true,
		"schedules/hpas/images.yaml": false, "schedules/.hidden.yaml": false, "schedules/cup.yml": false, "schedules/README.md": false,
		"deploy/deployment.yaml": false, "reschedule.yaml": false, "schedules": false,
	} {
		if chosen.MatchString(path) != want {
			t.Errorf("%s is checked: %v, want %v", path, !want, want)
		}
	}

	// As pre-commit calls it: with all paths in one call.
	repository := newRepository(t, files{}, files{"schedules/a.yaml": evening, "schedules/b.yaml": evening + "# a copy\n", "schedules/c.yaml": final})
	dir := repository.clone(t, "feature", "1")
	if done := bash(t, dir, h.Entry+" schedules/a.yaml schedules/c.yaml", nil); done.code != 0 {
		t.Errorf("exit code %d of a valid schedule", done.code)
	}
	done := bash(t, dir, h.Entry+" schedules/a.yaml schedules/b.yaml", nil)
	if done.code != 1 {
		t.Errorf("exit code %d where a name is taken twice", done.code)
	}
	contains(t, done.output, "schedules/b.yaml:5:11: error:")
}

// The page shows what is there.
func TestReadmeNamesWhatIsThere(t *testing.T) {
	readme := read(t, "../../docs/ci-examples/README.md")
	examples, err := filepath.Glob("../../docs/ci-examples/*.yaml")
	if err != nil || len(examples) != 3 {
		t.Fatalf("%d examples, %v", len(examples), err)
	}
	for _, path := range examples {
		contains(t, readme, "("+filepath.Base(path)+")")
	}
	contains(t, readme, "id: floorkeeper-validate", "FLOORKEEPER_TOKEN")
	if lines := strings.Count(readme, "\n"); lines > 100 {
		t.Errorf("%d lines are more than a page", lines)
	}
}
