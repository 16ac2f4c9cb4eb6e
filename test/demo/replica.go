package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/floorkeeper/floorkeeper/test/controlplane"
)

// replica is one running floorkeeper process.
type replica struct {
	name            string
	log             string
	cmd             *exec.Cmd
	metrics, health string        // The addresses that it serves.
	exited          chan struct{} // Closed when it has ended.
	killed          bool          // Whether it was us who ended it.
}

// build builds floorkeeper as it is in this checkout.
func build(ctx context.Context, binary string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, module+"/cmd/floorkeeper")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	_, err := output(cmd, "")
	return err
}

// startReplica starts floorkeeper. It sees nothing of the user's FLOORKEEPER_ variables.
func startReplica(name, dir string, c *cluster) (*replica, error) {
	r := &replica{name: name, log: filepath.Join(dir, "replica-"+name+".log"), exited: make(chan struct{})}
	var err1, err2 error
	r.metrics, err1 = freeAddress()
	r.health, err2 = freeAddress()
	out, err3 := os.Create(r.log)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, fmt.Errorf("cannot prepare replica %s: %w", name, err)
	}
	defer out.Close()
	r.cmd = exec.Command(filepath.Join(dir, "floorkeeper"), "run", "--schedule="+filepath.Join(dir, "schedule"),
		"--kubeconfig="+c.kubeconfig, "--namespaces="+c.namespace, "--leader-election-namespace="+c.leaseNamespace,
		"--metrics-bind-address="+r.metrics, "--health-probe-bind-address="+r.health)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "FLOORKEEPER_") {
			r.cmd.Env = append(r.cmd.Env, variable)
		}
	}
	r.cmd.Stdout, r.cmd.Stderr = out, out
	r.cmd.SysProcAttr = controlplane.DieWithParent()
	started := make(chan error)
	go r.run(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("cannot start replica %s: %w", name, err)
	}
	return r, nil
}

// run keeps its thread to the end of the process, because the kernel ties the one to the other.
func (r *replica) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := r.cmd.Start()
	started <- err
	if err == nil {
		_ = r.cmd.Wait() // That it ended is all that counts.
		close(r.exited)
	}
}

func (r *replica) pid() int { return r.cmd.Process.Pid }

func (r *replica) alive() bool {
	select {
	case <-r.exited:
		return false
	default:
		return true
	}
}

// kill ends the process at once, as kill -9 does.
func (r *replica) kill() {
	r.killed = true
	_ = r.cmd.Process.Kill() // It fails only if the process has ended.
	<-r.exited
}

// stop asks the process to end and ends it after ten seconds.
func (r *replica) stop() {
	r.killed = true
	_ = r.cmd.Process.Signal(syscall.SIGTERM) // As above.
	timer := time.NewTimer(10 * time.Second)
	defer timer.Stop()
	select {
	case <-r.exited:
	case <-timer.C:
		r.kill()
	}
}

// ready checks that the replica could lead.
func (r *replica) ready(ctx context.Context) error {
	if !r.alive() {
		return fmt.Errorf("it ended; its log says\n%s", r.logTail())
	}
	_, err := get(ctx, "http://"+r.health+"/readyz")
	return err
}

// leads asks the replica whether it holds the Lease.
func (r *replica) leads(ctx context.Context) bool {
	text, err := get(ctx, "http://"+r.metrics+"/metrics")
	if err != nil {
		return false
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "leader_election_master_status{") && strings.HasSuffix(line, " 1\n") {
			return true
		}
	}
	return false
}

// logTail returns the last lines that the replica wrote.
func (r *replica) logTail() string {
	text, err := os.ReadFile(r.log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}

func get(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, text)
	}
	return string(text), err
}

// freeAddress finds a free port on the loopback interface.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("cannot find a free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}
