//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package edit

import "os"

// claim makes sure that the file may be written. Here a file that is open could not be replaced.
func claim(path string) (release func(), err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return func() {}, file.Close()
}

// own does nothing: here a new file has the owner that its directory gives it.
func own(*os.File, os.FileInfo) error { return nil }
