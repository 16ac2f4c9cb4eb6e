package monitoring

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// testRunbooks runs the commands of all runbooks one after the other, as somebody would who copies them.
func testRunbooks(t *testing.T, s *scene) {
	files, err := filepath.Glob(filepath.Join(runbooks, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, file := range files {
		for _, command := range commands(read(t, file)) {
			if needsMore(command) {
				continue
			}
			ran++
			if out, err := s.shell(t, command).CombinedOutput(); err != nil {
				t.Errorf("%s: %v:\n$ %s\n%s", filepath.Base(file), err, command, out)
			}
		}
	}
	if ran < 40 {
		t.Errorf("the runbooks have %d commands that can be run here", ran)
	}
}

// needsMore reports whether a command needs what there is not: Pods of kwok neither write logs nor serve anything, a
// Deployment that was rolled out once has no earlier version, and NAME is for the reader to fill in.
func needsMore(command string) bool {
	return slices.ContainsFunc([]string{" logs ", "/proxy/metrics", "rollout undo", " NAME"}, func(what string) bool {
		return strings.Contains(command, what)
	})
}

// commands returns the commands of the blocks of a page, and those in its text that begin with kubectl and are complete.
func commands(page string) []string {
	var all []string
	for _, block := range regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(page, -1) {
		joined := strings.ReplaceAll(block[1], "\\\n", " ")
		all = append(all, strings.Split(strings.TrimSpace(joined), "\n")...)
	}
	for _, span := range regexp.MustCompile("`(kubectl -n [^`]*)`").FindAllStringSubmatch(page, -1) {
		all = append(all, strings.ReplaceAll(span[1], "\n", " "))
	}
	return all
}

// shell prepares a command of a shell whose kubectl and floorkeeper are those of the cluster's administrator.
func (s *scene) shell(t *testing.T, command string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", command)
	cmd.Env = []string{
		"HOME=" + s.dir, "KUBECONFIG=" + cluster.Kubeconfig(),
		"PATH=" + strings.Join([]string{filepath.Dir(cluster.Binary("kubectl")), filepath.Dir(binary), "/usr/bin", "/bin"}, ":"),
	}
	return cmd
}

// testByHand raises a floor as the runbooks say while no floorkeeper runs. The one that runs later gives back what the owner had.
func testByHand(t *testing.T, s *scene) {
	kubectl(t, "delete", "hpa", "images", "--namespace=video")
	if err := cluster.Apply(t.Context(), apps); err != nil {
		t.Fatal(err)
	}
	command := commands(read(t, filepath.Join(runbooks, "README.md")))[0]
	if out, err := s.shell(t, command).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	c := s.floorkeeper(t, "c", "--metrics-secure")
	reader := token(t, "prometheus")
	await.Success(t, "metrics with a certificate of its own making", func(context.Context) error {
		status, _, err := ask(t, "https://"+c.Metrics, reader)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("status %d", status)
		}
		return err
	})
	s.awaitMin(t, "24")
	await.Success(t, "the HPA to be held", func(context.Context) error {
		if got := kubectl(t, "get", "hpa", "images", "--namespace=video", `--output=jsonpath={.metadata.annotations.floorkeeper\.dev/because}`); got != "open" {
			return fmt.Errorf("it is held because of %q", got)
		}
		return nil
	})
	write(t, filepath.Join(s.dir, "schedule.yaml"), "apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: UTC\nwindows: []\n")
	s.awaitMin(t, "4")
}

func (s *scene) awaitMin(t *testing.T, want string) {
	t.Helper()
	await.Success(t, "minReplicas of images", func(context.Context) error {
		if got := kubectl(t, "get", "hpa", "images", "--namespace=video", "--output=jsonpath={.spec.minReplicas}"); got != want {
			return fmt.Errorf("it is %s, want %s", got, want)
		}
		return nil
	})
}
