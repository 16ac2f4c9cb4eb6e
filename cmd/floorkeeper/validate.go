package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/floorkeeper/floorkeeper/config"
)

// exitError is an error that ends the program with an exit code of its own. Where err is nil, everything has been said.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

func newValidateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "validate FILE|DIR...|-",
		Short: "Check schedule files",
		Long: `Check schedule files exactly as "floorkeeper run" reads them, without a cluster.

A directory stands for its *.yaml files, - for standard input. All arguments together
are one schedule: the names of windows and events are unique over all files.

Every problem of every file is printed on standard error with its place, as
file:line:column: error: message [rule], and with the line of the source.

Exit codes: 0 valid, 1 invalid, 2 a file cannot be read or the command line is wrong.`,
		Example: `  floorkeeper validate schedule.yaml
  floorkeeper validate schedules/
  kubectl get configmap schedule -o jsonpath='{.data.schedule\.yaml}' | floorkeeper validate -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return exitError{exitFailed, errors.New("validate needs a file, a directory or -; see validate --help")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return validate(args, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return exitError{exitFailed, err} })
	return cmd
}

// validate reads all arguments as one schedule and says what each file holds, or what is wrong.
func validate(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	read := readSchedules(args, stdin)
	if len(read.problems) > 0 {
		printProblems(stderr, read.texts, read.problems)
	}
	switch {
	case read.unread != nil:
		return exitError{exitFailed, read.unread}
	case read.schedule == nil:
		return exitError{code: exitInvalid}
	}
	for _, file := range read.files {
		schedule, err := config.Parse(file)
		if err != nil {
			return exitError{exitFailed, err}
		}
		fmt.Fprintf(stdout, "%s: valid, %s, %s\n", file.Title(),
			count(len(schedule.Windows()), "window"), count(len(schedule.Events()), "event"))
	}
	return nil
}
