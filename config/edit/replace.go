package edit

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// ErrTryAgain is why a file is not replaced that somebody else edits at the same time.
var ErrTryAgain = errors.New("nothing was written, try again")

var (
	errChanged = fmt.Errorf("it changed meanwhile; %w", ErrTryAgain)
	errLocked  = fmt.Errorf("another process has locked it; %w", ErrTryAgain)
)

// Replace writes the file after an edit, as a whole or not at all: whoever reads it meanwhile, and whatever kills this
// process, there is the old file or the new one. A link stays, and what it leads to is replaced. Mode and group stay,
// and the owner does if this process may give files away. A file that is not what the edit began with is left alone, and
// so is one that may not be written.
func (c *Change) Replace() error {
	path, err := filepath.EvalSymlinks(c.Before.Name)
	if err == nil {
		err = replace(path, c.Before.Data, c.After.Data)
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", c.Before.Name, err)
	}
	return nil
}

func replace(path string, before, after []byte) error {
	release, err := claim(path)
	if err != nil {
		return err
	}
	defer release()
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	file, err := os.CreateTemp(dir, ".floorkeeper-*") // a dot keeps it from being read as a schedule
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // it is gone already once it has been renamed
	_, err = file.Write(after)
	if err = errors.Join(err, own(file, info), file.Chmod(info.Mode()), file.Sync(), file.Close()); err != nil {
		return err
	}
	if now, err := source.ReadFile(path, int64(len(before)), false); err != nil || !bytes.Equal(now.Data, before) {
		return cmp.Or(err, errChanged)
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	if d, err := os.Open(dir); err == nil { // a directory that can be written may still not be readable
		_ = d.Sync() // makes the rename last; some file systems cannot, and need not
		_ = d.Close()
	}
	return nil
}
