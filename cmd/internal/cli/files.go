package cli

import (
	"errors"
	"io"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// StandardInput is how problems call what is read from there.
const StandardInput = "<stdin>"

// readArgument reads what an argument names: a file or a directory with read, standard input with readFrom.
func readArgument(arg string, stdin io.Reader, read func(string) ([]source.File, error), readFrom func(io.Reader, string) (source.File, error)) ([]source.File, error) {
	if arg != "-" {
		return read(arg)
	}
	file, err := readFrom(stdin, StandardInput)
	return []source.File{file}, err
}

// ReadObjects reads the objects of manifests, and returns the files that hold them: files, directories and standard input.
func ReadObjects(args []string, stdin io.Reader) (objects []manifests.Object, all []source.File, err error) {
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
func withFiles(err error, files []source.File) error {
	if problems := source.Problems(nil); errors.As(err, &problems) {
		return ExitError{Code: ExitFailed, Problems: problems, Files: files}
	}
	return err
}
