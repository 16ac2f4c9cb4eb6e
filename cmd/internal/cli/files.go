package cli

import (
	"errors"
	"io"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config"
)

// StandardInput is how problems call what is read from there.
const StandardInput = "<stdin>"

// readArgument reads what an argument names: a file or a directory with read, standard input with readFrom.
func readArgument(arg string, stdin io.Reader, read func(string) ([]config.File, error), readFrom func(io.Reader, string) (config.File, error)) ([]config.File, error) {
	if arg != "-" {
		return read(arg)
	}
	file, err := readFrom(stdin, StandardInput)
	return []config.File{file}, err
}

// ReadObjects reads the objects of manifests, and returns the files that hold them: files, directories and standard input.
func ReadObjects(args []string, stdin io.Reader) (objects []manifests.Object, all []config.File, err error) {
	for _, arg := range args {
		files, err := readArgument(arg, stdin, manifests.Read, manifests.ReadFrom)
		if err != nil {
			return nil, nil, withFiles(err, all)
		}
		all = append(all, files...)
	}
	objects, err = manifests.Parse(all...)
	return objects, all, withFiles(err, all)
}

// withFiles makes problems of files an error that is printed with their lines.
func withFiles(err error, files []config.File) error {
	if problems := config.Problems(nil); errors.As(err, &problems) {
		return ExitError{Code: ExitFailed, Problems: problems, Files: files}
	}
	return err
}
