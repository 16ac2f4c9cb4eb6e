package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/command"
)

// interrupted describes which arguments this test, run as a process of its own, is floorkeeper with.
const interrupted = "FLOORKEEPER_INTERRUPTED"

// TestInterrupted interrupts a command that waits for what does not come, and one that serves until then.
func TestInterrupted(t *testing.T) {
	if args := os.Getenv(interrupted); args != "" {
		os.Args = strings.Fields(args)
		os.Exit(execute(newRootCommand(time.Now)))
	}
	t.Chdir(t.TempDir())
	command.WriteFiles(t, map[string]string{"empty": command.Head + "windows: []\n"})
	t.Run("standard input that does not end", func(t *testing.T) {
		process, begin := floorkeeper(t, "floorkeeper diff empty -")
		input, err := process.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		begin()
		if _, err := input.Write(bytes.Repeat([]byte("# more than a pipe holds, so it is read\n"), 5000)); err != nil {
			t.Fatal(err)
		}
		if state := end(t, process); !state.Signaled() || state.Signal() != syscall.SIGTERM {
			t.Errorf("signaled: %v, exit code %d; want it ended by the signal", state.Signaled(), state.ExitStatus())
		}
	})
	t.Run("a page that is served", func(t *testing.T) {
		process, begin := floorkeeper(t, "floorkeeper plan empty --serve 127.0.0.1:0")
		output, err := process.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		begin()
		if line, err := bufio.NewReader(output).ReadString('\n'); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if state := end(t, process); !state.Exited() || state.ExitStatus() != 0 {
			t.Errorf("signaled: %v, exit code %d; want 0", state.Signaled(), state.ExitStatus())
		}
	})
}

// floorkeeper returns floorkeeper as a process, and what starts it.
func floorkeeper(t *testing.T, args string) (process *exec.Cmd, begin func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	process = exec.CommandContext(ctx, os.Args[0], "-test.run=^TestInterrupted$")
	process.Env = append(os.Environ(), interrupted+"="+args)
	return process, func() {
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
	}
}

// end asks a process to end, and returns how it did.
func end(t *testing.T, process *exec.Cmd) syscall.WaitStatus {
	t.Helper()
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait() // the state says it
	state, _ := process.ProcessState.Sys().(syscall.WaitStatus)
	return state
}
