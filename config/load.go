package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/source"
)

const (
	maxManifestSize = 32 << 20 // many manifests in one file

	// Of a schedule: run has all of it in memory.
	maxFiles = 1000
	maxTotal = 4 << 20
)

// bounded reports whether a schedule is not too large, and returns the index of the last file that counts.
func bounded(files []source.File) (last int, within bool) {
	total := 0
	for i, file := range files {
		if total += len(file.Data); total > maxTotal || i == maxFiles {
			return i, false
		}
	}
	return len(files) - 1, true
}

// Read reads a file, or all *.yaml files of a directory in the order of their names: not those of its subdirectories,
// and none whose name begins with a dot. Links are followed. A directory that is swapped while it is read, as kubelet
// and git-sync do it, is read again, so that the files belong together.
//
// The error is Problems where the directory holds no such file.
func Read(path string) ([]source.File, error) {
	return readPath(path, source.MaxFileSize, false)
}

// ReadManifests does the same for files that may be Kubernetes manifests, which are larger, and for pipes, as a shell
// makes them of <(command). See [Unwrap].
func ReadManifests(path string) ([]source.File, error) {
	return readPath(path, maxManifestSize, true)
}

func readPath(path string, most int64, pipes bool) (files []source.File, err error) {
	const attempts = 5 // to read a directory that is swapped meanwhile
	for range attempts {
		var before, after []link
		if before, err = links(path); err == nil {
			files, err = readFiles(before, most, pipes)
		}
		if after, _ = links(path); err == nil && slices.Equal(before, after) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the schedule: %w", err)
	}
	if len(files) == 0 {
		none := source.Place{File: path}.Problem(source.SeverityError, RuleNoFile,
			"the directory holds no *.yaml file; an intended empty schedule is a file that writes windows: []")
		return nil, append(source.Problems{none}, Unread(path)...)
	}
	return files, nil
}

// ReadFrom reads a schedule file, or manifests, from r.
func ReadFrom(r io.Reader, name string) (source.File, error) {
	return source.ReadFrom(r, name, maxManifestSize)
}

// Mounted returns the schedule files that a directory has when a volume with this data is mounted there, as [Read] would.
func Mounted(data map[string][]byte) []source.File {
	var files []source.File
	for _, name := range slices.Sorted(maps.Keys(data)) {
		if mountable(name) {
			files = append(files, source.File{Name: name, Data: data[name]})
		}
	}
	return files
}

func mountable(name string) bool {
	return !strings.HasPrefix(name, ".") && filepath.Ext(name) == ".yaml"
}

type link struct{ path, target string }

// links returns the schedule files of a directory, or the path itself where it is none.
func links(dir string) ([]link, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return []link{{path: dir}}, nil //nolint:nilerr // whoever reads the file reports why that fails
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []link
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || !mountable(name) {
			continue
		}
		path := filepath.Join(dir, name)
		target, err := filepath.EvalSymlinks(path)
		if err != nil {
			return nil, err
		}
		all = append(all, link{path, target})
	}
	return all, nil
}

func readFiles(links []link, most int64, pipes bool) ([]source.File, error) {
	var files []source.File
	for _, link := range links {
		file, err := source.ReadFile(link.path, most, pipes)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
		if _, within := bounded(files); !within && !pipes {
			break // parsing reports it
		}
	}
	return files, nil
}

// Hash returns the SHA-256 of the files' base names and contents, in hexadecimal, by which [Outcome] distinguishes revisions.
// It depends on their order, which is that of [Read].
func Hash(files []source.File) string {
	h := sha256.New()
	for _, file := range files {
		fmt.Fprintf(h, "%s\x00%d\x00", filepath.Base(file.Name), len(file.Data))
		h.Write(file.Data)
	}
	return hex.EncodeToString(h.Sum(nil))
}
