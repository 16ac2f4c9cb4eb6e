package gitops

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// keeper is a running floorkeeper and the directory with its schedule.
type keeper struct {
	*replica.Replica
	schedule string // directory
	mu       sync.Mutex
}

// keep runs floorkeeper until the end of the test, with the arguments of its Deployment and its ServiceAccount's
// rights, but with a directory and ports of its own. The last of two equal flags counts.
func (c *cluster) keep(t *testing.T, name string) *keeper {
	t.Helper()
	dir := t.TempDir()
	k := &keeper{schedule: filepath.Join(dir, "schedule")}
	if err := os.Mkdir(k.schedule, 0o755); err != nil {
		t.Fatal(err)
	}
	k.publish(t, "empty", "windows: []\n")
	health, err1 := c.addresses.Next()
	metrics, err2 := c.addresses.Next()
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	var err error
	k.Replica, err = replica.Start(replica.Options{
		Binary: c.keeper, Args: append(c.Args(replica.Home), "--schedule="+k.schedule), Env: []string{"HOME=" + dir},
		Log: filepath.Join(dir, name+".log"), Metrics: metrics, Health: health,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.finish(t) })
	await.Success(t, "floorkeeper to be ready", k.Ready)
	return k
}

// finish ends the process after its test and looks for signs of a defect in its log.
func (k *keeper) finish(t *testing.T) {
	if !k.Alive() {
		t.Error("floorkeeper ended on its own")
	}
	if err := k.Stop(await.Patience); err != nil {
		t.Errorf("floorkeeper ended with %v", err)
	}
	for _, sign := range []string{"panic", "DATA RACE", "forbidden", "denied"} {
		if lines := k.about(sign); lines != "" {
			t.Errorf("the log of floorkeeper contains %q:\n%s", sign, lines)
		}
	}
}

// about returns the lines of the log that contain a text.
func (k *keeper) about(part string) string { return k.Tail(math.MaxInt, part) }

// publish replaces one file of the schedule in one step.
func (k *keeper) publish(t *testing.T, name, entries string) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	fresh := filepath.Join(k.schedule, ".fresh")
	text := "apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: UTC\n" + entries
	if err := os.WriteFile(fresh, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(fresh, filepath.Join(k.schedule, name+".yaml")); err != nil {
		t.Fatal(err)
	}
}
