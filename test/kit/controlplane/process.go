package controlplane

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// process is a running component, or one that has ended.
type process struct {
	name    string
	log     string        // The file with its output.
	cmd     *exec.Cmd     // Its Process is set once launch has returned.
	exited  chan struct{} // Closed when the process has ended; err is valid from then on.
	err     error
	stopped bool // Whether it was us who ended it.
}

// launch starts a process whose output is appended to a log file. It runs in the directory dir, its home, and sees
// nothing else of our environment.
func launch(name, path string, args []string, dir, log string) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("cannot open the log of %s: %w", name, err)
	}
	defer out.Close()
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Env = dir, []string{"HOME=" + dir, "TMPDIR=" + dir, LazyGC}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = DieWithParent()
	p := &process{name: name, log: log, cmd: cmd, exited: make(chan struct{})}
	started := make(chan error)
	go p.run(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", name, err)
	}
	return p, nil
}

// run starts the process and waits for its end. The kernel ties the death of a process to the thread that started it,
// so this goroutine keeps its thread until then.
func (p *process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	p.err = p.cmd.Wait()
	close(p.exited)
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// alive reports whether the process has not ended yet.
func (p *process) alive() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// death describes, with the end of its log, a process that ended on its own.
func (p *process) death() error {
	state := "successfully"
	if p.err != nil {
		state = p.err.Error()
	}
	return fmt.Errorf("%s (pid %d) ended: %s; its log %s ends with\n%s", p.name, p.pid(), state, p.log, p.logTail())
}

// logTail returns the last lines that the process wrote.
func (p *process) logTail() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}

// kill ends the process at once and waits until it is gone. It is an error if the process had ended on its own before;
// a second call does nothing.
func (p *process) kill() error {
	if p.stopped {
		return nil
	}
	p.stopped = true
	if !p.alive() {
		return p.death()
	}
	_ = p.cmd.Process.Kill() // It fails only for a process that ends at this moment.
	<-p.exited
	return nil
}
