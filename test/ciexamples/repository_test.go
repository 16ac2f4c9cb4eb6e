package ciexamples

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// files are the contents of a commit, by path.
type files map[string]string

// branches are those of a repository with a pull request: main, feature on top of it, and their merge.
type branches struct {
	url        string
	base, head string // the commits of main and feature
}

// newRepository makes a repository in which feature has other files than main, whose paths start as theirs do.
func newRepository(t *testing.T, before, after files) branches {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "origin")
	git(t, "", "init", "--quiet", "--initial-branch", "main", dir)
	git(t, dir, "config", "uploadpack.allowAnySHA1InWant", "true") // as GitHub and GitLab have it
	commit(t, dir, before)
	git(t, dir, "checkout", "--quiet", "-b", "feature")
	commit(t, dir, after)
	git(t, dir, "checkout", "--quiet", "-b", "merge", "main")
	git(t, dir, "merge", "--quiet", "--no-ff", "-m", "merge", "feature")
	return branches{"file://" + dir, git(t, dir, "rev-parse", "main"), git(t, dir, "rev-parse", "feature")}
}

// clone checks a branch out as a runner does, with the last commits alone.
func (b branches) clone(t *testing.T, branch, depth string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "work")
	git(t, "", "clone", "--quiet", "--depth", depth, "--branch", branch, b.url, dir)
	return dir
}

// commit replaces all files of a repository.
func commit(t *testing.T, dir string, all files) {
	t.Helper()
	git(t, dir, "rm", "-r", "--quiet", "--ignore-unmatch", ".")
	all["README.md"] = "A repository.\n"
	for path, content := range all {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "add", ".")
	git(t, dir, "commit", "--quiet", "--allow-empty", "-m", "a commit")
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// The schedules that people edit here.
const (
	heading = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: Europe/Paris\n"

	evening = heading + `windows:
  - name: evening
    start: "19:30"
    end: "00:30"
    targets: [{namespace: video, name: images, minReplicas: 25}]
`
	final = heading + `events:
  - name: final
    start: "2030-10-26T20:00"
    end: "2030-10-26T23:00"
    multiplier: 3
`
	broken = heading + `windows:
  - name: evening
    start: "19:30"
    ends: "00:30"
    targets: [{namespace: video, name: images, minReplicas: 25}]
`
	namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: video}\n"

	hpas = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {namespace: video, name: images}
spec:
  minReplicas: 4
  maxReplicas: 60
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: images}
`
)

// anHourLater moves the final by an hour.
func anHourLater(schedule string) string {
	return strings.NewReplacer("T20:00", "T21:00", "T23:00", "T24:00").Replace(schedule)
}
