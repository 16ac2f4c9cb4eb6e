package status

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// written is what a running command has written.
type written struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// testWatch: a change is printed once, quiet time prints nothing, and Ctrl-C ends it cleanly.
func testWatch(t *testing.T) {
	table, document := on.follow(t, "video/other"), on.follow(t, "video/other", "-o", "yaml")
	table.shows(t, "other   free    2     2")
	document.shows(t, "minReplicas: 2")
	quiet := table.out.String()
	on.awaitRenewals(t, 3)
	if now := table.out.String(); now != quiet {
		t.Errorf("while nothing changed it printed %q", strings.TrimPrefix(now, quiet))
	}
	on.kubectl(t, "patch", "hpa", "other", "--namespace=video", "--type=merge", `--patch={"spec":{"minReplicas":5}}`)
	table.shows(t, "other   free    5     5")
	document.shows(t, "---\napiVersion: floorkeeper.dev/v1\n")
	document.shows(t, "minReplicas: 5")
	if text := table.out.String(); strings.Count(text, "free    2     2") != 1 || strings.Contains(text, "\x1b") || !strings.Contains(text, "\n--- ") {
		t.Errorf("it printed\n%s", text)
	}
	table.interrupt(t)
	document.interrupt(t)
}

// awaitRenewals waits until the Lease has been renewed some times.
func (s *stage) awaitRenewals(t *testing.T, times int) {
	t.Helper()
	var last time.Time
	s.await(t, "renewals of the Lease", func(r *report) error {
		if r.Leader.RenewedAt.After(last) {
			last = r.Leader.RenewedAt
			times--
		}
		if times >= 0 {
			return fmt.Errorf("%d are missing", times+1)
		}
		return nil
	})
}

// following is a status that watches.
type following struct {
	cmd         *exec.Cmd
	out, errs   *written
	interrupted bool
}

func (s *stage) follow(t *testing.T, args ...string) *following {
	t.Helper()
	f := &following{out: &written{}, errs: &written{}}
	f.cmd = exec.Command(s.binary, append([]string{"status", "--watch"}, args...)...)
	f.cmd.Env = []string{"HOME=" + s.dir, "KUBECONFIG=" + s.Kubeconfig()}
	f.cmd.Stdout, f.cmd.Stderr = f.out, f.errs
	f.cmd.SysProcAttr = controlplane.DieWithParent()
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !f.interrupted {
			_ = f.cmd.Process.Kill()
			_ = f.cmd.Wait()
		}
	})
	return f
}

// shows waits until a text has been printed.
func (f *following) shows(t *testing.T, text string) {
	t.Helper()
	await.Success(t, fmt.Sprintf("%q", text), func(context.Context) error {
		if !strings.Contains(f.out.String(), text) {
			return fmt.Errorf("it printed %s%s", f.out.String(), f.errs.String())
		}
		return nil
	})
}

// interrupt is Ctrl-C.
func (f *following) interrupt(t *testing.T) {
	t.Helper()
	if err := f.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	f.interrupted = true
	if err := f.cmd.Wait(); err != nil || f.errs.String() != "" {
		t.Errorf("after Ctrl-C: %v: %s", err, f.errs.String())
	}
}
