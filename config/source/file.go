package source

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxFileSize is what a ConfigMap holds.
	MaxFileSize = 1 << 20
	// ByteOrderMark is what may begin a file, and is not part of its text.
	ByteOrderMark = "\ufeff"
)

// File is a schedule file. Name is how problems call it. One that is in a ConfigMap manifest has the manifest's name,
// and its problems lie there.
type File struct {
	Name string
	Data []byte

	within *embedded // where in the manifest
}

// ReadFile reads a file, and a pipe too if that is asked for: a process that runs for long would wait for one for ever.
// Of a larger file it reads one byte more than most, so that its size is seen to be too large.
func ReadFile(path string, most int64, pipes bool) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, err
	}
	if piped := info.Mode()&os.ModeNamedPipe != 0; !info.Mode().IsRegular() && (!piped || !pipes) {
		return File{}, &os.PathError{Op: "open", Path: path, Err: errors.New("it is neither a file nor a directory")}
	}
	f, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	return ReadFrom(f, path, most)
}

// FindFile reports whether a directory, or one in it, holds a file whose name is wanted. What begins with a dot is passed
// over, and after so many files that somebody has given the wrong directory it looks no further.
func FindFile(dir string, wanted func(name string) bool) bool {
	const most = 10_000
	found, seen := false, 0
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		seen++
		hidden := path != dir && strings.HasPrefix(entry.Name(), ".")
		switch {
		case seen > most:
			return filepath.SkipAll
		case err != nil || hidden && entry.IsDir():
			return filepath.SkipDir
		case !hidden && !entry.IsDir() && wanted(path):
			found = true
			return filepath.SkipAll
		}
		return nil
	})
	return found
}

// ReadFrom reads a file from r, which problems call by the name given, and one byte more than most at most.
func ReadFrom(r io.Reader, name string, most int64) (File, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		if wrapped := (*os.PathError)(nil); errors.As(err, &wrapped) { // which names the file too
			err = wrapped.Err
		}
		return File{}, fmt.Errorf("cannot read %s: %w", name, err)
	}
	return File{Name: name, Data: data}, nil
}

// CheckText reports what keeps a file from being text, and reports whether it is. Whatever passes has the lines and
// columns that an editor shows.
func CheckText(file File, out *Collector) bool {
	switch {
	case len(file.Data) > MaxFileSize:
		out.AddAt(file.place(1, 1), RuleFileTooLarge, fmt.Sprintf(
			"the file is larger than %d bytes (1 MiB), which is all that a ConfigMap holds; split it", MaxFileSize))
	case bytes.HasPrefix(file.Data, []byte("\xff\xfe")), bytes.HasPrefix(file.Data, []byte("\xfe\xff")):
		out.AddAt(file.place(1, 1), RuleInvalidUTF8, "the file is UTF-16; save it as UTF-8")
	default:
		return CheckCharacters(file, out)
	}
	return false
}

// CheckCharacters does so for each character.
func CheckCharacters(file File, out *Collector) bool {
	before := len(out.Problems)
	line, column := 1, 1
	for data := bytes.TrimPrefix(file.Data, []byte(ByteOrderMark)); len(data) > 0; {
		r, size := utf8.DecodeRune(data)
		if rule, message := CheckRune(r, data); rule != "" {
			out.AddAt(file.place(line, column), rule, message)
		}
		data = data[size:]
		if column++; r == '\n' {
			line, column = line+1, 1
		}
	}
	return len(out.Problems) == before
}

// CheckRune returns what is wrong with the character r with which data begins.
func CheckRune(r rune, data []byte) (rule, message string) {
	switch {
	case r == '\n' || r == '\t' || bytes.HasPrefix(data, []byte("\r\n")):
		return "", ""
	case r == utf8.RuneError && !bytes.HasPrefix(data, []byte("\ufffd")):
		return RuleInvalidUTF8, fmt.Sprintf("the byte 0x%02X is not valid UTF-8 here; save the file as UTF-8", data[0])
	case r == '\r':
		return RuleControlCharacter, "a carriage return without a line feed; end lines with LF or CRLF"
	case unicode.IsControl(r), r == '\u2028', r == '\u2029', r == '\ufeff', r == '\ufffe', r == '\uffff':
		return RuleControlCharacter, fmt.Sprintf("the control character U+%04X has no place in a schedule; remove it", r)
	}
	return "", ""
}

// Place is where something is in a file. Line and Column count from 1, in characters, and are 0 where the file or
// directory as a whole is meant. Within is 0, or the line of the text that is there: lines of a ConfigMap's
// quoted or folded text are no lines of the file.
type Place struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Within int    `json:"-"`
}

// String returns the place as compilers write it: file:line:column.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d%s", p.File, p.Line, p.Column, p.inside())
}

func (p Place) inside() string {
	if p.Within == 0 {
		return ""
	}
	return fmt.Sprintf(" (line %d of its text)", p.Within)
}

// Compare returns a negative number if the place is before another, and a positive one if it is behind that.
func (p Place) Compare(q Place) int {
	return cmp.Or(strings.Compare(p.File, q.File), p.Line-q.Line, p.Column-q.Column, p.Within-q.Within)
}

// Problem returns a problem at the place.
func (p Place) Problem(severity Severity, rule, message string) Problem {
	if p.Within > 0 {
		message = fmt.Sprintf("line %d of its text: %s", p.Within, message)
	}
	return Problem{Place: p, Message: message, Rule: rule, Severity: severity}
}

// Title returns the file's name, and if it is in a ConfigMap manifest, where.
func (f File) Title() string {
	if f.within == nil {
		return f.Name
	}
	return fmt.Sprintf("%s (%s)", f.Name, f.within.title)
}

// Embedded reports whether the file is the text of a ConfigMap manifest.
func (f File) Embedded() bool { return f.within != nil }

// Margin returns at which line of the manifest the data begins, counted from 0, and how many columns further right than
// in the data everything is. It returns false where the lines of the data are no lines of the manifest.
func (f File) Margin() (line, indent int, literal bool) {
	if f.within == nil || f.within.first == 0 {
		return 0, 0, false
	}
	return f.within.first - 1, f.within.indent, true
}

// place returns the place of a line and column of the file's data. In a manifest it always lies in that.
func (f File) place(line, column int) Place {
	at, in := Place{File: f.Name, Line: line, Column: column}, f.within
	switch {
	case in == nil:
		return at
	case in.first == 0:
		at = in.value
		at.Within = line
	default:
		at.Line, at.Column = in.first+line-1, column+in.indent
	}
	at.Line = min(at.Line, len(in.lines))
	at.Column = min(at.Column, utf8.RuneCountInString(strings.TrimSuffix(in.lines[at.Line-1], "\r"))+1)
	return at
}

type embedded struct {
	title  string   // "schedule.yaml of ConfigMap demo/schedule"
	value  Place    // of the text
	lines  []string // of the manifest
	first  int      // the line of the manifest that is the first of the data; 0 if the lines are not the manifest's
	indent int      // how many columns further right than in the data everything is
}

// Embed returns the file whose data is the text of a value in a manifest, given with the manifest's lines. The lines of
// a literal block are lines of the manifest, further right: this is made sure of line by line, so that no place is wrong.
func Embed(title string, value *Node, lines []string) File {
	o := &embedded{title: title, value: value.Place, lines: lines}
	text := strings.Split(strings.TrimRight(value.Text, "\n"), "\n")
	const most = 3 // an anchor may be on a line before that of the |
	for first := value.Place.Line + 1; value.Literal && first <= value.Place.Line+most; first++ {
		if indent, same := indentation(text, lines, first); same {
			o.first, o.indent = first, indent
			break
		}
	}
	return File{Name: value.Place.File, Data: []byte(value.Text), within: o}
}

// indentation returns how far text is indented in lines, from the line first on, and whether it is there at all.
func indentation(text, lines []string, first int) (indent int, same bool) {
	indent = -1
	for i, inner := range text {
		if first-1+i >= len(lines) {
			return 0, false
		}
		outer := strings.TrimSuffix(lines[first-1+i], "\r")
		margin := strings.TrimSuffix(outer, inner)
		switch {
		case strings.Trim(margin, " ") != "" || len(margin)+len(inner) != len(outer):
			return 0, false
		case inner == "": // white space that is no part of the text may be there
		case indent >= 0 && indent != len(margin):
			return 0, false
		default:
			indent = len(margin)
		}
	}
	return max(indent, 0), true
}
