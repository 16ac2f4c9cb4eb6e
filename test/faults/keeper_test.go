package faults

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// keeper is a replica of floorkeeper under a supervisor that starts it again when it has ended, as the kubelet does it.
type keeper struct {
	name    string
	hasty   bool // it is started again at once, however often it has ended
	options replica.Options
	*proxy  // nil if it talks to the API server directly

	mu       sync.Mutex
	process  *process
	exits    []time.Time // when it ended by its own doing
	crashes  int         // how often we killed it
	stopping bool
	done     chan struct{} // closed when the supervisor has ended
}

// process is one run of floorkeeper.
type process struct {
	*replica.Replica
	killed bool // by us
}

// keep starts a floorkeeper for the scene's namespace alone, which is its home as well, with the rights of its
// ServiceAccount and the flags of its Deployment, and waits until it is ready.
func (s *scene) keep(t *testing.T, name string, p *proxy, args ...string) *keeper {
	t.Helper()
	k := s.launch(t, name, p, args...)
	await.Success(t, k.name+" to be ready", k.ready)
	return k
}

// launch is keep without waiting.
func (s *scene) launch(t *testing.T, name string, p *proxy, args ...string) *keeper {
	t.Helper()
	health, err := addresses.Next()
	if err != nil {
		t.Fatal(err)
	}
	k := &keeper{name: s.namespace + "-" + name, proxy: p, hasty: s.hasty, done: make(chan struct{})}
	deployed := s.Args(s.namespace)
	if p != nil {
		deployed = append(deployed, "--kubeconfig="+p.kubeconfig)
	}
	k.options = replica.Options{
		Binary: s.binary,
		Args: slices.Concat(deployed, []string{
			"--namespaces=" + s.namespace, "--schedule=" + s.path, "--settle-time=0s",
		}, args),
		Env: []string{"HOME=" + s.dir}, Log: filepath.Join(s.dir, k.name+".log"), Health: health, Metrics: s.metrics,
	}
	if err := k.start(); err != nil {
		t.Fatal(err)
	}
	go k.supervise()
	s.keepers = append(s.keepers, k)
	t.Cleanup(func() { k.finish(t) })
	return k
}

// start runs the process once.
func (k *keeper) start() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stopping {
		return errors.New("it shall not run again")
	}
	r, err := replica.Start(k.options)
	if err != nil {
		return err
	}
	k.process = &process{Replica: r}
	return nil
}

// supervise starts the process again when it has ended: at once after the first end, then after 10 s, 20 s, 40 s and so
// on up to 5 minutes, as the kubelet does it. What we killed is not counted, and is started again at once.
func (k *keeper) supervise() {
	defer close(k.done)
	var delay time.Duration
	for {
		p := k.current()
		_ = p.Wait()
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
	p.Kill()
}

// signal sends a signal to the process, after whose end the supervisor does nothing if it is the last.
func (k *keeper) signal(t *testing.T, signal syscall.Signal, last bool) {
	t.Helper()
	k.mu.Lock()
	k.stopping = k.stopping || last
	p := k.process
	k.mu.Unlock()
	if err := p.Signal(signal); err != nil {
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
	_ = p.Signal(syscall.SIGCONT)
	_ = p.Signal(syscall.SIGTERM)
	select {
	case <-k.done:
	case <-time.After(await.Patience):
		t.Errorf("%s did not end after SIGTERM", k.name)
		p.Kill()
		<-k.done
	}
	for _, sign := range []string{"panic:", "DATA RACE", "Observed a panic"} {
		if p.Tail(1, sign) != "" {
			t.Errorf("the log of %s contains %q:\n%s", k.name, sign, p.Tail(60))
		}
	}
	if t.Failed() {
		t.Logf("the log of %s ends with\n%s", k.name, p.Tail(15))
	}
}

// ready asks /readyz.
func (k *keeper) ready(ctx context.Context) error { return k.current().Ready(ctx) }
