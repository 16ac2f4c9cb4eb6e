package main

import (
	"github.com/spf13/cobra"
)

// exitError is an error that ends the program with a code of its own. Where err is nil, everything has been said.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

func newValidateCommand() *cobra.Command {
	return &cobra.Command{Use: "validate FILE|DIR...|-"}
}
