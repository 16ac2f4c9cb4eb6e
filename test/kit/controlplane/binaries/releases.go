package binaries

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Variable is the environment variable that chooses the Kubernetes release of the control plane by its minor version, such
// as 1.34. If it is not set, that is the release which the module components requires.
const Variable = "FLOORKEEPER_KUBERNETES"

// older are the other releases that the tests run on, the last of each minor version, the newest first.
func older() []string { return []string{"v1.36.4", "v1.35.4", "v1.34.4", "v1.33.13"} }

// Releases returns the Kubernetes releases that a control plane can have, such as v1.37.2, the newest first: that of the
// module components, and older ones.
func Releases(ctx context.Context) ([]string, error) {
	src, err := findSource(ctx)
	return append([]string{src.kubernetes}, older()...), err
}

// Older reports whether the Variable chooses a release that is older than that of the module components.
func Older() bool {
	_, err := Release(older(), os.Getenv(Variable))
	return err == nil
}

// Release returns the one of some releases that is meant by a name such as 1.34 or v1.34.4.
func Release(releases []string, name string) (string, error) {
	var names []string
	for _, release := range releases {
		minor := release[1:strings.LastIndexByte(release, '.')]
		if given := strings.TrimPrefix(name, "v"); given == minor || given == release[1:] {
			return release, nil
		}
		names = append(names, minor)
	}
	return "", fmt.Errorf("cannot use Kubernetes %q: choose %s", name, strings.Join(names, ", "))
}

// chosen returns the directory with the binaries of the release that a name means. Only what is Kubernetes' own is of that
// release: etcd and kwok are those of the module components.
func chosen(ctx context.Context, name string, progress io.Writer) (string, error) {
	if os.Getenv("KUBEBUILDER_ASSETS") != "" {
		return "", errors.New("cannot use both KUBEBUILDER_ASSETS and " + Variable + ": unset one of them")
	}
	src, err := findSource(ctx)
	if err != nil {
		return "", err
	}
	release, err := Release(append([]string{src.kubernetes}, older()...), name)
	if err != nil {
		return "", err
	}
	newest, err := newest(ctx, progress)
	if err != nil || release == src.kubernetes {
		return newest, err
	}
	return src.release(ctx, release, newest, progress)
}

// release returns the directory of an older release, with links to what it shares with the newest.
func (s source) release(ctx context.Context, release, newest string, progress io.Writer) (string, error) {
	dir, err := s.releaseDir(release)
	if err != nil {
		return "", err
	}
	links := func() error {
		for _, name := range []string{"etcd", "kwok", StagesFile} {
			if err := link(dir, filepath.Join(newest, name), []string{name}); err != nil {
				return err
			}
		}
		return nil
	}
	its := func(list []download) []download { return ofRelease(list, s.kubernetes, release) }
	older := s
	older.kubernetes = release
	b := builder{source: older, dir: dir, subject: subject, progress: progress}
	return dir, b.complete(ctx, links, its, b.buildRelease)
}

// ofRelease turns the downloads of Kubernetes' own files in one release into those in another.
func ofRelease(list []download, from, to string) []download {
	for i := range list {
		list[i].url, list[i].sum = strings.ReplaceAll(list[i].url, "/"+from+"/", "/"+to+"/"), published
	}
	return list
}

// ofKubernetes are the programs that every release has of its own.
func ofKubernetes() []string {
	return []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"}
}

// releaseDir is named like the directory of the newest.
func (s source) releaseDir(release string) (string, error) {
	s.kubernetes = release
	sum := sha256.Sum256(fmt.Append(nil, ofKubernetes(), s.flags(components), runtime.GOOS, runtime.GOARCH))
	return inCache(subject, fmt.Sprintf("%s-etcd%s-kwok%s-%x", release, s.etcd[1:], s.kwok[1:], sum[:6]))
}

// buildRelease builds all programs of a release, as its own main packages have them. Their module requires nothing but that
// release, so that every other version is the one in its go.mod file, and the checksum database knows what they hold.
func (b builder) buildRelease(ctx context.Context) error {
	const module, partial = "module", "partial"
	b.source.dir = b.dir // of the module
	b.printf("builds Kubernetes %s from source, about %d minutes on %d cores, into %s",
		b.kubernetes, (coreMinutes+runtime.NumCPU()-1)/runtime.NumCPU(), runtime.NumCPU(), b.dir)
	began := time.Now()
	args := slices.Concat([]string{"build", "-mod=mod"}, b.flags(components), []string{"-o", filepath.Join(b.dir, partial) + "/"})
	for _, name := range ofKubernetes() {
		args = append(args, "k8s.io/kubernetes/cmd/"+name)
	}
	err := b.reminding("Kubernetes "+b.kubernetes, func() error {
		if err := b.writeModule(ctx, module); err != nil {
			return err
		}
		_, err := b.run(ctx, module, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("cannot build Kubernetes %s: %w", b.kubernetes, err)
	}
	for _, name := range ofKubernetes() {
		if err := os.Rename(filepath.Join(b.dir, partial, name), filepath.Join(b.dir, name)); err != nil {
			return err
		}
	}
	b.printf("built Kubernetes %s in %s", b.kubernetes, time.Since(began).Round(time.Second))
	return os.Remove(filepath.Join(b.dir, partial))
}

// writeModule writes the go.mod file of a module that builds the release.
func (b builder) writeModule(ctx context.Context, module string) error {
	dir := filepath.Join(b.dir, module)
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return err
	}
	answer, err := b.run(ctx, module, "mod", "download", "-json", "k8s.io/kubernetes@"+b.kubernetes)
	if err != nil {
		return err
	}
	var downloaded struct{ GoMod string }
	if err := json.Unmarshal([]byte(answer), &downloaded); err != nil {
		return fmt.Errorf("cannot read where the module is: %w", err)
	}
	text, err := os.ReadFile(downloaded.GoMod)
	if err != nil {
		return fmt.Errorf("cannot read the go.mod file of Kubernetes: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, "go.mod"), []byte(goMod(b.kubernetes, string(text))), 0o644)
}

// goMod makes that file from Kubernetes' own: the modules that this one replaces by folders beside it are published too, as
// v0 of the same release.
func goMod(release, itsOwn string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "module release\n\nrequire k8s.io/kubernetes %s\n", release)
	for line := range strings.Lines(itsOwn) {
		words := strings.Fields(line)
		switch {
		case len(words) == 2 && (words[0] == "go" || words[0] == "godebug"):
			fmt.Fprintln(&text, words[0], words[1])
		case len(words) == 3 && words[1] == "=>" && strings.HasPrefix(words[2], "./staging/"):
			fmt.Fprintf(&text, "replace %s => %[1]s v0%s\n", words[0], strings.TrimPrefix(release, "v1"))
		}
	}
	return text.String()
}
