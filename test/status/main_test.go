package status

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// stage is the control plane that all tests share, one after the other, with floorkeeper installed.
type stage struct {
	*controlplane.ControlPlane
	*replica.Installation
	binary    string // floorkeeper
	dir       string // logs, credentials and the mounted schedule
	addresses replica.Addresses
	replicas  int // started so far
}

var on *stage

func TestMain(m *testing.M) {
	kit.Main(m, kit.Options{Setup: func(ctx context.Context, s *kit.Suite) error {
		on = &stage{dir: s.Dir}
		return on.prepare(ctx, s)
	}})
}

func (s *stage) prepare(ctx context.Context, suite *kit.Suite) (err error) {
	if s.binary, err = suite.Floorkeeper(ctx); err != nil {
		return err
	}
	if s.ControlPlane, err = suite.ControlPlane(ctx, controlplane.Options{
		LogDir:    s.dir,
		ExtraArgs: map[controlplane.Component][]string{controlplane.ControllerManager: {"--horizontal-pod-autoscaler-sync-period=2s"}},
	}); err != nil {
		return err
	}
	if s.Installation, err = replica.Install(ctx, s.ControlPlane, "Deployment"); err != nil {
		return err
	}
	return os.Mkdir(s.mount(), 0o755)
}

// mount is the directory in place of the mounted ConfigMap.
func (s *stage) mount() string { return filepath.Join(s.dir, "mount") }

// start runs a replica of floorkeeper until the test ends, unless that stops it.
func (s *stage) start(t *testing.T) *replica.Replica {
	t.Helper()
	health, err := s.addresses.Next()
	if err != nil {
		t.Fatal(err)
	}
	s.replicas++
	r, err := replica.Start(replica.Options{
		Binary: s.binary,
		Args:   slices.Concat(s.Args(replica.Home), []string{"--schedule=" + s.mount(), "--settle-time=0s", "--max-floor=30"}),
		Env:    []string{"HOME=" + s.dir}, Log: filepath.Join(s.dir, fmt.Sprintf("floorkeeper-%d.log", s.replicas)), Health: health,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Kill()
		for _, sign := range []string{"panic:", "DATA RACE", "forbidden"} {
			if lines := r.Tail(20, sign); lines != "" {
				t.Errorf("the log of floorkeeper contains %q:\n%s", sign, lines)
			}
		}
		if t.Failed() {
			t.Logf("the log of floorkeeper ends with\n%s", r.Tail(20))
		}
	})
	await.Success(t, "floorkeeper to be ready", r.Ready)
	return r
}

const preamble = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: Europe/Paris\n"

// commit writes the entries to the ConfigMap alone: the kubelet has not refreshed the mounted directory yet.
func (s *stage) commit(t *testing.T, entries string) {
	t.Helper()
	s.apply(t, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: floorkeeper-schedule, namespace: "+replica.Home+"}\ndata:\n  schedule.yaml: |\n    "+
		strings.ReplaceAll(preamble+entries, "\n", "\n    "))
}

// publish writes them to both.
func (s *stage) publish(t *testing.T, entries string) {
	t.Helper()
	s.commit(t, entries)
	text := s.kubectl(t, "get", "configmap", "floorkeeper-schedule", "--namespace="+replica.Home, "--output=jsonpath={.data.schedule\\.yaml}")
	fresh := filepath.Join(s.mount(), ".fresh")
	if err := os.WriteFile(fresh, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(fresh, filepath.Join(s.mount(), "schedule.yaml")); err != nil {
		t.Fatal(err)
	}
}

func (s *stage) apply(t *testing.T, manifest string) {
	t.Helper()
	if err := s.Apply(t.Context(), manifest); err != nil {
		t.Fatal(err)
	}
}

func (s *stage) kubectl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := s.Kubectl(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
