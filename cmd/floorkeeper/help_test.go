package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
)

// everyCommand calls f with the root and each command below it, as tests of their own.
func everyCommand(t *testing.T, f func(*testing.T, *cobra.Command)) {
	root := newRootCommand(time.Now)
	complete(root)
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		t.Run(cmd.CommandPath(), func(t *testing.T) { f(t, cmd) })
		for _, below := range cmd.Commands() {
			walk(below)
		}
	}
	walk(root)
}

// TestFlagsAreCompleted: each flag with a value offers some, or no files that it cannot use.
func TestFlagsAreCompleted(t *testing.T) {
	t.Parallel()
	everyCommand(t, func(t *testing.T, cmd *cobra.Command) {
		files := []string{"kubeconfig", "certificate-authority", "client-certificate", "client-key"}
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			complete, _ := cmd.GetFlagCompletionFunc(flag.Name)
			if flag.NoOptDefVal == "" && complete == nil && !slices.Contains(files, flag.Name) {
				t.Errorf("--%s offers nothing", flag.Name)
			}
		})
	})
}

func TestHelp(t *testing.T) {
	t.Parallel()
	everyCommand(t, func(t *testing.T, cmd *cobra.Command) {
		var out bytes.Buffer
		cmd.Root().SetOut(&out)
		if err := cmd.Help(); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > cli.HelpWidth {
				t.Errorf("%d columns: %s", n, line)
			}
		}
		for _, want := range []string{"\nExit codes: ", "\nDocs: https://github.com/floorkeeper/floorkeeper/blob/main/"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("there is no %q in\n%s", want, out.String())
			}
		}
	})
}
