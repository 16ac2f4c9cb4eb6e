package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane/binaries"
)

const (
	stagesFile = binaries.StagesFile
	// startTimeout is the longest that components may take to become ready, on a machine that is busy with other things.
	startTimeout = 2 * time.Minute
)

// LazyGC is an environment variable for Go programs that live for seconds: it trades memory for processor time.
const LazyGC = "GOGC=400"

// Options are the choices that a control plane leaves open. The zero value is a sound choice.
type Options struct {
	// Progress receives the lines of a first download or build; nil means standard error.
	Progress io.Writer
	// LogDir is an existing directory for the log of each component, which stay there after Stop. If empty, the logs are
	// part of the data that a successful Stop removes.
	LogDir string
	// Nodes is the number of fake Nodes, named node-0 and so on; zero means one.
	Nodes int
	// ExtraArgs are flags appended to the command line of a component, where they override the same flags.
	ExtraArgs map[Component][]string
}

// ControlPlane is a running control plane. Its methods that start, stop or signal components must not be called
// concurrently; the others may.
type ControlPlane struct {
	options   Options
	bin       string // The directory with the binaries.
	dir       string // Credentials and data; short, because it holds a socket.
	port      int
	ca        []byte
	config    *rest.Config
	client    kubernetes.Interface
	processes map[Component]*process
	second    secondAPIServer
}

// Start downloads or builds the binaries where they are missing, starts every component and returns when the whole works: the Nodes
// are Ready, ServiceAccounts are made, and a Pod has been scheduled and has become Ready. The context bounds the start
// only. On error nothing is left running; the error quotes the log of a component that failed, and the logs are kept.
func Start(ctx context.Context, options Options) (*ControlPlane, error) {
	if options.Progress == nil {
		options.Progress = os.Stderr
	}
	bin, err := binaries.Dir(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	c := &ControlPlane{options: options, bin: bin, processes: map[Component]*process{}}
	if err := c.prepare(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	if err := c.start(ctx); err != nil {
		_ = c.killAll() // What ended on its own is part of err already.
		return nil, errors.Join(err, c.removeUnless(c.options.LogDir))
	}
	return c, nil
}

// prepare makes everything that the components read.
func (c *ControlPlane) prepare() (err error) {
	if c.dir, err = os.MkdirTemp("", "controlplane-"); err != nil {
		return fmt.Errorf("cannot make the directory of the control plane: %w", err)
	}
	if c.options.LogDir == "" {
		c.options.LogDir = c.dir
	}
	if c.port, err = freePort(); err != nil {
		return err
	}
	if err := c.writeCredentials(); err != nil {
		return err
	}
	if c.config, err = clientcmd.BuildConfigFromFlags("", c.Kubeconfig()); err != nil {
		return fmt.Errorf("cannot read the kubeconfig of the administrator: %w", err)
	}
	c.config.QPS = -1
	c.client, err = kubernetes.NewForConfig(c.config)
	return err
}

func (c *ControlPlane) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for _, name := range Components() {
		if err := c.StartComponent(ctx, name); err != nil {
			return err
		}
	}
	return c.watched(ctx, c.awaitCluster)
}

// StartComponent starts a component that StopComponent has stopped, with the same port and the same data. For etcd and
// the API server it returns when the API, if it runs, is ready; the others, which nobody connects to, need a moment
// more.
func (c *ControlPlane) StartComponent(ctx context.Context, name Component) error {
	if c.runs(name) {
		return fmt.Errorf("cannot start %s: it runs already", name)
	}
	args := append(c.args(name), c.options.ExtraArgs[name]...)
	log := filepath.Join(c.options.LogDir, string(name)+".log")
	p, err := launch(string(name), filepath.Join(c.bin, name.binary()), args, c.dir, log)
	if err != nil {
		return err
	}
	c.processes[name] = p
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	switch name {
	case Etcd:
		if err := c.watched(ctx, c.awaitEtcd); err != nil || !c.runs(APIServer) {
			return err
		}
		return c.watched(ctx, c.awaitAPIServer) // It needs a few seconds to connect again.
	case APIServer:
		return c.watched(ctx, c.awaitAPIServer)
	case SecondAPIServer:
		return c.watched(ctx, c.second.await)
	default:
		return nil
	}
}

// StopComponent ends a component at once, as a crash does, and waits until it is gone. Its data stays. It is an error,
// which quotes its log, if it had ended on its own before.
func (c *ControlPlane) StopComponent(name Component) error {
	if p := c.processes[name]; p != nil {
		return p.kill()
	}
	return nil
}

func (c *ControlPlane) runs(name Component) bool {
	p := c.processes[name]
	return p != nil && p.alive()
}

// Signal sends a signal to a component, such as syscall.SIGSTOP to make it hang and syscall.SIGCONT to let it go on. To
// end a component use StopComponent: Stop takes any other end for a failure.
func (c *ControlPlane) Signal(name Component, signal syscall.Signal) error {
	p := c.processes[name]
	if p == nil {
		return fmt.Errorf("cannot signal %s: it never ran", name)
	}
	if err := p.cmd.Process.Signal(signal); err != nil {
		return fmt.Errorf("cannot signal %s: %w", name, err)
	}
	return nil
}

// Pids returns the process id of every component that runs.
func (c *ControlPlane) Pids() map[Component]int {
	pids := map[Component]int{}
	for name, p := range c.processes {
		if p.alive() {
			pids[name] = p.pid()
		}
	}
	return pids
}

// Stop ends all components and removes their data. It is an error, which quotes the log, if one of them had ended on
// its own before; the logs are kept then. A second Stop does nothing.
func (c *ControlPlane) Stop() error {
	if err := c.killAll(); err != nil {
		return errors.Join(err, c.removeUnless(c.options.LogDir))
	}
	return c.removeUnless("")
}

// removeUnless removes the credentials and the data, unless their directory is the one to be kept for its logs.
func (c *ControlPlane) removeUnless(kept string) error {
	if c.dir == kept {
		return nil
	}
	if err := os.RemoveAll(c.dir); err != nil {
		return fmt.Errorf("cannot remove the data of the control plane: %w", err)
	}
	return nil
}

// killAll ends the components in the reverse order of their start, at once, since nobody needs their data any more.
func (c *ControlPlane) killAll() error {
	var errs []error
	for _, name := range slices.Backward(append(Components(), SecondAPIServer)) {
		if p := c.processes[name]; p != nil {
			errs = append(errs, p.kill())
		}
	}
	return errors.Join(errs...)
}
