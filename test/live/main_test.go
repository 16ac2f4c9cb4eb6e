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

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// cluster is the control plane that all tests share.
var cluster *controlplane.ControlPlane

// program prints what the inputs of a command are.
var program string

func TestMain(m *testing.M) {
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "test/live:", err)
		code = 1
	}
	os.Exit(code)
}

func runAll(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "floorkeeper-live-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a folder of the system's temporary files
	program = filepath.Join(dir, "inputs.test")
	build := exec.Command("go", "test", "-c", "-tags", "live", "-o", program, "github.com/floorkeeper/floorkeeper/cmd/floorkeeper")
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("cannot build the inputs: %w: %s", err, out)
	}
	if cluster, err = controlplane.Start(context.Background(), controlplane.Options{}); err != nil {
		return 1, err
	}
	code = m.Run()
	return code, cluster.Stop()
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
