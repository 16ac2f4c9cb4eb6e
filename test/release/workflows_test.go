package release

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane/binaries"
)

// workflow is what these tests look at in one of GitHub Actions. actionlint, in make lint, knows the rest.
type workflow struct {
	On          map[string]any
	Permissions map[string]string
	Jobs        map[string]struct {
		Uses        string
		Container   string
		Timeout     int `yaml:"timeout-minutes"`
		Permissions map[string]string
		Strategy    struct{ Matrix map[string][]string }
		Steps       []struct {
			Uses, Run string
			With      map[string]any
		}
	}
}

// workflows reads those of this repository, by the name of the file.
func workflows(t *testing.T) map[string]workflow {
	t.Helper()
	found := map[string]workflow{}
	for _, file := range files(t) {
		if filepath.Dir(file) != ".github/workflows" {
			continue
		}
		var w workflow
		if err := yaml.Unmarshal([]byte(read(t, file)), &w); err != nil || len(w.Jobs) == 0 {
			t.Fatalf("%s: %+v, %v", file, w, err)
		}
		found[filepath.Base(file)] = w
	}
	if len(found) < 2 {
		t.Fatalf("workflows are %q, want those of CI and of a release", slices.Collect(maps.Keys(found)))
	}
	return found
}

// An action is pinned by commit, with its version for people and Dependabot, and has one version in the whole repository,
// the examples for users included.
func TestActionsArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`uses: ([\w.-]+/[\w.-]+)(?:/[\w./-]+)?@([0-9a-f]{40} # v\d+\.\d+\.\d+)$`)
	versions := map[string]string{}
	for _, file := range files(t) {
		if folder := filepath.Dir(file); folder != ".github/workflows" && folder != "docs/ci-examples" {
			continue
		}
		for line := range strings.Lines(read(t, file)) {
			uses, line, ok := strings.Cut(strings.TrimSpace(line), "uses: ")
			if !ok || strings.Contains(uses, "#") {
				continue
			}
			if local, ok := strings.CutPrefix(line, "./"); ok {
				if _, err := os.Stat(filepath.Join(root, local)); err != nil {
					t.Errorf("%s: %v", file, err)
				}
				continue
			}
			found := pinned.FindStringSubmatch("uses: " + line)
			if found == nil {
				t.Errorf("%s: %s has no commit and version: write OWNER/NAME@COMMIT # vX.Y.Z", file, line)
				continue
			}
			if other, ok := versions[found[1]]; ok && other != found[2] {
				t.Errorf("%s: %s is %s, and elsewhere %s", file, found[1], found[2], other)
			}
			versions[found[1]] = found[2]
		}
	}
	if len(versions) < 5 {
		t.Errorf("actions are %v, want those of CI and of a release", versions)
	}
}

// A job has the permissions that it names and no others, ends, and leaves no credentials in the checkout.
func TestJobsMayDoWhatTheyMust(t *testing.T) {
	writes := map[string]string{
		"release.yaml registry": "attestations id-token packages",
		"release.yaml github":   "attestations contents id-token",
	}
	for file, w := range workflows(t) {
		if w.Permissions == nil || len(w.Permissions) > 0 {
			t.Errorf("%s: its permissions are %v, want {}, and each job's own", file, w.Permissions)
		}
		if _, ok := w.On["pull_request_target"]; ok {
			t.Errorf("%s: pull_request_target gives the code of a pull request the rights of this repository", file)
		}
		for name, job := range w.Jobs {
			var may []string
			for scope, access := range job.Permissions {
				if access != "read" {
					may = append(may, scope)
				}
			}
			slices.Sort(may)
			if want := writes[file+" "+name]; strings.Join(may, " ") != want || job.Permissions == nil {
				t.Errorf("%s: job %s may write %q, want %q", file, name, may, want)
			}
			if job.Timeout == 0 && job.Uses == "" {
				t.Errorf("%s: job %s has no timeout-minutes", file, name)
			}
			for _, step := range job.Steps {
				if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != false {
					t.Errorf("%s: job %s leaves its token in .git", file, name)
				}
				if strings.HasPrefix(step.Uses, "actions/setup-go@") && len(may) > 0 && step.With["cache"] != false {
					t.Errorf("%s: job %s publishes what a cache holds", file, name)
				}
			}
		}
	}
}

// Workflows run make targets that exist, and CI the same as .ci/run.
func TestWorkflowsMakeWhatExists(t *testing.T) {
	targets := regexp.MustCompile(`(?m)^([a-z0-9-]+):`).FindAllStringSubmatch(read(t, "Makefile"), -1)
	exists := map[string]bool{}
	for _, target := range targets {
		exists[target[1]] = true
	}
	ran := map[string][]string{}
	for file, w := range workflows(t) {
		for _, job := range w.Jobs {
			for _, step := range job.Steps {
				ran[file] = append(ran[file], made(step.Run)...)
			}
		}
		for _, target := range ran[file] {
			if !exists[target] {
				t.Errorf("%s: there is no make %s", file, target)
			}
		}
	}
	for _, call := range regexp.MustCompile("`(make [^`]*)`").FindAllStringSubmatch(read(t, "RELEASING.md"), -1) {
		for _, target := range made(call[1]) {
			if !exists[target] {
				t.Errorf("RELEASING.md: there is no make %s", target)
			}
		}
	}
	want := made(read(t, ".ci/run"))
	slices.Sort(want)
	slices.Sort(ran["ci.yaml"])
	if diff := cmp.Diff(want, ran["ci.yaml"]); diff != "" || len(want) == 0 {
		t.Errorf("make targets (-.ci/run +ci.yaml):\n%s", diff)
	}
	for _, target := range []string{"release-notes", "image", "chart", "push"} {
		if !slices.Contains(ran["release.yaml"], target) {
			t.Errorf("release.yaml does not run make %s", target)
		}
	}
}

// made returns the targets of make that a script runs.
func made(script string) (targets []string) {
	for _, call := range regexp.MustCompile(`(?m)(?:^|[;&|] *)make +([^\n;&|>]*)`).FindAllStringSubmatch(script, -1) {
		for word := range strings.FieldsSeq(call[1]) {
			if !strings.HasPrefix(word, "-") && !strings.Contains(word, "=") {
				targets = append(targets, word)
			}
		}
	}
	return targets
}

// What keys a cache, and other files that workflows name, are there.
func TestWorkflowsNameWhatExists(t *testing.T) {
	all, patterns := files(t), 0
	for file, w := range workflows(t) {
		for _, call := range regexp.MustCompile(`hashFiles\(([^)]*)\)`).FindAllStringSubmatch(read(t, ".github/workflows/"+file), -1) {
			for _, pattern := range regexp.MustCompile(`'([^']*)'`).FindAllStringSubmatch(call[1], -1) {
				patterns++
				if !slices.ContainsFunc(all, glob(pattern[1]).MatchString) {
					t.Errorf("%s: no file matches %s", file, pattern[1])
				}
			}
		}
		for _, job := range w.Jobs {
			for _, step := range job.Steps {
				if template, ok := step.With["krew_template_file"].(string); ok && !slices.Contains(all, template) {
					t.Errorf("%s: there is no %s", file, template)
				}
				sums := "dist/" + configuration(t).Checksum.NameTemplate
				if found, ok := step.With["subject-checksums"]; ok && found != sums {
					t.Errorf("%s: the checksums are in %s, and not in %s", file, sums, found)
				}
			}
		}
	}
	if patterns < 5 {
		t.Errorf("%d patterns key caches", patterns)
	}
}

// glob returns what a pattern of hashFiles matches.
func glob(pattern string) *regexp.Regexp {
	replaced := strings.NewReplacer(`\*\*/`, "(?:.*/)?", `\*`, "[^/]*").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("^" + replaced + "$")
}

// One Go release builds the image, runs the tests and builds the release, and it knows the language of go.mod.
func TestOneGoRelease(t *testing.T) {
	builder := regexp.MustCompile(`(?m)^FROM .*golang:([\d.]+)[@ -]`).FindStringSubmatch(read(t, "Dockerfile"))
	language := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "go.mod"))
	if builder == nil || language == nil || !strings.HasPrefix(builder[1], language[1]+".") {
		t.Fatalf("the Dockerfile builds with Go %q and go.mod asks for %q", builder, language)
	}
	container := regexp.MustCompile(`^golang:` + regexp.QuoteMeta(builder[1]) + `-[a-z]+@sha256:[0-9a-f]{64}$`)
	found := 0
	for file, w := range workflows(t) {
		for name, job := range w.Jobs {
			if job.Container != "" {
				found++
				if !container.MatchString(job.Container) {
					t.Errorf("%s: job %s runs in %s, want golang:%s-DEBIAN@sha256:DIGEST, as in the Dockerfile", file, name, job.Container, builder[1])
				}
			}
			for _, step := range job.Steps {
				if version, ok := step.With["go-version"]; ok {
					found++
					if fmt.Sprint(version) != builder[1] {
						t.Errorf("%s: job %s has Go %v, want %s, as in the Dockerfile", file, name, version, builder[1])
					}
				}
			}
		}
	}
	if found < 5 {
		t.Errorf("%d jobs have a Go release", found)
	}
}

// The release runs the GoReleaser whose code has read the configuration here.
func TestGoReleaserIsTheTestedOne(t *testing.T) {
	tested := regexp.MustCompile(`(?m)goreleaser/v2 (v\S+)`).FindStringSubmatch(read(t, "test/release/check/go.mod"))
	for _, job := range workflows(t)["release.yaml"].Jobs {
		for _, step := range job.Steps {
			if !strings.HasPrefix(step.Uses, "goreleaser/goreleaser-action@") {
				continue
			}
			if tested == nil || step.With["version"] != tested[1] {
				t.Errorf("release.yaml runs GoReleaser %v, and test/release/check reads with %q", step.With["version"], tested)
			}
			return
		}
	}
	t.Error("release.yaml does not run GoReleaser")
}

// Weekly, the suites run on each release but the newest, on which CI runs them.
func TestVersionsAreThoseThatAreSupported(t *testing.T) {
	releases, err := binaries.Releases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, release := range releases[1:] {
		want = append(want, strings.TrimPrefix(release[:strings.LastIndex(release, ".")], "v"))
	}
	if diff := cmp.Diff(want, workflows(t)["versions.yaml"].Jobs["suites"].Strategy.Matrix["kubernetes"]); diff != "" || len(want) == 0 {
		t.Errorf("releases of Kubernetes (-test/kit/controlplane/binaries +versions.yaml):\n%s", diff)
	}
}
