package main

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// What cannot be written is an error, whatever else the exit code would say.
func TestFull(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFiles(t, map[string]string{"open": openNow, "empty": head + "windows: []\n"})
	commands := map[string]*cobra.Command{"validate": newValidateCommandAt(time.Now), "plan": newPlanCommand(), "explain": newExplainCommand()}
	for _, line := range []string{
		"validate open", "validate open -o github --tz UTC", "validate open -o json", "validate open -o sarif", "validate --rules",
		"plan open", "plan open -o markdown", "plan open -o json", "plan open -o ics", "explain open --hpa video/images",
	} {
		t.Run(line, func(t *testing.T) {
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer full.Close()
			words := strings.Fields(line)
			cmd := commands[words[0]]
			cmd.SetArgs(words[1:])
			cmd.SetOut(full)
			cmd.SetErr(&strings.Builder{})
			cmd.SilenceErrors, cmd.SilenceUsage = true, true
			err = cmd.ExecuteContext(t.Context())
			if coded := (exitError{}); err == nil || errors.As(err, &coded) && coded.code != exitFailed {
				t.Errorf("the error is %v", err)
			}
		})
	}
}
