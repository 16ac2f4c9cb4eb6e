package binaries

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// StagesFile is the name, beside the binaries, of the kwok stages that make Nodes and Pods Ready at once.
const StagesFile = "kwok-stages.yaml"

// subject begins the lines of progress of the control plane.
const subject = "controlplane"

// Dir returns the directory that holds every binary of the control plane and the StagesFile. What is missing is
// downloaded, or built where a download site cannot be reached or is not right, or where the environment variable
// FLOORKEEPER_BUILD is set. Both print their progress, in lines, to progress; a build takes minutes.
//
// Binaries that the directory named by the environment variable KUBEBUILDER_ASSETS holds are used as they are: they must be of
// the newest minor version, for tests fail where those lack something. The Variable chooses an older release. A file in the
// returned directory is always complete: it is made under another name and then renamed, and concurrent calls, also from
// other processes, wait for each other.
func Dir(ctx context.Context, progress io.Writer) (string, error) {
	if name := os.Getenv(Variable); name != "" {
		return chosen(ctx, name, progress)
	}
	return newest(ctx, progress)
}

// newest returns the directory with the binaries of the module components.
func newest(ctx context.Context, progress io.Writer) (string, error) {
	assets, err := assetsDir()
	if err != nil {
		return "", err
	}
	if assets != "" && len(missing(assets)) == 0 {
		return assets, nil
	}
	src, err := findSource(ctx)
	if err != nil {
		return "", err
	}
	dir, err := cacheDir(src, assets)
	if err != nil {
		return "", err
	}
	b := builder{source: src, dir: dir, subject: subject, progress: progress}
	asTheyAre := func(list []download) []download { return list }
	return dir, b.complete(ctx, func() error { return linkAssets(dir, assets) }, asTheyAre, b.buildMissing)
}

// complete makes what the directory lacks, one process after the other. It puts links there, and then downloads the rest from
// where the list says after a change, or builds it.
func (b builder) complete(ctx context.Context, links func() error, change func([]download) []download, build func(context.Context) error) error {
	if len(missing(b.dir)) == 0 {
		return nil
	}
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return fmt.Errorf("cannot create the directory of the binaries: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(b.dir, ".lock"), subject, b.progress)
	if err != nil {
		return err
	}
	defer unlock()
	if err := links(); err != nil {
		return err
	}
	lacks := missing(b.dir)
	if len(lacks) == 0 { // Another process has made them meanwhile.
		return nil
	}
	list := change(downloads(releases, runtime.GOOS+"/"+runtime.GOARCH, lacks))
	if os.Getenv("FLOORKEEPER_BUILD") != "" {
		list = nil
	}
	d := &downloader{dir: b.dir, printf: b.printf, interval: 5 * time.Second, rate: 1 << 20}
	return d.fetchOr(ctx, list, build)
}

// assetsDir is the absolute path that KUBEBUILDER_ASSETS names, or empty.
func assetsDir() (string, error) {
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if assets == "" {
		return "", nil
	}
	dir, err := filepath.Abs(assets)
	if err != nil {
		return "", fmt.Errorf("cannot resolve KUBEBUILDER_ASSETS: %w", err)
	}
	return dir, nil
}

// cacheDir is named after the versions, for people, and after the recipe, so that a changed recipe builds anew.
func cacheDir(src source, assets string) (string, error) {
	sum, err := src.hash(assets)
	if err != nil {
		return "", err
	}
	return inCache(subject, fmt.Sprintf("%s-kwok%s-%s", src.kubernetes, src.kwok[1:], sum))
}

// inCache returns a directory in the user's cache. Those with one subject are beside each other.
func inCache(subject, name string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("cannot find the user's cache directory: %w", err)
	}
	return filepath.Join(cache, "floorkeeper", subject, name), nil
}

// missing lists the programs, and the StagesFile, that dir does not hold yet.
func missing(dir string) []string {
	var list []string
	for _, t := range targets() {
		for _, name := range t.programs() {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				list = append(list, name)
			}
		}
	}
	return list
}

// linkAssets puts symbolic links into dir to those missing programs that the directory assets holds.
func linkAssets(dir, assets string) error {
	if assets == "" {
		return nil
	}
	for _, name := range missing(dir) {
		path := filepath.Join(assets, name)
		if info, err := os.Stat(path); err != nil || info.Mode()&0o111 == 0 {
			continue
		}
		if err := link(dir, path, []string{name}); err != nil {
			return err
		}
	}
	return nil
}

// link puts symbolic links to a file into dir, under those names that dir lacks.
func link(dir, file string, names []string) error {
	for _, name := range names {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			continue
		}
		if err := os.RemoveAll(path); err != nil { // A link whose target is gone.
			return fmt.Errorf("cannot replace %s: %w", path, err)
		}
		if err := os.Symlink(file, path); err != nil {
			return fmt.Errorf("cannot use %s: %w", file, err)
		}
	}
	return nil
}
