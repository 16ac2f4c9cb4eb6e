package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxFileSize is what a ConfigMap holds.
	MaxFileSize = 1 << 20
	// ByteOrderMark is what may begin a file, and is not part of its text.
	ByteOrderMark = "\ufeff"
)

var errNotRegular = errors.New("it is neither a file nor a directory")

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
		return File{}, &os.PathError{Op: "open", Path: path, Err: errNotRegular}
	}
	f, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	return ReadFrom(f, path, most)
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
	if len(file.Data) > MaxFileSize {
		out.AddAt(file.place(1, 1), RuleFileTooLarge, fmt.Sprintf(
			"the file is larger than %d bytes (1 MiB), which is all that a ConfigMap holds; split it", MaxFileSize))
		return false
	}
	if bytes.HasPrefix(file.Data, []byte("\xff\xfe")) || bytes.HasPrefix(file.Data, []byte("\xfe\xff")) {
		out.AddAt(file.place(1, 1), RuleInvalidUTF8, "the file is UTF-16; save it as UTF-8")
		return false
	}
	return CheckCharacters(file, out)
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
