package binaries_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane/binaries"
)

// TestProgramIsBuiltOncePerRecipe builds a program in a cache of its own: once, until something of its module changes.
func TestProgramIsBuiltOncePerRecipe(t *testing.T) {
	builds, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOCACHE", strings.TrimSpace(string(builds)))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", os.Getenv("XDG_CACHE_HOME")) // the cache is below it on other systems
	dir := filepath.Join(t.TempDir(), "greeter")
	write(t, filepath.Join(dir, "go.mod"), "module greeter\n\ngo 1.26.0\n\nrequire example.com/words v1.2.3\n\nreplace example.com/words => ./words\n")
	write(t, filepath.Join(dir, "go.sum"), "")
	write(t, filepath.Join(dir, "words", "go.mod"), "module example.com/words\n")
	write(t, filepath.Join(dir, "words", "words.go"), "package words\n\nconst Greeting = \"hello\"\n")
	write(t, filepath.Join(dir, "main.go"), "package main\n\nimport \"example.com/words\"\n\nfunc main() { print(words.Greeting) }\n")
	program := binaries.Program{Name: "greet", Dir: dir, Package: ".", Version: "example.com/words"}
	build := func() (path, progress string) {
		t.Helper()
		var lines strings.Builder
		path, err := program.Build(t.Context(), "tools", &lines)
		if err != nil {
			t.Fatal(err)
		}
		return path, lines.String()
	}

	path, progress := build()
	if out, err := exec.CommandContext(t.Context(), path).CombinedOutput(); err != nil || string(out) != "hello" {
		t.Errorf("%s says %q (%v), want hello", path, out, err)
	}
	if !strings.Contains(path, "tools/greeter-v1.2.3-") || !strings.Contains(progress, "tools: building greeter-v1.2.3-") {
		t.Errorf("the path %s or the progress %q does not tell what was built", path, progress)
	}
	if again, progress := build(); again != path || progress != "" {
		t.Errorf("a second call gave %s with progress %q, want %s with none", again, progress, path)
	}
	write(t, filepath.Join(dir, "main.go"), "package main\n\nfunc main() { print(\"other\") }\n")
	if changed, progress := build(); changed == path || progress == "" {
		t.Errorf("a changed program gave %s with progress %q, want it built anew", changed, progress)
	}
	write(t, filepath.Join(dir, "main.go"), "package main\n\nfunc main() { this is no Go }\n")
	if _, err := program.Build(t.Context(), "tools", &strings.Builder{}); err == nil || !strings.Contains(err.Error(), "cannot build greeter-v1.2.3-") {
		t.Errorf("a program that does not compile gave %v", err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
