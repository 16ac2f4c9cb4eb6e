package binaries

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

const (
	// coreMinutes is what a build without any Go build cache costs, in minutes of one processor.
	coreMinutes = 15
	// reminder is how often a long step prints that it still runs.
	reminder = 20 * time.Second
)

// builder builds the targets of a source into dir.
type builder struct {
	source
	dir      string
	subject  string // begins each line of progress
	progress io.Writer
}

// buildMissing builds, one after the other, the targets whose programs dir lacks. An interrupted build keeps what it
// finished.
func (b builder) buildMissing(ctx context.Context) error {
	lacks := missing(b.dir)
	list := slices.DeleteFunc(targets(), func(t target) bool {
		return !slices.ContainsFunc(t.programs(), func(name string) bool { return slices.Contains(lacks, name) })
	})
	cores := runtime.NumCPU()
	b.printf("builds Kubernetes %s, etcd %s and kwok %s from source, up to %d minutes on %d cores, into %s",
		b.kubernetes, b.etcd, b.kwok, (coreMinutes+cores-1)/cores, cores, b.dir)
	start := time.Now()
	for i, t := range list {
		what := fmt.Sprintf("%s (%d of %d)", strings.Join(t.programs(), ", "), i+1, len(list))
		b.printf("building %s", what)
		began := time.Now()
		if err := b.reminding(what, func() error { return b.build(ctx, t) }); err != nil {
			return fmt.Errorf("cannot build %s: %w", t.name, err)
		}
		if err := link(b.dir, t.name, t.programs()); err != nil {
			return err
		}
		b.printf("built %s in %s", what, time.Since(began).Round(time.Second))
	}
	b.printf("built the control plane in %s", time.Since(start).Round(time.Second))
	return nil
}

// reminding runs a step and prints, while it lasts, that it still runs.
func (b builder) reminding(what string, step func() error) error {
	began := time.Now()
	ticker := time.NewTicker(reminder)
	defer ticker.Stop()
	done := make(chan error, 1)
	go func() { done <- step() }()
	for {
		select {
		case err := <-done:
			return err
		case <-ticker.C:
			b.printf("still building %s, %s so far", what, time.Since(began).Round(time.Second))
		}
	}
}

// build makes one target under a temporary name and gives it its name when it is complete.
func (b builder) build(ctx context.Context, t target) error {
	file := filepath.Join(b.dir, t.name)
	partial := file + ".partial"
	if t.pkg == "" {
		if err := b.writeStages(ctx, partial); err != nil {
			return err
		}
		return os.Rename(partial, file)
	}
	args := slices.Concat([]string{"build"}, b.flags(t.module), []string{"-o", partial, t.pkg})
	if _, err := b.run(ctx, t.module, args...); err != nil {
		return err
	}
	return os.Rename(partial, file)
}

// writeStages collects kwok's own stages for Nodes that are Ready and keep a Lease, and for Pods that are Ready at
// once.
func (b builder) writeStages(ctx context.Context, file string) error {
	dir, err := b.run(ctx, components, "list", "-find", "-f", "{{.Module.Dir}}", "sigs.k8s.io/kwok/pkg/kwok/cmd")
	if err != nil {
		return err
	}
	var stages [][]byte
	for _, name := range []string{
		"node/fast/node-initialize.yaml",
		"node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
		"pod/fast/pod-ready.yaml",
		"pod/fast/pod-complete.yaml",
		"pod/fast/pod-delete.yaml",
	} {
		stage, err := os.ReadFile(filepath.Join(dir, "kustomize", "stage", filepath.FromSlash(name)))
		if err != nil {
			return fmt.Errorf("cannot read a stage of kwok: %w", err)
		}
		stages = append(stages, stage)
	}
	return os.WriteFile(file, bytes.Join(stages, []byte("\n---\n")), 0o644)
}

// run runs the go command in a nested module for this machine, without cgo and whatever go.work says, and returns its
// output. Proxy and flags are those of the environment. The compilers may use more memory, which saves a sixth of their
// time.
func (b builder) run(ctx context.Context, module string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = filepath.Join(b.source.dir, module)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH, "GOGC=400")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // It stops its compilers then.
	cmd.WaitDelay = 10 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("go %s in %s: %w\n%s", args[0], cmd.Dir, err, tail(stderr.String(), 20))
	}
	return strings.TrimSpace(stdout.String()), nil
}

func (b builder) printf(format string, args ...any) {
	fmt.Fprintf(b.progress, b.subject+": "+format+"\n", args...)
}

// tail returns the last n lines of a text.
func tail(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
