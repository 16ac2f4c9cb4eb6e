package config

import (
	"os"
	"path/filepath"

	"github.com/fsnotify/fsnotify"
)

// newWatcher watches every directory in which a change can change what the path leads to. Where that fails, the limit of
// watches may be reached, there are fewer events, or no watcher at all.
func newWatcher(path string) *fsnotify.Watcher {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil
	}
	for dir := range watched(path) {
		_ = watcher.Add(dir) // perhaps gone again; the poll will find out
	}
	return watcher
}

// watched returns the directories to watch: the path itself if it is one, and the parents of the path and of every link
// on the way to it, or, where a parent is gone, the nearest directory above it.
func watched(path string) map[string]bool {
	dirs := map[string]bool{}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		dirs[path] = true
	}
	follow(path, dirs, 0)
	return dirs
}

// follow adds the parents of the path and of the links on the way to it.
func follow(path string, dirs map[string]bool, depth int) {
	const tooDeep = 20 // the links go round in a circle
	path, err := filepath.Abs(path)
	if err != nil || depth > tooDeep {
		return
	}
	dirs[existing(filepath.Dir(path))] = true
	for at := path; at != filepath.Dir(at); at = filepath.Dir(at) {
		target, err := os.Readlink(at)
		if err != nil {
			continue
		}
		dirs[existing(filepath.Dir(at))] = true
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(at), target)
		}
		rest, _ := filepath.Rel(at, path)
		follow(filepath.Join(target, rest), dirs, depth+1)
	}
}

// existing returns the directory, or the nearest above it that exists.
func existing(dir string) string {
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}
