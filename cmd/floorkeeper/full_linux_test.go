package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
)

const onceOpen = command.Head + `timeZone: UTC
events: [{name: open, start: 2026-11-22T10:00, end: 2026-11-23T10:00, rampDown: 1h, targets: [{namespace: video, minReplicas: 5}]}]
`

// What cannot be written is an error, whatever the exit code would be otherwise.
func TestFull(t *testing.T) {
	t.Chdir(t.TempDir())
	command.WriteFiles(t, map[string]string{"open": onceOpen, "empty": command.Head + "windows: []\n"})
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
			cmd := newRootCommand(time.Now)
			cmd.SetArgs(strings.Fields(line))
			cmd.SetOut(full)
			cmd.SetErr(&strings.Builder{})
			if code := execute(cmd); code != cli.ExitFailed {
				t.Errorf("the exit code is %d", code)
			}
		})
	}
}
