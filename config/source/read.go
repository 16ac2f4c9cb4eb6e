package source

import (
	"errors"
	"fmt"
	"io"
	"os"
)

var errNotRegular = errors.New("it is neither a file nor a directory")

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
