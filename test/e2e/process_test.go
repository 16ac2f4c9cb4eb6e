package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/controlplane"
)

// process is a running floorkeeper.
type process struct {
	name            string
	log             string // the file with its output
	metrics, health string // addresses
	cmd             *exec.Cmd
	exited          chan struct{}
	err             error // valid once it has exited
	mortal          bool  // it may end in failure: by kill, or with the API server
}

// start runs floorkeeper as its Deployment does in the namespace at, with its ServiceAccount's rights, but with a mounted
// directory and ports of its own. The last of two equal flags counts.
func (c *cluster) start(t *testing.T, name, at string, m *mount, args ...string) *process {
	t.Helper()
	p := &process{
		name: name, log: filepath.Join(c.dir, name+".log"), exited: make(chan struct{}),
		metrics: c.freeAddress(t), health: c.freeAddress(t),
	}
	var deployed []string
	for _, arg := range c.args {
		deployed = append(deployed, strings.ReplaceAll(arg, "$(POD_NAMESPACE)", at))
	}
	args = slices.Concat(deployed, []string{
		"--kubeconfig=" + c.account, "--leader-election-namespace=" + at, "--schedule=" + m.dir,
		"--metrics-bind-address=" + p.metrics, "--health-probe-bind-address=" + p.health,
	}, args)
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	p.cmd = exec.Command(c.binary, args...)
	p.cmd.Env = []string{"HOME=" + c.dir}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = controlplane.DieWithParent()
	started := make(chan error)
	go p.run(started)
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	c.processes = append(c.processes, p)
	c.mu.Unlock()
	t.Cleanup(func() { p.finish(t) })
	return p
}

// run waits for the end of the process on the thread that started it, to which the kernel ties its death.
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

// finish ends the process after its test, shows its log if that has failed, and looks for signs of a defect in it.
func (p *process) finish(t *testing.T) {
	if err := p.end(syscall.SIGTERM); err != nil && !p.mortal {
		t.Errorf("%s ended with %v", p.name, err)
	}
	text, err := os.ReadFile(p.log)
	if err != nil {
		t.Error(err)
	}
	for _, sign := range []string{"panic:", "DATA RACE", "forbidden", "Observed a panic"} {
		// An API server that has just started may not have read its RBAC rules yet.
		if strings.Contains(string(text), sign) && (!p.mortal || sign != "forbidden") {
			t.Errorf("the log of %s contains %q:\n%s", p.name, sign, p.tail(60, sign))
			return
		}
	}
	if t.Failed() {
		t.Logf("the log of %s ends with\n%s", p.name, p.tail(10))
	}
}

// kill ends the process as a crash does.
func (p *process) kill() {
	p.mortal = true
	_ = p.end(syscall.SIGKILL)
}

// end sends a signal and waits until the process is gone. It returns what became of it.
func (p *process) end(signal syscall.Signal) error {
	select {
	case <-p.exited:
		return p.err
	default:
	}
	if err := p.cmd.Process.Signal(signal); err != nil {
		return err
	}
	select {
	case <-p.exited:
		return p.err
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.exited
		return fmt.Errorf("%s did not end after %s", p.name, signal)
	}
}

// tail returns the last lines of the log, of those that contain a text if one is given.
func (p *process) tail(count int, about ...string) string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, part := range about {
		lines = slices.DeleteFunc(lines, func(line string) bool { return !strings.Contains(line, part) })
	}
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}

// ready asks /readyz.
func (p *process) ready(ctx context.Context) error {
	_, err := fetch(ctx, "http://"+p.health+"/readyz")
	return err
}

// sample reads one sample from /metrics by its full name, as in the exposition format: name{label="value"}.
func (p *process) sample(ctx context.Context, series string) (float64, error) {
	body, err := fetch(ctx, "http://"+p.metrics+"/metrics")
	if err != nil {
		return 0, err
	}
	lines := bufio.NewScanner(strings.NewReader(body))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if value, found := strings.CutPrefix(lines.Text(), series+" "); found {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, fmt.Errorf("%s has no sample %s", p.name, series)
}

// fetch returns the body of a successful answer.
func fetch(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", response.Status, body)
	}
	return string(body), nil
}

// freeAddress finds a port that nobody uses, below those that kernels hand out for outgoing connections, so that none of
// these takes it before floorkeeper does. It never returns one twice.
func (c *cluster) freeAddress(t *testing.T) string {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.port = max(c.port, 30000) + 1; c.port < 32768; c.port++ {
		address := fmt.Sprintf("127.0.0.1:%d", c.port)
		if l, err := net.Listen("tcp", address); err == nil {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			return address
		}
	}
	t.Fatal("there is no free port")
	return ""
}
