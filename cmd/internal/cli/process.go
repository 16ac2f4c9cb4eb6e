// Package cli is what commands share: exit codes, flags, schedules and HPAs to read, findings, problems and JSON to print.
// It knows no command.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// Exit codes. Every error but an [ExitError] means ExitFailed.
const (
	ExitInvalid = 1
	ExitFailed  = 2
	ExitWarned  = 3
)

// ExitError is an error with an exit code of its own, or with problems of files. Where Err is nil, nothing else is printed.
type ExitError struct {
	Code     int
	Err      error
	Problems source.Problems
	Files    []source.File // that the problems lie in
}

func (e ExitError) Error() string {
	switch {
	case e.Err != nil:
		return e.Err.Error()
	case len(e.Problems) > 0:
		return e.Problems.Error()
	default:
		return fmt.Sprintf("exit code %d", e.Code)
	}
}

func (e ExitError) Unwrap() error { return e.Err }

// ExitCode prints the problems of an error to stderr, and returns its exit code and what else is to be printed.
func ExitCode(err error, stderr io.Writer) (code int, rest error) {
	coded := ExitError{}
	switch {
	case err == nil:
		return 0, nil
	case !errors.As(err, &coded):
		return ExitFailed, err
	case len(coded.Problems) > 0:
		PrintProblems(stderr, coded.Files, coded.Problems)
	}
	return coded.Code, coded.Err
}

// Failed gives any error exit code 2, for commands whose exit code 1 means that something differs.
func Failed(err error) error {
	if coded := (ExitError{}); errors.As(err, &coded) {
		coded.Code = ExitFailed
		return coded
	}
	return err
}

// UntilSignal runs what has something to finish when it is interrupted: its context ends with SIGINT or SIGTERM, and a
// second one ends the process, as the first one ends every other command.
func UntilSignal(ctx context.Context, run func(context.Context) error) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx)
}

// Version and Commit are stamped by the linker: -ldflags "-X github.com/floorkeeper/floorkeeper/cmd/internal/cli.Version=v1.2.3".
var (
	Version = "devel"
	Commit  = ""
)
