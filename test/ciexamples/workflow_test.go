package ciexamples

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// workflow is one of GitHub Actions.
type workflow struct {
	Permissions map[string]string `json:"permissions"`
	Env         map[string]string `json:"env"`
	Jobs        map[string]struct {
		If          string            `json:"if"`
		Permissions map[string]string `json:"permissions"`
		Defaults    struct {
			Run struct {
				Shell string `json:"shell"`
			} `json:"run"`
		} `json:"defaults"`
		Steps []step `json:"steps"`
	} `json:"jobs"`
}

type step struct {
	Name string            `json:"name"`
	ID   string            `json:"id"`
	If   string            `json:"if"`
	Uses string            `json:"uses"`
	With map[string]any    `json:"with"`
	Run  string            `json:"run"`
	Env  map[string]string `json:"env"`
}

// runner runs the steps of a job.
type runner struct {
	dir, temp string
	env       map[string]string
	context   map[string]string // what expressions can name
	log       map[string]result // by the name of the step
	failed    bool
	uploads   []string
}

// pull is a pull request.
type pull struct {
	branches
	env  map[string]string // of the workflow, instead of what it says
	fork bool
}

// run runs a job for a pull request, against the comments in the file forge.
func (p pull) run(t *testing.T, name, job, forge string) *runner {
	t.Helper()
	var w workflow
	example(t, name, &w)
	steps := w.Jobs[job].Steps
	depth := fmt.Sprint(cmp.Or(steps[0].With["fetch-depth"], any(1)))
	r := &runner{
		dir: p.clone(t, "merge", depth), temp: t.TempDir(), env: w.Env, log: make(map[string]result),
		context: map[string]string{
			"github.token": "token", "github.repository": "org/app", "github.event_name": "pull_request",
			"github.event.pull_request.number": "7", "github.event.pull_request.head.sha": p.head,
			"github.event.pull_request.head.repo.full_name": "org/app", "steps.page.outputs.artifact-url": "",
		},
	}
	if p.fork {
		r.context["github.event.pull_request.head.repo.full_name"] = "somebody/app"
	}
	r.context["runner.temp"] = r.temp
	maps.Copy(r.env, p.env)
	maps.Copy(r.env, map[string]string{
		"FORGE": forge, "GITHUB_REPOSITORY": "org/app", "GITHUB_WORKSPACE": r.dir, "RUNNER_TEMP": r.temp,
		"GITHUB_OUTPUT": filepath.Join(r.temp, "output"), "GITHUB_STEP_SUMMARY": filepath.Join(r.temp, "summary"),
	})
	for _, s := range steps {
		r.step(t, s)
	}
	return r
}

// step runs one step, if its condition holds.
func (r *runner) step(t *testing.T, s step) {
	t.Helper()
	outcome := "success"
	switch {
	case !r.holds(t, s.If):
		outcome = "skipped"
	case strings.HasPrefix(s.Uses, "actions/upload-artifact@"):
		r.uploads = append(r.uploads, read(t, r.expand(t, s.With["path"].(string))))
		r.context["steps."+s.ID+".outputs.artifact-url"] = "https://example.com/artifact"
	case s.Uses != "" || s.ID == "install": // floorkeeper is in PATH
	default:
		env := maps.Clone(r.env)
		for name, value := range s.Env {
			env[name] = r.expand(t, value)
		}
		t.Logf("step %s", s.Name)
		r.log[s.Name] = bash(t, r.dir, s.Run, env)
		if r.log[s.Name].code != 0 {
			outcome, r.failed = "failure", true
		}
		r.outputs(t, s.ID)
	}
	r.context["steps."+s.ID+".outcome"] = outcome
}

// outputs takes over what a step wrote to GITHUB_OUTPUT.
func (r *runner) outputs(t *testing.T, id string) {
	t.Helper()
	content, err := os.ReadFile(r.env["GITHUB_OUTPUT"])
	if os.IsNotExist(err) {
		return
	}
	for line := range strings.Lines(string(content)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		r.context["steps."+id+".outputs."+name] = value
	}
	if err := os.Remove(r.env["GITHUB_OUTPUT"]); err != nil {
		t.Fatal(err)
	}
}

// holds evaluates a condition: terms that are joined by &&.
func (r *runner) holds(t *testing.T, condition string) bool {
	t.Helper()
	condition = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(condition), "${{"), "}}")
	if !strings.Contains(condition, "cancelled()") && r.failed {
		return false
	}
	for term := range strings.SplitSeq(condition, "&&") {
		switch left, right, compares := strings.Cut(strings.TrimSpace(term), " == "); {
		case compares && r.value(t, left) != r.value(t, right):
			return false
		case !compares && left != "" && left != "!cancelled()":
			t.Fatalf("the test does not know what %q means", left)
		}
	}
	return true
}

// value returns what a name or a quoted text stands for.
func (r *runner) value(t *testing.T, name string) string {
	t.Helper()
	if text, quoted := strings.CutPrefix(name, "'"); quoted {
		return strings.TrimSuffix(text, "'")
	}
	value, known := r.context[name]
	if !known {
		t.Fatalf("the test does not know what %q means", name)
	}
	return value
}

var expression = regexp.MustCompile(`\$\{\{ *(.*?) *\}\}`)

// expand puts values in the places of expressions.
func (r *runner) expand(t *testing.T, text string) string {
	t.Helper()
	return expression.ReplaceAllStringFunc(text, func(found string) string {
		return r.value(t, expression.FindStringSubmatch(found)[1])
	})
}
