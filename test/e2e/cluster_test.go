package e2e

import (
	"sync"
	"testing"

	"k8s.io/client-go/kubernetes"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/demand"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

const home = replica.Home

// account is floorkeeper's name in the audit log.
const account = "system:serviceaccount:" + home + ":" + home

// The flags of an API server and an HPA controller that take no minReplicas of 0, as by default before Kubernetes 1.37, and
// of those that do.
const (
	withoutZero = "--feature-gates=HPAScaleToZero=false"
	withZero    = "--feature-gates=HPAScaleToZero=true"
)

// addresses are shared by all clusters, so that none gets the address of another.
var addresses replica.Addresses

// cluster is the control plane that all tests share, with floorkeeper's binary and the files of its account.
type cluster struct {
	*controlplane.ControlPlane
	*replica.Installation
	client kubernetes.Interface // of the administrator
	binary string               // floorkeeper
	dir    string               // logs and credentials
	demand *demand.Demand
	audit  *auditLog

	mu        sync.Mutex
	owned     map[string]int32 // the minReplicas that its owner wrote last, by namespace/name
	processes []*process
	scenes    []ended
	noZero    bool // the API server takes no minReplicas of 0
}

// startCluster builds floorkeeper, starts the control plane and installs floorkeeper's manifests. It gives a flag to the API
// server and to the controller manager.
func startCluster(t *testing.T, flag string) *cluster {
	t.Helper()
	dir := t.TempDir()
	binary, err := replica.Build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{dir: dir, binary: binary, owned: map[string]int32{}, audit: newAuditLog(t, dir)}
	plane := kit.ControlPlane(t, controlplane.Options{
		LogDir: dir,
		Nodes:  2,
		ExtraArgs: map[controlplane.Component][]string{
			controlplane.APIServer: append(c.audit.flags, flag),
			controlplane.ControllerManager: {
				"--horizontal-pod-autoscaler-sync-period=2s",
				// The defaults suit a cluster in which HPAs are looked at every 15 s.
				"--kube-api-qps=200", "--kube-api-burst=400", flag,
			},
		},
	})
	c.ControlPlane, c.client, c.noZero = plane, plane.Client(), flag == withoutZero
	c.demand = demand.Serve()
	t.Cleanup(c.demand.Close)
	if err := c.Apply(t.Context(), c.demand.Manifest()); err != nil {
		t.Fatal(err)
	}
	if c.Installation, err = replica.Install(t.Context(), plane); err != nil {
		t.Fatal(err)
	}
	return c
}

// kubectl runs kubectl as the administrator.
func (c *cluster) kubectl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := c.Kubectl(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// setOwned notes the minReplicas that the owner wrote last.
func (c *cluster) setOwned(namespace, name string, minReplicas int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.owned[namespace+"/"+name] = minReplicas
}

// forget takes an HPA out of the final check.
func (c *cluster) forget(namespace, name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.owned, namespace+"/"+name)
}
