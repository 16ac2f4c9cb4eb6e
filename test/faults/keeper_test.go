package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/controlplane"
)

// keeper is a replica of floorkeeper under a supervisor that starts it again when it has ended, as the kubelet does it.
type keeper struct {
	name   string
	log    string // the file with its output
	health string // address
	hasty  bool   // it is started again at once, however often it has ended
	binary string
	args   []string
	home   string
	*proxy // nil if it talks to the API server directly

	mu       sync.Mutex
	process  *process
	exits    []time.Time // when it ended by its own doing
	crashes  int         // how often we killed it
	stopping bool
	done     chan struct{} // closed when the supervisor has ended
}

// process is one run of floorkeeper.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{}
	killed bool // by us
}

// keep starts a floorkeeper for the scene's namespace alone, which is its home as well, with the rights of its
// ServiceAccount and the flags of its Deployment, and waits until it is ready.
func (s *scene) keep(t *testing.T, name string, p *proxy, args ...string) *keeper {
	t.Helper()
	k := s.launch(t, name, p, args...)
	await(t, k.name+" to be ready", k.ready)
	return k
}

// launch is keep without waiting.
func (s *scene) launch(t *testing.T, name string, p *proxy, args ...string) *keeper {
	t.Helper()
	k := &keeper{
		name: s.namespace + "-" + name, health: s.freeAddress(t), binary: s.binary, home: s.dir, proxy: p, hasty: s.hasty,
		done: make(chan struct{}),
	}
	k.log = filepath.Join(s.dir, k.name+".log")
	kubeconfig := s.account
	if p != nil {
		kubeconfig = p.kubeconfig
	}
	for _, arg := range s.args {
		k.args = append(k.args, strings.ReplaceAll(arg, "$(POD_NAMESPACE)", s.namespace))
	}
	k.args = slices.Concat(k.args, []string{
		"--kubeconfig=" + kubeconfig, "--leader-election-namespace=" + s.namespace, "--namespaces=" + s.namespace,
		"--schedule=" + s.path, "--metrics-bind-address=0", "--health-probe-bind-address=" + k.health,
		"--settle-time=0s",
	}, args)
	if err := k.start(); err != nil {
		t.Fatal(err)
	}
	go k.supervise()
	s.keepers = append(s.keepers, k)
	t.Cleanup(func() { k.finish(t) })
	return k
}

// start runs the process once. It waits for its end on the thread that started it, to which the kernel ties its death.
func (k *keeper) start() error {
	out, err := os.OpenFile(k.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	p := &process{cmd: exec.Command(k.binary, k.args...), exited: make(chan struct{})}
	p.cmd.Env = []string{"HOME=" + k.home}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = controlplane.DieWithParent()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stopping {
		return errors.New("it shall not run again")
	}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	if err := <-started; err != nil {
		return err
	}
	k.process = p
	return nil
}

// supervise starts the process again when it has ended: at once after the first end, then after 10 s, 20 s, 40 s and so
// on up to 5 minutes, as the kubelet does it. What we killed is not counted, and is started again at once.
func (k *keeper) supervise() {
	defer close(k.done)
	var delay time.Duration
	for {
		p := k.current()
		<-p.exited
		k.mu.Lock()
		stopping, wait := k.stopping, delay
		if !stopping && !p.killed {
			k.exits = append(k.exits, time.Now())
			delay = min(max(2*delay, 10*time.Second), 5*time.Minute)
		}
		if p.killed || k.hasty {
			wait = 0
		}
		k.mu.Unlock()
		for deadline := time.Now().Add(wait); !stopping && time.Now().Before(deadline); {
			<-time.After(50 * time.Millisecond)
			k.mu.Lock()
			stopping = k.stopping
			k.mu.Unlock()
		}
		if stopping || k.start() != nil {
			return
		}
	}
}

func (k *keeper) current() *process {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.process
}

// crash kills the process and waits until it is gone. The supervisor starts the next.
func (k *keeper) crash() {
	k.mu.Lock()
	p := k.process
	p.killed = true
	k.crashes++
	k.mu.Unlock()
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// signal sends a signal to the process, after whose end the supervisor does nothing if it is the last.
func (k *keeper) signal(t *testing.T, signal syscall.Signal, last bool) {
	t.Helper()
	k.mu.Lock()
	k.stopping = k.stopping || last
	p := k.process
	k.mu.Unlock()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatalf("cannot send %s to %s: %v", signal, k.name, err)
	}
}

// ended returns how often the process has ended by its own doing.
func (k *keeper) ended() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.exits)
}

// finish ends the process after its test and looks for signs of a defect in its log.
func (k *keeper) finish(t *testing.T) {
	k.mu.Lock()
	k.stopping = true
	p := k.process
	k.mu.Unlock()
	_ = p.cmd.Process.Signal(syscall.SIGCONT)
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-k.done:
	case <-time.After(patience):
		t.Errorf("%s did not end after SIGTERM", k.name)
		_ = p.cmd.Process.Kill()
		<-k.done
	}
	text, err := os.ReadFile(k.log)
	if err != nil {
		t.Error(err)
	}
	for _, sign := range []string{"panic:", "DATA RACE", "Observed a panic"} {
		if strings.Contains(string(text), sign) {
			t.Errorf("the log of %s contains %q:\n%s", k.name, sign, k.tail(60))
		}
	}
	if t.Failed() {
		t.Logf("the log of %s ends with\n%s", k.name, k.tail(15))
	}
}

// tail returns the last lines of the log.
func (k *keeper) tail(count int) string {
	text, err := os.ReadFile(k.log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}

// ready asks /readyz.
func (k *keeper) ready(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+k.health+"/readyz", nil)
	if err != nil {
		return err
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}

// freeAddress finds a port that nobody uses, below those that kernels hand out for outgoing connections, so that none of
// these takes it before floorkeeper does, or between two runs of it.
func (c *cluster) freeAddress(t *testing.T) string {
	t.Helper()
	for range 1000 {
		address := fmt.Sprintf("127.0.0.1:%d", 30000+rand.IntN(2768))
		if _, used := c.addresses.LoadOrStore(address, true); used {
			continue
		}
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
