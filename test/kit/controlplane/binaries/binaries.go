package binaries

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// StagesFile is the name, beside the binaries, of the kwok stages that make Nodes and Pods Ready at once.
const StagesFile = "kwok-stages.yaml"

// subject begins the lines that tell how far the build of the control plane is.
const subject = "controlplane"

// Dir returns the directory that holds every binary of the control plane and the StagesFile. What is missing is built
// first, which takes minutes the first time and prints its progress, in lines, to progress.
//
// Binaries that the directory named by the environment variable KUBEBUILDER_ASSETS holds are used as they are, whatever
// their version. A file in the returned directory is always complete: it is built under another name and then renamed,
// and concurrent calls, also from other processes, wait for each other.
func Dir(ctx context.Context, progress io.Writer) (string, error) {
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
	if len(missing(dir)) == 0 {
		return dir, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("cannot create the directory of the binaries: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(dir, ".lock"), subject, progress)
	if err != nil {
		return "", err
	}
	defer unlock()
	if err := link(dir, assets); err != nil {
		return "", err
	}
	b := builder{source: src, dir: dir, subject: subject, progress: progress}
	return dir, b.buildMissing(ctx)
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
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("cannot find the user's cache directory: %w", err)
	}
	sum, err := src.hash(assets)
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("%s-kwok%s-%s", src.kubernetes, src.kwok[1:], sum)
	return filepath.Join(cache, "floorkeeper", "controlplane", name), nil
}

// missing lists the targets that dir does not hold yet.
func missing(dir string) []target {
	var list []target
	for _, t := range targets() {
		if _, err := os.Stat(filepath.Join(dir, t.name)); err != nil {
			list = append(list, t)
		}
	}
	return list
}

// link puts symbolic links into dir to those binaries that the directory assets holds.
func link(dir, assets string) error {
	if assets == "" {
		return nil
	}
	for _, t := range missing(dir) {
		path := filepath.Join(assets, t.name)
		if info, err := os.Stat(path); err != nil || info.Mode()&0o111 == 0 {
			continue
		}
		name := filepath.Join(dir, t.name)
		if err := os.RemoveAll(name); err != nil { // A link whose target is gone.
			return fmt.Errorf("cannot replace %s: %w", name, err)
		}
		if err := os.Symlink(path, name); err != nil {
			return fmt.Errorf("cannot use %s: %w", path, err)
		}
	}
	return nil
}
