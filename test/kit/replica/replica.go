// Package replica builds floorkeeper as it is in this checkout, installs it in a control plane and runs it there as a
// process, with flags in place of what its Pod has. Tests and the demonstration judge floorkeeper from outside, so it
// imports nothing of floorkeeper.
package replica

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// Options say how a replica runs.
type Options struct {
	Binary          string
	Args            []string
	Env             []string // the whole environment
	Log             string   // the file that its output is appended to
	Metrics, Health string   // the addresses that it serves; empty for none
}

// Replica is a floorkeeper that runs, or one that has ended.
type Replica struct {
	Options
	cmd    *exec.Cmd
	exited chan struct{} // closed when it has ended; err is valid from then on
	err    error
}

// Start starts floorkeeper with these arguments and the flags for its addresses.
func Start(o Options) (*Replica, error) {
	out, err := os.OpenFile(o.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("cannot open the log of floorkeeper: %w", err)
	}
	defer out.Close()
	r := &Replica{Options: o, exited: make(chan struct{})}
	r.cmd = exec.Command(o.Binary, slices.Concat(o.Args, []string{
		"--metrics-bind-address=" + orNone(o.Metrics), "--health-probe-bind-address=" + orNone(o.Health),
	})...)
	r.cmd.Env = o.Env
	r.cmd.Stdout, r.cmd.Stderr = out, out
	r.cmd.SysProcAttr = controlplane.DieWithParent()
	started := make(chan error)
	go r.run(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("cannot start floorkeeper: %w", err)
	}
	return r, nil
}

// orNone is what floorkeeper takes for an address.
func orNone(address string) string {
	if address == "" {
		return "0"
	}
	return address
}

// run waits for the end of the process on the thread that started it, to which the kernel ties its death.
func (r *Replica) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := r.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	r.err = r.cmd.Wait()
	close(r.exited)
}

// Pid returns the process id.
func (r *Replica) Pid() int { return r.cmd.Process.Pid }

// Alive reports whether it has not ended yet.
func (r *Replica) Alive() bool {
	select {
	case <-r.exited:
		return false
	default:
		return true
	}
}

// Wait returns when it has ended, with an error unless its exit code is 0.
func (r *Replica) Wait() error {
	<-r.exited
	return r.err
}

// ExitCode returns with what it has ended: -1 after a signal.
func (r *Replica) ExitCode() int {
	<-r.exited
	return r.cmd.ProcessState.ExitCode()
}

// Signal sends a signal. It is an error if the process has ended.
func (r *Replica) Signal(signal syscall.Signal) error { return r.cmd.Process.Signal(signal) }

// Kill ends it at once, as a crash does, unless it has ended.
func (r *Replica) Kill() {
	_ = r.Signal(syscall.SIGKILL) // It fails only if the process has ended.
	<-r.exited
}

// Stop ends it, unless it has ended, as the kubelet does it: it asks, and kills it if that takes too long. Like Wait, it
// returns what became of the process.
func (r *Replica) Stop(patience time.Duration) error {
	_ = r.Signal(syscall.SIGTERM) // As above.
	select {
	case <-r.exited:
		return r.err
	case <-time.After(patience):
		r.Kill()
		return fmt.Errorf("it did not end within %s of SIGTERM", patience)
	}
}

// Tail returns the last lines of its log, of those that contain every one of some texts.
func (r *Replica) Tail(count int, about ...string) string {
	text, err := os.ReadFile(r.Log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, part := range about {
		lines = slices.DeleteFunc(lines, func(line string) bool { return !strings.Contains(line, part) })
	}
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
