//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package edit

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// claim keeps others from replacing the file until it is released. Whoever may not write it may not replace it either.
// A file system without locks lets everyone have it.
func claim(path string) (release func(), err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	release = func() { _ = file.Close() }
	locked := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	mine, err := file.Stat()
	now, nowErr := os.Stat(path)
	switch err = errors.Join(err, nowErr); {
	case err != nil:
	case errors.Is(locked, syscall.EWOULDBLOCK):
		err = errLocked
	case !os.SameFile(mine, now):
		err = errChanged
	default:
		return release, nil
	}
	release()
	return nil, err
}

// own gives a file the owner and the group of another. Only root can give files away: where the owner cannot stay, the
// group must, for the mode grants it access.
func own(file *os.File, like os.FileInfo) error {
	want, known := like.Sys().(*syscall.Stat_t)
	if !known || file.Chown(int(want.Uid), int(want.Gid)) == nil {
		return nil
	}
	if err := file.Chown(-1, int(want.Gid)); err != nil {
		return fmt.Errorf("its group %d would not stay: %w", want.Gid, err)
	}
	return nil
}
