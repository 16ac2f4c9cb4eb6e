package faults

import (
	"context"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"

	"github.com/floorkeeper/floorkeeper/test/controlplane"
	"github.com/floorkeeper/floorkeeper/test/history"
	"github.com/floorkeeper/floorkeeper/test/replica"
)

// patience bounds every wait. A wait that ends here has failed; no test measures time by it.
const patience = 90 * time.Second

// cluster is the control plane that the tests share, with floorkeeper's binary and the files of its account.
type cluster struct {
	*controlplane.ControlPlane
	*replica.Installation
	client kubernetes.Interface // of the administrator
	binary string               // floorkeeper
	dir    string               // logs and credentials
	audit  string               // the API server's audit log

	seed      uint64
	addresses replica.Addresses
	mu        sync.Mutex
	scenes    []*scene // that have come to their end
}

// startCluster builds floorkeeper, starts the control plane and installs floorkeeper's manifests.
func startCluster(t *testing.T) *cluster {
	t.Helper()
	dir := t.TempDir()
	binary, err := replica.Build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{dir: dir, binary: binary, seed: newSeed(t)}
	flags, audit, err := history.Record(dir)
	if err != nil {
		t.Fatal(err)
	}
	c.audit = audit
	plane, err := controlplane.Start(t.Context(), controlplane.Options{
		LogDir: dir, ExtraArgs: map[controlplane.Component][]string{controlplane.APIServer: flags},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.ControlPlane = plane
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	config := plane.Config()
	config.QPS = -1
	if c.client, err = kubernetes.NewForConfig(config); err != nil {
		t.Fatal(err)
	}
	// The Pods of its Deployment would compete with the processes of the tests, if they were more than kwok's pretence.
	if c.Installation, err = replica.Install(t.Context(), plane, "Deployment"); err != nil {
		t.Fatal(err)
	}
	return c
}

// await repeats a check until it succeeds, and gives up with what the check said last.
func await(t *testing.T, what string, check func(context.Context) error) {
	t.Helper()
	if err := poll(t, patience, check); err != nil {
		t.Fatalf("waited in vain for %s: %v", what, err)
	}
}

func poll(t *testing.T, patience time.Duration, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	var said error
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		if said == nil || ctx.Err() == nil {
			said = err // not merely that the time is over
		}
		select {
		case <-ctx.Done():
			return said
		case <-ticker.C:
		}
	}
}

// at waits for an instant of the scene's script.
func at(instant time.Time) { <-time.After(time.Until(instant)) }
