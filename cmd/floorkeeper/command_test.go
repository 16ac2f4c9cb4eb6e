package main

import (
	"bytes"
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
	code, err := exitCode(cmd.ExecuteContext(t.Context()))
	if err != nil {
		errs.WriteString(err.Error() + "\n")
	}
	return code, out.String(), errs.String()
}
