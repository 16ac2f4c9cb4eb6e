package manifests

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// maxFileSize bounds what is read into memory: some 25,000 HPAs.
const maxFileSize = 64 << 20

// Read reads a file, or all *.yaml, *.yml and *.json files of a directory in the order of their names: not those of its
// subdirectories, and none whose name begins with a dot. The error is source.Problems where the directory holds none.
func Read(path string) (files []source.File, err error) {
	paths := []string{path}
	if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
		if paths, err = inDirectory(path); err != nil {
			return nil, err
		}
	}
	for _, path := range paths {
		file, err := source.ReadFile(path, maxFileSize, true)
		if err != nil {
			return nil, fmt.Errorf("cannot read manifests: %w", err)
		}
		files = append(files, file)
	}
	return files, nil
}

func inDirectory(dir string) (paths []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot read manifests: %w", err)
	}
	for _, entry := range entries {
		name := entry.Name()
		path := filepath.Join(dir, name)
		if strings.HasPrefix(name, ".") || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name)) {
			continue
		}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			continue
		}
		paths = append(paths, path)
	}
	if len(paths) == 0 {
		return nil, source.Problems{{
			File: dir, Rule: RuleNoFile,
			Message: "the directory holds no *.yaml, *.yml or *.json file, and its subdirectories are not read; name them too",
		}}
	}
	return paths, nil
}

// ReadFrom reads a file from r, which problems call by the name given.
func ReadFrom(r io.Reader, name string) (source.File, error) {
	return source.ReadFrom(r, name, maxFileSize)
}
