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
		var before, after []string
		if before, err = places(path); err == nil {
			files, err = readFiles(path, before)
		}
		if after, _ = places(path); err == nil && slices.Equal(before, after) {
			break
		}
	}
	return files, err
}

// ReadFrom reads a schedule file from r.
func ReadFrom(r io.Reader, name string) (File, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFileSize+1)) // one more, so that Parse sees that it is too large
	if err != nil {
		return File{}, fmt.Errorf("cannot read %s: %w", name, err)
	}
	return File{Name: name, Data: data}, nil
}

// places returns where the links of a directory's schedule files lead, each after the name of its file.
func places(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot read the schedule: %w", err)
	}
	var all []string
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || strings.HasPrefix(name, ".") || filepath.Ext(name) != ".yaml" {
			continue
		}
		place, err := filepath.EvalSymlinks(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("cannot read the schedule: %w", err)
		}
		all = append(all, name, place)
	}
	if len(all) == 0 {
		return nil, Problems{{
			File: dir, Severity: SeverityError, Rule: RuleNoFile,
			Message: "the directory holds no *.yaml file; an intended empty schedule is a file that writes windows: []",
		}}
	}
	return all, nil
}

func readFiles(dir string, places []string) ([]File, error) {
	var files []File
	for i := 0; i < len(places); i += 2 {
		file, err := readFile(filepath.Join(dir, places[i]))
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
