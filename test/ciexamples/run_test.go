package ciexamples

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/yaml"
)

// result is what a script left behind.
type result struct {
	code   int
	output string // of both streams
}

// bash runs a script as both runners do: it ends at the first command that fails. Nothing of this process's environment
// is there but PATH.
func bash(t *testing.T, dir, script string, env map[string]string) result {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script.sh")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // a script that asks for page after page would not end
	defer cancel()
	command := exec.CommandContext(ctx, "bash", "--noprofile", "--norc", "-eo", "pipefail", path)
	command.Dir = dir
	command.Env = []string{"PATH=" + tools + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	command.WaitDelay = time.Second // for what the script started
	err := command.Run()
	if exit := (&exec.ExitError{}); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	t.Logf("exit code %d:\n%s", command.ProcessState.ExitCode(), output.String())
	return result{command.ProcessState.ExitCode(), output.String()}
}

// example reads a file of docs/ci-examples.
func example(t *testing.T, name string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join("../../docs/ci-examples", name))), into); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
