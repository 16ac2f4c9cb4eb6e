package binaries

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Program is a command that tests need besides the control plane, and that a nested module of its own builds.
type Program struct {
	Name    string // The name of the file, which some programs take for their own.
	Dir     string // The directory of the nested module.
	Package string // The main package, as go build takes it.
	Version string // The required module whose version, for people, names the directory in the cache.
}

// Build returns the path of the program in the user's cache directory. A program that is missing there is built first,
// which prints its progress to progress, in lines that begin with subject. The file is always complete, and concurrent
// calls wait for each other, as with Dir.
func (p Program) Build(ctx context.Context, subject string, progress io.Writer) (string, error) {
	dir, err := p.cacheDir(subject)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, p.Name)
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("cannot create the directory of %s: %w", p.Name, err)
	}
	unlock, err := lock(ctx, filepath.Join(dir, ".lock"), subject, progress)
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(file); err == nil { // Another process has built it meanwhile.
		return file, nil
	}
	b := builder{source: p.source(), dir: dir, subject: subject, progress: progress}
	what := filepath.Base(dir)
	b.printf("building %s, a minute or two the first time, into %s", what, dir)
	began := time.Now()
	if err := b.reminding(what, func() error { return b.build(ctx, p.target()) }); err != nil {
		return "", fmt.Errorf("cannot build %s: %w", what, err)
	}
	b.printf("built %s in %s", what, time.Since(began).Round(time.Second))
	return file, nil
}

func (p Program) source() source { return source{dir: filepath.Dir(p.Dir)} }

func (p Program) target() target { return target{p.Name, filepath.Base(p.Dir), p.Package} }

// cacheDir is named after the version, for people, and after all that the nested module consists of.
func (p Program) cacheDir(subject string) (string, error) {
	version, err := requirement(filepath.Join(p.Dir, "go.mod"), p.Version)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintln(h, p.target(), p.source().flags(filepath.Base(p.Dir)), runtime.GOOS, runtime.GOARCH)
	files, err := os.ReadDir(p.Dir)
	if err != nil {
		return "", fmt.Errorf("cannot read the recipe of %s: %w", p.Name, err)
	}
	for _, file := range files {
		if name := file.Name(); strings.HasSuffix(name, ".go") || name == "go.mod" || name == "go.sum" {
			text, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				return "", fmt.Errorf("cannot read the recipe of %s: %w", p.Name, err)
			}
			fmt.Fprintln(h, name, len(text))
			h.Write(text)
		}
	}
	return inCache(subject, fmt.Sprintf("%s-%s-%x", filepath.Base(p.Dir), version, h.Sum(nil)[:6]))
}
