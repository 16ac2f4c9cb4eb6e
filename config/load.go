package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// maxFileSize is what a ConfigMap holds.
const maxFileSize = 1 << 20

// attempts is how often a directory is read anew because it was swapped meanwhile.
const attempts = 5

var errNotRegular = errors.New("it is neither a file nor a directory")

// File is a schedule file. Name is how problems call it.
type File struct {
	Name string
	Data []byte
}

// Loaded is a schedule and what it was made from.
type Loaded struct {
	Schedule *schedules.Schedule
	SHA256   string // over the base names and contents of the files, in hexadecimal
	Files    []File
}

// Load reads and parses a file or a directory, see [Read] and [Parse].
func Load(path string) (*Loaded, error) {
	files, err := Read(path)
	if err != nil {
		return nil, err
	}
	return load(files)
}

func load(files []File) (*Loaded, error) {
	schedule, err := Parse(files...)
	if err != nil {
		return nil, err
	}
	return &Loaded{Schedule: schedule, SHA256: hash(files), Files: files}, nil
}

// Read reads a file, or all *.yaml files of a directory in the order of their names: not those of its subdirectories,
// and none whose name begins with a dot. Links are followed. A directory that is swapped while it is read, as kubelet
// and git-sync do it, is read again, so that the files belong together.
//
// The error is Problems where the directory holds no such file.
func Read(path string) ([]File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the schedule: %w", err)
	}
	if !info.IsDir() {
		file, err := readFile(path)
		return []File{file}, err
	}
	var files []File
	for range attempts {
		paths, places, err := list1(path)
		if err != nil {
			return nil, err
		}
		if files, err = readFiles(paths); err != nil {
			return nil, err
		}
		if _, now, err := list1(path); err == nil && slices.Equal(places, now) {
			break
		}
	}
	return files, nil
}

// ReadFrom reads a schedule file from r.
func ReadFrom(r io.Reader, name string) (File, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFileSize+1)) // one more, so that Parse sees that it is too large
	if err != nil {
		return File{}, fmt.Errorf("cannot read %s: %w", name, err)
	}
	return File{Name: name, Data: data}, nil
}

// list1 returns the schedule files of a directory, and where their links lead.
func list1(dir string) (paths, places []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read the schedule: %w", err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || strings.HasPrefix(name, ".") || filepath.Ext(name) != ".yaml" {
			continue
		}
		path := filepath.Join(dir, name)
		place, err := filepath.EvalSymlinks(path)
		if err != nil {
			return nil, nil, fmt.Errorf("cannot read the schedule: %w", err)
		}
		paths, places = append(paths, path), append(places, place)
	}
	if len(paths) == 0 {
		return nil, nil, Problems{{File: dir, Severity: Error, Rule: RuleNoFile,
			Message: "the directory holds no *.yaml file; an intended empty schedule is a file that writes windows: []"}}
	}
	return paths, places, nil
}

func readFiles(paths []string) ([]File, error) {
	files := make([]File, 0, len(paths))
	for _, path := range paths {
		file, err := readFile(path)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

func readFile(path string) (File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() { // a pipe would block for ever
		err = &os.PathError{Op: "open", Path: path, Err: errNotRegular}
	}
	if err != nil {
		return File{}, fmt.Errorf("cannot read the schedule: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return File{}, fmt.Errorf("cannot read the schedule: %w", err)
	}
	defer f.Close()
	return ReadFrom(f, path)
}

// hash returns the SHA-256 of names and contents.
func hash(files []File) string {
	h := sha256.New()
	for _, file := range files {
		fmt.Fprintf(h, "%s\x00%d\x00", filepath.Base(file.Name), len(file.Data))
		h.Write(file.Data)
	}
	return hex.EncodeToString(h.Sum(nil))
}
