package monitoring

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
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
			if strings.Contains(command, " logs ") || strings.Contains(command, "/proxy/metrics") {
				continue // kwok's Pods neither write logs nor serve anything
			}
			ran++
			if out, err := s.shell(t, command).CombinedOutput(); err != nil {
				t.Errorf("%s: %v:\n$ %s\n%s", filepath.Base(file), err, command, out)
			}
		}
	}
	if ran < 30 {
		t.Errorf("the runbooks have %d commands that can be run here", ran)
	}
}

// commands returns the commands of the blocks of a page.
func commands(page string) []string {
	var all []string
	for _, block := range regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(page, -1) {
		joined := strings.ReplaceAll(block[1], "\\\n", " ")
		all = append(all, strings.Split(strings.TrimSpace(joined), "\n")...)
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
