package main

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
	"github.com/floorkeeper/floorkeeper/zones"
)

func TestVersionNamesTheTimeZones(t *testing.T) {
	_, stdout, _ := command.Run(t, cli.ExitCode, newRootCommand(time.Now), "", "version")
	if want := ", time zones " + zones.Release() + "\n"; !strings.HasSuffix(stdout, want) {
		t.Errorf("%q does not end with %q", stdout, want)
	}
	_, stdout, _ = command.Run(t, cli.ExitCode, newRootCommand(time.Now), "", "version", "-o", "json")
	got := version{}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	got.Commit = ""
	if want := (version{cli.Version, "", runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, zones.Release()}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if code, _, _ := command.Run(t, cli.ExitCode, newRootCommand(time.Now), "", "version", "-o", "yaml"); code != cli.ExitFailed {
		t.Errorf("exit code %d", code)
	}
}
