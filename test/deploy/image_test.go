package deploy

import (
	"os"
	"os/exec"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// There may be no container engine where the tests run, so they check what breaks most easily: that what the Dockerfile
// copies exists, is not kept out by .dockerignore, and holds all packages of the program.
func TestDockerfileCopiesWhatExists(t *testing.T) {
	allowed := map[string]bool{}
	for line := range strings.Lines(read(t, "../../.dockerignore")) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "!"); ok {
			allowed[name] = true
		}
	}
	copied := map[string]bool{}
	for line := range strings.Lines(read(t, "../../Dockerfile")) {
		fields := strings.Fields(line)
		if len(fields) < 3 || fields[0] != "COPY" || strings.HasPrefix(fields[1], "--from") {
			continue
		}
		for _, source := range fields[1 : len(fields)-1] {
			copied[source] = true
			if _, err := os.Stat(path.Join("../..", source)); err != nil {
				t.Errorf("the Dockerfile copies what is not there: %v", err)
			}
			if !allowed[source] {
				t.Errorf(".dockerignore keeps %s out, which the Dockerfile copies", source)
			}
		}
	}
	const module = "github.com/floorkeeper/floorkeeper/"
	packages, err := exec.Command("go", "list", "-deps", module+"cmd/floorkeeper").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(packages)) {
		if name, ours := strings.CutPrefix(strings.TrimSpace(line), module); ours {
			if folder, _, _ := strings.Cut(name, "/"); !copied[folder] {
				t.Errorf("the Dockerfile does not copy %s", folder)
			}
		}
	}
}

// runAsNonRoot can only be verified by kubelet if the image's user is a number.
func TestImageUserIsNumber(t *testing.T) {
	match := regexp.MustCompile(`(?m)^USER (\S+?)(:\d+)?$`).FindAllStringSubmatch(read(t, "../../Dockerfile"), -1)
	if len(match) != 1 {
		t.Fatalf("%d USER lines in the Dockerfile, want 1", len(match))
	}
	if id, err := strconv.Atoi(match[0][1]); err != nil || id == 0 {
		t.Errorf("the user is %q, want a number other than 0", match[0][1])
	}
}

// The builder must be new enough for go.mod: the toolchain in the image downloads no other.
func TestBuilderKnowsTheLanguage(t *testing.T) {
	builder := regexp.MustCompile(`(?m)^FROM .*golang:(\d+\.\d+)\.\d+ AS`).FindStringSubmatch(read(t, "../../Dockerfile"))
	language := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "../../go.mod"))
	if builder == nil || language == nil || builder[1] != language[1] {
		t.Errorf("the Dockerfile builds with Go %q and go.mod asks for %q", builder, language)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
