package ciexamples

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// job is one of GitLab CI.
type job struct {
	Extends   string            `json:"extends"`
	Image     string            `json:"image"`
	Variables map[string]string `json:"variables"`
	Before    []string          `json:"before_script"`
	Script    []string          `json:"script"`
	Artifacts struct {
		When     string            `json:"when"`
		ExposeAs string            `json:"expose_as"`
		Paths    []string          `json:"paths"`
		Reports  map[string]string `json:"reports"`
	} `json:"artifacts"`
}

// merge is a merge request.
type merge struct {
	branches
	gitlab *gitlab
	token  string
	env    map[string]string
}

// run runs a job's script, and returns the folder it ran in as well.
func (m merge) run(t *testing.T, name string) (result, string) {
	t.Helper()
	var jobs map[string]job
	example(t, "gitlab.yaml", &jobs)
	j, found := jobs[name]
	if !found || j.Extends != ".floorkeeper" {
		t.Fatalf("no job %s that extends .floorkeeper", name)
	}
	dir := m.clone(t, "feature", "1")
	env := map[string]string{
		"CI_API_V4_URL": m.gitlab.url, "CI_PROJECT_ID": "5", "CI_MERGE_REQUEST_IID": "7", "CI_COMMIT_SHA": m.head,
		"CI_MERGE_REQUEST_DIFF_BASE_SHA": m.base, "CI_MERGE_REQUEST_TITLE": "$(touch injected)",
	}
	if m.token != "" {
		env["FLOORKEEPER_TOKEN"] = m.token
	}
	maps.Copy(env, jobs[j.Extends].Variables)
	maps.Copy(env, m.env)
	return bash(t, dir, strings.Join(j.Script, "\n"), env), dir
}

// An event moves by an hour: one note says so, and follows the merge request.
func TestGitLabHasOneNote(t *testing.T) {
	people := []note{{1, author{1}, "Looks good."}, {2, author{1}, marker + "\nnot the bot's"}, {3, author{bot}, "the bot's, of another job"}}
	server := newGitLab(t, people...)
	base := files{"schedules/evening.yaml": evening, "schedules/final.yaml": final}
	moved := newRepository(t, base, files{"schedules/evening.yaml": evening, "schedules/final.yaml": anHourLater(final)})
	done, dir := merge{branches: moved, gitlab: server, token: token}.run(t, "floorkeeper-preview")
	if done.code != 0 || len(server.notes) != 4 || !cmp.Equal(server.notes[:3], people) {
		t.Fatalf("exit code %d, notes: %v", done.code, server.notes)
	}
	contains(t, server.notes[3].Body, marker+"\n", "event final", "video/images", "2030-10-26", "75", "As of "+moved.head)
	contains(t, read(t, filepath.Join(dir, "floorkeeper-plan.html")), "<html", "images")

	more := newRepository(t, base, files{"schedules/evening.yaml": strings.ReplaceAll(evening, "25", "30"), "schedules/final.yaml": final})
	merge{branches: more, gitlab: server, token: token}.run(t, "floorkeeper-preview")
	if len(server.notes) != 4 || !cmp.Equal(server.notes[:3], people) || strings.Contains(server.notes[3].Body, "event final") {
		t.Fatalf("notes: %v", server.notes)
	}
	contains(t, server.notes[3].Body, marker, "window evening **changed**", "25 → **30**")

	merge{branches: newRepository(t, base, base), gitlab: server, token: token}.run(t, "floorkeeper-preview")
	if len(server.notes) != 4 {
		t.Fatalf("notes: %v", server.notes)
	}
	contains(t, server.notes[3].Body, marker, "No floor changes")
}

func TestGitLab(t *testing.T) {
	tests := map[string]struct {
		before, after files
		env           map[string]string
		token         string
		code          int
		note          []string // parts of the note; none: there is none
		log           []string
		page          bool // although the job fails
	}{
		"an edit that changes no floor is not worth a note": {
			before: files{"schedules/a.yaml": evening},
			after:  files{"schedules/a.yaml": "# A word.\n" + evening},
			token:  token,
		},
		"a schedule that is new has no old one": {
			before: files{},
			after:  files{"schedules/a.yaml": evening},
			token:  token,
			note:   []string{"window evening **added**"},
		},
		"a schedule that is new in a directory without any": {
			before: files{"schedules/README.md": "To come."},
			after:  files{"schedules/README.md": "To come.", "schedules/a.yaml": evening},
			token:  token,
			note:   []string{"window evening **added**"},
		},
		"an invalid schedule has a note, and no page": {
			before: files{"schedules/a.yaml": evening},
			after:  files{"schedules/a.yaml": broken},
			code:   1,
			log:    []string{"cannot compare the schedules", "unknown-field"},
		},
		"a broken schedule that is repaired": {
			before: files{"schedules/a.yaml": broken},
			after:  files{"schedules/a.yaml": evening},
			token:  token,
			log:    []string{"cannot compare the schedules", "unknown-field"},
		},
		"a file whose name a shell would act on, and HPAs": {
			before: files{"$(touch injected) x/a.yaml": evening, "hpas.yaml": hpas},
			after:  files{"$(touch injected) x/a.yaml": strings.ReplaceAll(evening, "25", "150%"), "hpas.yaml": hpas},
			env:    map[string]string{"SCHEDULE": "$(touch injected) x/a.yaml", "HPAS": "hpas.yaml"},
			token:  token,
			note:   []string{"25 → **6**"},
		},
		"without a token the log has it": {
			before: files{"schedules/a.yaml": evening},
			after:  files{"schedules/a.yaml": strings.ReplaceAll(evening, "25", "30")},
			log:    []string{"25 → **30**"},
		},
		"a token that is wrong is reported": {
			before: files{"schedules/a.yaml": evening},
			after:  files{"schedules/a.yaml": strings.ReplaceAll(evening, "25", "30")},
			token:  "wrong",
			code:   1,
			log:    []string{"401"},
			page:   true,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := newGitLab(t)
			m := merge{newRepository(t, test.before, test.after), server, test.token, test.env}
			done, dir := m.run(t, "floorkeeper-preview")
			if (done.code != 0) != (test.code != 0) || len(server.notes) > 1 || (len(server.notes) == 1) != (test.note != nil) {
				t.Fatalf("exit code %d, notes: %v", done.code, server.notes)
			}
			if len(server.notes) == 1 {
				contains(t, server.notes[0].Body, test.note...)
			}
			contains(t, done.output, append(test.log, marker)...)
			if _, err := os.Stat(filepath.Join(dir, "floorkeeper-plan.html")); (err == nil) != (test.page || test.code == 0) {
				t.Errorf("the page: %v", err)
			}
			if _, err := os.Stat(filepath.Join(dir, "injected")); err == nil {
				t.Error("a name was executed")
			}
		})
	}
}

// finding is one of a Code Quality report: https://docs.gitlab.com/ci/testing/code_quality/.
type finding struct {
	Description string `json:"description"`
	CheckName   string `json:"check_name"`
	Fingerprint string `json:"fingerprint"`
	Severity    string `json:"severity"`
	Location    struct {
		Path  string `json:"path"`
		Lines struct {
			Begin int `json:"begin"`
		} `json:"lines"`
	} `json:"location"`
}

func TestGitLabReportsCodeQuality(t *testing.T) {
	for name, test := range map[string]struct {
		after files
		code  int
		want  map[string]string // severity by check and place
	}{
		"valid": {after: files{"schedules/a.yaml": evening}},
		"valid, with a note": {
			after: files{"schedules/a.yaml": evening + strings.ReplaceAll(strings.TrimPrefix(final, heading), "2030", "2020")},
			want:  map[string]string{"floorkeeper/past-entry schedules/a.yaml:10": "info"},
		},
		"twice the same mistake": {
			after: files{"schedules/a.yaml": broken, "schedules/b.yaml": strings.ReplaceAll(broken, "evening", "night")},
			code:  1,
			want: map[string]string{
				"floorkeeper/unknown-field schedules/a.yaml:7": "blocker", "floorkeeper/unknown-field schedules/b.yaml:7": "blocker",
			},
		},
		"invalid": {
			after: files{"schedules/a.yaml": broken},
			code:  1,
			want:  map[string]string{"floorkeeper/unknown-field schedules/a.yaml:7": "blocker"},
		},
		"not there": {after: files{}, code: 2},
	} {
		t.Run(name, func(t *testing.T) {
			m := merge{branches: newRepository(t, files{}, test.after), gitlab: newGitLab(t)}
			done, dir := m.run(t, "floorkeeper-validate")
			if (done.code != 0) != (test.code != 0) {
				t.Fatalf("exit code %d", done.code)
			}
			if test.code == 2 {
				return
			}
			var findings []finding
			if err := json.Unmarshal([]byte(read(t, filepath.Join(dir, "gl-code-quality-report.json"))), &findings); err != nil {
				t.Fatal(err)
			}
			got, fingerprints := map[string]string{}, map[string]bool{}
			for _, f := range findings {
				got[fmt.Sprintf("%s %s:%d", f.CheckName, f.Location.Path, f.Location.Lines.Begin)] = f.Severity
				fingerprints[f.Fingerprint] = true
				if f.Description == "" {
					t.Errorf("%+v says nothing", f)
				}
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" || len(fingerprints) != len(findings) {
				t.Errorf("%d fingerprints of %d findings; want, and got:\n%s", len(fingerprints), len(findings), diff)
			}
		})
	}
}

// What a reader who copies the jobs relies on, beside that they work.
func TestGitLabJobs(t *testing.T) {
	var jobs map[string]job
	example(t, "gitlab.yaml", &jobs)
	const install = `go install "github.com/floorkeeper/floorkeeper/cmd/floorkeeper@$VERSION"`
	template := jobs[".floorkeeper"]
	if !slices.Contains(template.Before, install) || !strings.HasPrefix(template.Image, "golang:") {
		t.Errorf("floorkeeper is installed by %q in %s", template.Before, template.Image)
	}
	validate, preview := jobs["floorkeeper-validate"], jobs["floorkeeper-preview"]
	if validate.Artifacts.When != "always" || validate.Artifacts.Reports["codequality"] != "gl-code-quality-report.json" {
		t.Errorf("the report of an invalid schedule gets lost: %+v", validate.Artifacts)
	}
	if strings.Contains(strings.Join(validate.Script, ""), "FLOORKEEPER_TOKEN") {
		t.Error("validate needs no token")
	}
	if preview.Artifacts.ExposeAs == "" || !cmp.Equal(preview.Artifacts.Paths, []string{"floorkeeper-plan.html"}) {
		t.Errorf("the page is not shown: %+v", preview.Artifacts)
	}
}
