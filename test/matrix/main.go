// Command matrix runs the suites e2e, gitops and policies on every supported release of Kubernetes, or on those that are
// named, one after the other, and writes what came of it into docs/versions.md, and the range into README.md. What that page
// says of the same commit is not run again, so that it goes on where it was interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane/binaries"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "matrix:", err)
		stop()
		os.Exit(1)
	}
}

// suites are the packages below test/ that run.
func suites() []string { return []string{"e2e", "gitops", "policies"} }

// matrix is a run.
type matrix struct {
	stamp string // the date and the commit, as the page has them
	out   io.Writer
	page  *page
}

// run plays all releases although some fail, and fails then.
func run(ctx context.Context, names []string, out io.Writer) error {
	all, err := binaries.Releases(ctx)
	if err != nil {
		return err
	}
	releases, err := chosen(all, names)
	if err != nil {
		return err
	}
	commit, err := tested(ctx)
	if err != nil {
		return err
	}
	p, err := readPage("docs/versions.md", all)
	if err != nil {
		return err
	}
	m := &matrix{stamp: time.Now().Format("2 January 2006") + " at " + commit, out: out, page: p}
	var failures []error
	for _, release := range releases {
		left := slices.DeleteFunc(suites(), func(suite string) bool { return p.done(release, suite, commit) })
		if len(left) == 0 {
			m.printf("Kubernetes %s was run at %s, see docs/versions.md", release, commit)
			continue
		}
		if err := m.play(ctx, release, left); err != nil {
			failures = append(failures, err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errors.Join(failures...)
}

// chosen returns the releases that names mean, or all.
func chosen(all, names []string) (list []string, err error) {
	if len(names) == 0 {
		return all, nil
	}
	for _, name := range names {
		release, err := binaries.Release(all, name)
		if err != nil {
			return nil, err
		}
		list = append(list, release)
	}
	return list, nil
}

// tested returns the last commit that changed more than documents. Changes that are not committed are an error.
func tested(ctx context.Context) (string, error) {
	changed, err := git(ctx, "status", "--porcelain")
	if err != nil {
		return "", err
	}
	if changed != "" {
		return "", fmt.Errorf("cannot name what is tested: commit these changes first:\n%s", changed)
	}
	return git(ctx, "log", "-1", "--format=%h", "--abbrev=7")
}

// git runs a git command about all files but documents.
func git(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, "git", append(args, "--", ".", ":(exclude)docs", ":(exclude)*.md")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cannot ask git: %w: %s", err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// play describes a release and runs suites on it. The page has each as soon as it has ended.
func (m *matrix) play(ctx context.Context, release string, suites []string) error {
	m.printf("Kubernetes %s: its control plane, and how soon its HPA controller acts on a raised floor", release)
	if err := os.Setenv(binaries.Variable, release); err != nil { // for controlplane.Start, and for the suites
		return err
	}
	row, err := describe(ctx, release)
	if err != nil {
		return fmt.Errorf("cannot describe Kubernetes %s: %w", release, err)
	}
	m.page.replace(described, release, "", row)
	var failures []error
	for _, name := range suites {
		s, err := m.suite(ctx, release, name)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		m.page.replace(results, release, name, s.row(release, m.stamp))
		m.page.replace(omitted, release, name, s.omitted(release)...)
		if err := m.page.write(); err != nil {
			return err
		}
		m.printf("Kubernetes %s: %s", release, s)
		if len(s.failed) > 0 {
			failures = append(failures, fmt.Errorf("%s failed on Kubernetes %s, see %s", name, release, s.log))
		}
	}
	return errors.Join(failures...)
}

// suite compiles a suite and runs it in its folder.
func (m *matrix) suite(ctx context.Context, release, name string) (*suite, error) {
	dir, err := filepath.Abs(filepath.Join("bin", "matrix"))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("cannot make a folder for the suites: %w", err)
	}
	binary := filepath.Join(dir, name+".test")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-ldflags=-s", "-o", binary, "./test/"+name)
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("cannot compile test/%s: %w: %s", name, err, out)
	}
	m.printf("Kubernetes %s: %s runs", release, name)
	s := &suite{name: name, log: filepath.Join(dir, release+"-"+name+".log"), ended: map[string]string{}, said: map[string]string{}}
	return s, s.run(ctx, binary)
}

func (m *matrix) printf(format string, args ...any) {
	fmt.Fprintf(m.out, "matrix: "+format+"\n", args...)
}
