package faults

import (
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/history"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// addresses are shared by all clusters, so that none gets the address of another.
var addresses replica.Addresses

// cluster is the control plane that the tests share, with floorkeeper's binary and the files of its account.
type cluster struct {
	*controlplane.ControlPlane
	*replica.Installation
	client kubernetes.Interface // of the administrator
	binary string               // floorkeeper
	dir    string               // logs and credentials
	audit  string               // the API server's audit log

	seed   uint64
	mu     sync.Mutex
	scenes []*scene // that have come to their end
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
	plane := kit.ControlPlane(t, controlplane.Options{
		LogDir: dir, ExtraArgs: map[controlplane.Component][]string{controlplane.APIServer: flags},
	})
	c.ControlPlane, c.client = plane, plane.Client()
	// The Pods of its Deployment would compete with the processes of the tests, if they were more than kwok's pretence.
	if c.Installation, err = replica.Install(t.Context(), plane, "Deployment"); err != nil {
		t.Fatal(err)
	}
	return c
}

// at waits for an instant of the scene's script.
func at(instant time.Time) { <-time.After(time.Until(instant)) }
