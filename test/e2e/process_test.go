package e2e

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// process is a running floorkeeper.
type process struct {
	*replica.Replica
	name   string
	mortal bool // it may end in failure: by kill, or with the API server
}

// start runs floorkeeper as its Deployment does in the namespace at, with its ServiceAccount's rights, but with a mounted
// directory and ports of its own. The last of two equal flags counts.
func (c *cluster) start(t *testing.T, name, at string, m *mount, args ...string) *process {
	t.Helper()
	r, err := replica.Start(replica.Options{
		Binary: c.binary,
		Args:   slices.Concat(c.Args(at), []string{"--schedule=" + m.dir}, args),
		Env:    []string{"HOME=" + c.dir}, Log: filepath.Join(c.dir, name+".log"),
		Metrics: c.freeAddress(t), Health: c.freeAddress(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Replica: r, name: name}
	c.mu.Lock()
	c.processes = append(c.processes, p)
	c.mu.Unlock()
	t.Cleanup(func() { p.finish(t) })
	return p
}

// finish ends the process after its test, shows its log if that has failed, and looks for signs of a defect in it.
func (p *process) finish(t *testing.T) {
	if err := p.Stop(await.Patience); err != nil && !p.mortal {
		t.Errorf("%s ended with %v", p.name, err)
	}
	for _, sign := range []string{"panic:", "DATA RACE", "forbidden", "Observed a panic"} {
		// An API server that has just started may not have read its RBAC rules yet.
		if lines := p.Tail(60, sign); lines != "" && (!p.mortal || sign != "forbidden") {
			t.Errorf("the log of %s contains %q:\n%s", p.name, sign, lines)
			return
		}
	}
	if t.Failed() {
		t.Logf("the log of %s ends with\n%s", p.name, p.Tail(10))
	}
}

// kill ends the process as a crash does.
func (p *process) kill() {
	p.mortal = true
	p.Kill()
}

// sample reads one sample from the metrics by its full name.
func (p *process) sample(ctx context.Context, series string) (float64, error) {
	samples, err := p.Samples(ctx)
	value, found := samples[series]
	if err == nil && !found {
		err = fmt.Errorf("%s has no sample %s", p.name, series)
	}
	return value, err
}

// freeAddress finds a port that nobody uses.
func (c *cluster) freeAddress(t *testing.T) string {
	t.Helper()
	address, err := addresses.Next()
	if err != nil {
		t.Fatal(err)
	}
	return address
}
