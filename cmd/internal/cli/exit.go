package cli

import (
	"errors"
	"fmt"
)

// Exit codes.
const (
	ExitInvalid = 1
	ExitFailed  = 2
	ExitWarned  = 3
)

// ExitCode returns the code that an error of a command stands for, and what is to be printed of it.
func ExitCode(err error) (code int, told error) {
	coded := ExitError{}
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &coded):
		return coded.Code, coded.Err
	default:
		return ExitFailed, err
	}
}

// ExitError is an error that ends the program with an exit code of its own. Where err is nil, everything has been said.
type ExitError struct {
	Code int
	Err  error
}

func (e ExitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

func (e ExitError) Unwrap() error { return e.Err }

// Failed turns any error into one with exit code 2: exit code 1 says that something differs.
func Failed(err error) error {
	if coded := (ExitError{}); errors.As(err, &coded) {
		return ExitError{Code: ExitFailed, Err: coded.Err}
	}
	return err
}
