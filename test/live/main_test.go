package live

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// cluster is the control plane that all tests share.
var cluster *controlplane.ControlPlane

// program prints what the inputs of a command are.
var program string

func TestMain(m *testing.M) {
	kit.Main(m, kit.Options{Setup: func(ctx context.Context, s *kit.Suite) (err error) {
		program = filepath.Join(s.Dir, "inputs.test")
		build := exec.CommandContext(ctx, "go", "test", "-c", "-tags", "live", "-o", program, "github.com/floorkeeper/floorkeeper/cmd/internal/cli")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("cannot build the inputs: %w: %s", err, out)
		}
		cluster, err = s.ControlPlane(ctx, controlplane.Options{})
		return err
	}})
}

// inputs returns what the program prints for a user, line by line, and what it warns of.
func inputs(t *testing.T, kubeconfig string, stdin io.Reader, flags ...string) (lines []string, stderr string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, append([]string{"-test.run=^TestPrintInputs$", "--"}, flags...)...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &out, &errs
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	if err := cmd.Run(); err != nil {
		t.Fatalf("cannot run %q: %v\n%s%s", cmd.Args, err, out.String(), errs.String())
	}
	for line := range strings.Lines(out.String()) {
		if line = strings.TrimSpace(line); line != "PASS" {
			lines = append(lines, line)
		}
	}
	return lines, errs.String()
}

// of returns the lines that begin with a word, without it.
func of(lines []string, word string) (found []string) {
	for _, line := range lines {
		if rest, ok := strings.CutPrefix(line, word+": "); ok {
			found = append(found, rest)
		}
	}
	return found
}

func kubectl(t *testing.T, kubeconfig string, args ...string) string {
	t.Helper()
	out, err := cluster.KubectlAs(t.Context(), kubeconfig, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func apply(t *testing.T, manifest string) {
	t.Helper()
	if err := cluster.Apply(t.Context(), manifest); err != nil {
		t.Fatal(err)
	}
}
