package manifests

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/text"
)

// maxFileSize bounds what is read into memory: some 25,000 HPAs.
const maxFileSize = 64 << 20

// Read reads a file, or all *.yaml, *.yml and *.json files of a directory in the order of their names: not those of its
// subdirectories, and none whose name begins with a dot. What it passes over is among the problems: a subdirectory with
// such files, and a file that cannot be read. The error is source.Problems where the directory holds none.
func Read(path string) (files []source.File, passed source.Problems, err error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		file, err := source.ReadFile(path, maxFileSize, true)
		if err != nil {
			return nil, nil, fmt.Errorf("cannot read manifests: %w", err)
		}
		return []source.File{file}, nil, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read manifests: %w", err)
	}
	for _, entry := range entries {
		file, problem := readEntry(filepath.Join(path, entry.Name()))
		if problem != nil {
			passed = append(passed, *problem)
		} else if file.Name != "" {
			files = append(files, file)
		}
	}
	if len(files) == 0 {
		return nil, nil, noFile(path, passed)
	}
	return files, passed, nil
}

func readEntry(path string) (file source.File, passed *source.Problem) {
	if strings.HasPrefix(filepath.Base(path), ".") {
		return source.File{}, nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if source.FindFile(path, isManifest) {
			passed = new(source.Place{File: path}.Problem(source.SeverityNote, RuleUnread, "a directory is not read"))
		}
		return source.File{}, passed
	}
	if !isManifest(path) {
		return source.File{}, nil
	}
	file, err := source.ReadFile(path, maxFileSize, false)
	if err != nil {
		return source.File{}, new(source.Place{File: path}.Problem(source.SeverityWarning, RuleUnread, "it is not read: "+err.Error()))
	}
	return file, nil
}

func isManifest(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(filepath.Ext(name)))
}

func noFile(dir string, passed source.Problems) source.Problems {
	message := "the directory holds no *.yaml, *.yml or *.json file"
	var give []string
	for _, p := range passed {
		if p.Severity == source.SeverityNote {
			give = append(give, p.File)
		}
	}
	if len(give) > 0 {
		message += ", and its subdirectories are not read; give them: " + text.List(give, ", ", maxNames)
	}
	return source.Problems{source.Place{File: dir}.Problem(source.SeverityError, RuleNoFile, message)}
}

// ReadFrom reads a file from r, which problems call by the name given.
func ReadFrom(r io.Reader, name string) (source.File, error) {
	return source.ReadFrom(r, name, maxFileSize)
}

// document is one document of a file, and the line on which its text begins.
type document struct {
	line int
	text []byte
}

// decoded returns text as UTF-8 and without a byte order mark. Windows PowerShell writes UTF-16 where output is
// redirected into a file.
func decoded(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return fromUTF16(data[2:], binary.LittleEndian), nil
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return fromUTF16(data[2:], binary.BigEndian), nil
	case !utf8.Valid(data):
		return nil, errors.New("this is not text in UTF-8; save the file as UTF-8")
	default:
		return bytes.TrimPrefix(data, []byte("\ufeff")), nil
	}
}

func fromUTF16(data []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// documents splits text at the lines that YAML separates documents with, --- and ..., and leaves out documents of white
// space, comments and directives alone. Such a line separates wherever it is, even in quoted text (YAML 1.2, 9.1.2).
// JSON has none of them. What follows --- on its line belongs to the document.
func documents(text []byte) []document {
	var all []document
	begin, line, number := 0, 1, 0
	add := func(end int) {
		if d := (document{line, text[begin:end]}).trimmed(); len(d.text) > 0 {
			all = append(all, d)
		}
	}
	for at := 0; at < len(text); {
		number++
		next := at + lineLength(text[at:])
		switch {
		case marks(text[at:next], "---"):
			add(at)
			begin, line = at, number
		case marks(text[at:next], "..."):
			add(at)
			begin, line = next, number+1
		}
		at = next
	}
	add(len(text))
	return all
}

func lineLength(text []byte) int {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return i + 1
	}
	return len(text)
}

// marks reports whether a line is the marker, or begins with it and white space.
func marks(line []byte, marker string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(marker))
	return ok && (len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0)
}

// lineOf returns the line of the file for one of the document's text, counted from 1. The YAML library also counts line
// breaks that nothing else takes for one.
func (d document) lineOf(line int) int {
	last := d.line + bytes.Count(bytes.TrimRight(d.text, "\n"), []byte("\n"))
	return min(d.line+max(line-1, 0), last)
}

// trimmed returns the document from its first line with content on, with directives left out: none changes what a
// manifest means. The marker stays where content follows it on its line.
func (d document) trimmed() document {
	for len(d.text) > 0 {
		n := lineLength(d.text)
		line := bytes.TrimSpace(document{text: bytes.TrimSpace(d.text[:n])}.unmarked())
		if len(line) > 0 && line[0] != '#' && (line[0] != '%' || d.text[0] != '%') {
			break
		}
		d = document{d.line + 1, d.text[n:]}
	}
	return d
}

func (d document) unmarked() []byte {
	if marks(d.text, "---") {
		return d.text[3:]
	}
	return d.text
}
