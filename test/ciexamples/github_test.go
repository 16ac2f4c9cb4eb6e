package ciexamples

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const marker = "<!-- floorkeeper diff -->"

// newForge returns the file with the comments of a pull request.
func newForge(t *testing.T, comments ...comment) string {
	t.Helper()
	content, err := json.Marshal(append([]comment{}, comments...))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "comments.json")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func comments(t *testing.T, forge string) (all []comment) {
	t.Helper()
	if err := json.Unmarshal([]byte(read(t, forge)), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// contains fails the test unless a text has all parts.
func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in:\n%s", part, text)
		}
	}
}

// people are comments of others, more than a page of them: one quotes the marker, one a bot has written.
func people() []comment {
	return []comment{
		{1, user{"somebody"}, "Looks good."}, {2, user{"somebody"}, marker + "\nnot the job's"}, {3, user{"github-actions[bot]"}, "tests passed"},
	}
}

// An event moves by an hour: one comment says so, and follows the pull request.
func TestGitHubHasOneComment(t *testing.T) {
	forge := newForge(t, people()...)
	base := files{"schedules/evening.yaml": evening, "schedules/final.yaml": final}
	moved := pull{branches: newRepository(t, base, files{"schedules/evening.yaml": evening, "schedules/final.yaml": anHourLater(final)})}
	first := moved.run(t, "github.yaml", "preview", forge)
	all := comments(t, forge)
	if first.failed || len(all) != 4 || !cmp.Equal(all[:3], people()) {
		t.Fatalf("failed: %v; comments: %v", first.failed, all)
	}
	body := all[3].Body
	contains(t, body, marker+"\n", "event final", "video/images", "2030-10-26", "75", "As of "+moved.head,
		"[14 days from the first change as a page](https://example.com/artifact)")
	contains(t, read(t, first.env["GITHUB_STEP_SUMMARY"]), "event final")
	if len(first.uploads) != 1 {
		t.Fatalf("%d pages", len(first.uploads))
	}
	contains(t, first.uploads[0], "<html", "images")

	more := strings.ReplaceAll(evening, "25", "30")
	pull{branches: newRepository(t, base, files{"schedules/evening.yaml": more, "schedules/final.yaml": final})}.run(t, "github.yaml", "preview", forge)
	all = comments(t, forge)
	if len(all) != 4 || !cmp.Equal(all[:3], people()) {
		t.Fatalf("comments: %v", all)
	}
	contains(t, all[3].Body, marker, "window evening **changed**", "25 → **30**")
	if strings.Contains(all[3].Body, "event final") {
		t.Errorf("the comment has something of the first run:\n%s", all[3].Body)
	}

	pull{branches: newRepository(t, base, base)}.run(t, "github.yaml", "preview", forge)
	all = comments(t, forge)
	contains(t, all[3].Body, marker, "No floor changes")
	if len(all) != 4 {
		t.Errorf("comments: %v", all)
	}
}

func TestGitHub(t *testing.T) {
	type outcome struct {
		failed  bool
		comment []string // parts of the comment; none: there is none
	}
	tests := map[string]struct {
		before, after files
		env           map[string]string
		fork          bool
		want          outcome
	}{
		"an edit that changes no floor is not worth a comment": {
			before: files{"schedules/a.yaml": evening},
			after:  files{"schedules/a.yaml": "# A word.\n" + evening},
		},
		"a schedule that is new has no old one": {
			before: files{},
			after:  files{"schedules/a.yaml": evening},
			want:   outcome{comment: []string{"window evening **added**"}},
		},
		"a schedule that is new in a directory of other files": {
			before: files{"deploy/ns.yaml": namespace},
			after:  files{"deploy/ns.yaml": namespace, "deploy/schedule.yaml": evening},
			env:    map[string]string{"SCHEDULE": "deploy"},
			want:   outcome{comment: []string{"window evening **added**"}},
		},
		"a schedule that is new in a directory without any": {
			before: files{"schedules/README.md": "To come."},
			after:  files{"schedules/README.md": "To come.", "schedules/a.yaml": evening},
			want:   outcome{comment: []string{"window evening **added**"}},
		},
		"a broken schedule that is repaired": {
			before: files{"schedules/a.yaml": broken},
			after:  files{"schedules/a.yaml": evening},
		},
		"a file whose name has a space, and HPAs": {
			before: files{"the night/my schedule.yaml": evening, "the night/hpas.yaml": hpas},
			after:  files{"the night/my schedule.yaml": strings.ReplaceAll(evening, "25", "150%"), "the night/hpas.yaml": hpas},
			env:    map[string]string{"SCHEDULE": "the night/my schedule.yaml", "HPAS": "the night/hpas.yaml"},
			want:   outcome{comment: []string{"25 → **6**"}},
		},
		"a directory with a slash behind it, with what a shell would act on in a name": {
			before: files{"$(touch injected)`x`/a.yaml": evening},
			after:  files{"$(touch injected)`x`/a.yaml": strings.ReplaceAll(evening, "25", "30")},
			env:    map[string]string{"SCHEDULE": "$(touch injected)`x`/"},
			want:   outcome{comment: []string{"25 → **30**"}},
		},
		"a pull request from a fork has the summary alone": {
			before: files{"schedules/a.yaml": evening},
			after:  files{"schedules/a.yaml": strings.ReplaceAll(evening, "25", "30")},
			fork:   true,
		},
		"a schedule that is gone": {
			before: files{"schedules/a.yaml": evening},
			after:  files{},
			want:   outcome{failed: true},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			forge := newForge(t)
			p := pull{branches: newRepository(t, test.before, test.after), env: test.env, fork: test.fork}
			r := p.run(t, "github.yaml", "preview", forge)
			all := comments(t, forge)
			if r.failed != test.want.failed || len(all) > 1 || (len(all) == 1) != (test.want.comment != nil) {
				t.Fatalf("failed: %v, comments: %v", r.failed, all)
			}
			if len(all) == 1 {
				contains(t, all[0].Body, test.want.comment...)
			}
			contains(t, read(t, r.env["GITHUB_STEP_SUMMARY"]), marker)
			if _, err := os.Stat(filepath.Join(r.dir, "injected")); err == nil {
				t.Error("a name was executed")
			}
		})
	}
}

// A mistake is reported on its line, fails the job and replaces a comment that is no longer true.
func TestGitHubTellsMistakesOnTheirLines(t *testing.T) {
	stale := comment{9, user{"github-actions[bot]"}, marker + "\nas it was"}
	forge := newForge(t, stale)
	p := pull{branches: newRepository(t, files{"schedules/a.yaml": evening}, files{"schedules/a.yaml": broken})}
	r := p.run(t, "github.yaml", "preview", forge)
	if validate := r.log["Validate"]; !r.failed || validate.code != 1 {
		t.Errorf("failed: %v, exit code of validate: %d", r.failed, validate.code)
	}
	contains(t, "\n"+r.log["Validate"].output, "\n::error file=schedules/a.yaml,line=7,col=5,title=unknown-field::")
	all := comments(t, forge)
	if len(all) != 1 || all[0].ID != stale.ID || len(r.uploads) > 0 {
		t.Fatalf("comments: %v; pages: %d", all, len(r.uploads))
	}
	contains(t, all[0].Body, marker, "cannot compare the schedules", "As of "+p.head)
}

func TestGitHubCodeScanning(t *testing.T) {
	for name, test := range map[string]struct {
		schedule files
		failed   bool
		results  int
	}{
		"valid":     {schedule: files{"schedules/a.yaml": evening}},
		"invalid":   {schedule: files{"schedules/a.yaml": broken}, results: 1},
		"not there": {schedule: files{}, failed: true},
	} {
		t.Run(name, func(t *testing.T) {
			p := pull{branches: newRepository(t, files{}, test.schedule), env: map[string]string{}}
			r := p.run(t, "github-code-scanning.yaml", "scan", newForge(t))
			if r.failed != test.failed {
				t.Errorf("failed: %v", r.failed)
			}
			if test.failed {
				return
			}
			var log struct {
				Runs []struct {
					Results []struct {
						Level  string `json:"level"`
						RuleID string `json:"ruleId"`
					} `json:"results"`
				} `json:"runs"`
			}
			if err := json.Unmarshal([]byte(read(t, filepath.Join(r.temp, "floorkeeper.sarif"))), &log); err != nil {
				t.Fatal(err)
			}
			errors := 0
			for _, found := range log.Runs[0].Results {
				if found.Level == "error" {
					errors++
				}
			}
			if errors != test.results {
				t.Errorf("errors: %d, want %d: %+v", errors, test.results, log)
			}
		})
	}
}

// What a reader who copies a workflow relies on, beside that it works.
func TestGitHubWorkflowsAreSafe(t *testing.T) {
	pinned := regexp.MustCompile(`^[a-z-]+/[a-z-/]+@[0-9a-f]{40}$`)
	for name, want := range map[string]map[string]string{
		"github.yaml":               {"contents": "read", "pull-requests": "write"},
		"github-code-scanning.yaml": {"contents": "read", "security-events": "write", "actions": "read"},
	} {
		var w workflow
		example(t, name, &w)
		if w.Permissions == nil || len(w.Permissions) > 0 || strings.Contains(read(t, "../../docs/ci-examples/"+name), "pull_request_target") {
			t.Errorf("%s: permissions of all jobs %v, want {}; and no pull_request_target", name, w.Permissions)
		}
		for _, job := range w.Jobs {
			if !cmp.Equal(job.Permissions, want) || job.Defaults.Run.Shell != "bash" {
				t.Errorf("%s: permissions %v, want %v; shell %q", name, job.Permissions, want, job.Defaults.Run.Shell)
			}
			if job.Steps[0].With["persist-credentials"] != false {
				t.Errorf("%s: the token stays in .git", name)
			}
			for _, s := range job.Steps {
				switch {
				case s.Uses != "" && !pinned.MatchString(s.Uses):
					t.Errorf("%s: %s is not pinned by its commit", name, s.Uses)
				case strings.Contains(s.Run, "${{"):
					t.Errorf("%s: step %s has an expression in its script, which the text of a stranger could become", name, s.Name)
				case s.ID == "install" && s.Run != `go install "github.com/floorkeeper/floorkeeper/cmd/floorkeeper@$VERSION"`:
					t.Errorf("%s: floorkeeper is installed by %s", name, s.Run)
				}
			}
		}
	}
}
