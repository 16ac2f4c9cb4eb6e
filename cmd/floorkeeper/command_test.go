package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// runCommand runs a command and returns its exit code and what it printed, its error after that.
func runCommand(t testing.TB, cmd *cobra.Command, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(append([]string{}, args...)) // nil would mean those of the test
	cmd.SetIn(strings.NewReader(stdin))
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	err := cmd.ExecuteContext(t.Context())
	if coded := (exitError{}); errors.As(err, &coded) {
		if code = coded.code; coded.err != nil {
			errs.WriteString(coded.err.Error() + "\n")
		}
	} else if err != nil {
		t.Fatalf("the error %v has no exit code", err)
	}
	return code, out.String(), errs.String()
}
