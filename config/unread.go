package config

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// Unread returns warnings of what a directory of schedules holds and [Read] does not read, though somebody may think so:
// files with another ending, and subdirectories. Of a file it returns none.
func Unread(path string) source.Problems {
	var unread source.Problems
	warn := func(at, format string, args ...any) {
		unread = append(unread, source.Place{File: at}.Problem(source.SeverityWarning, RuleUnread, fmt.Sprintf(format, args...)))
	}
	entries, _ := os.ReadDir(path) // whoever reads the files reports why that fails
	for _, entry := range entries {
		name := entry.Name()
		at := filepath.Join(path, name)
		info, err := os.Stat(at)
		switch {
		case err != nil || strings.HasPrefix(name, "."):
		case info.IsDir():
			if source.FindFile(at, namedAsYAML) {
				warn(at, "no file in this directory is read, as a directory of schedules has none in it; move its files up into %s", path)
			}
		case info.Mode().IsRegular() && !mountable(name) && mayBeSchedule(at):
			warn(at, "this file is not read, as only names that end in .yaml are; rename it to %s.yaml", strings.TrimSuffix(name, filepath.Ext(name)))
		}
	}
	return unread
}

func namedAsYAML(name string) bool {
	return slices.Contains([]string{".yaml", ".yml"}, strings.ToLower(filepath.Ext(name)))
}

// mayBeSchedule reports whether a file with another ending is meant to be read.
func mayBeSchedule(path string) bool {
	json := strings.EqualFold(filepath.Ext(path), ".json")
	if !json && !namedAsYAML(path) {
		return false
	}
	file, err := source.ReadFile(path, source.MaxFileSize, false)
	if err != nil || json {
		return bytes.Contains(file.Data, []byte(group))
	}
	roots, _ := source.Documents(file)
	return !manifests(file, roots)
}
