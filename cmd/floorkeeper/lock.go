package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// leaseName is that of the Lease that the replicas compete for.
const leaseName = "floorkeeper"

// gatedLock keeps a process out of the election until it may lead: until a first valid schedule has arrived.
type gatedLock struct {
	resourcelock.Interface
	open <-chan struct{}
}

// Get waits for the gate. Every attempt to acquire a lock begins with Get.
func (l gatedLock) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	select {
	case <-l.open:
		return l.Interface.Get(ctx)
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

// newLock returns the lock that this process competes for once the gate is open.
func newLock(config *rest.Config, o *runOptions, open <-chan struct{}) (resourcelock.Interface, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("cannot name this process: %w", err)
	}
	identity := resourcelock.ResourceLockConfig{Identity: host + "_" + string(uuid.NewUUID())}
	lock, err := resourcelock.NewFromKubeconfig(resourcelock.LeasesResourceLock, o.electionNamespace, leaseName, identity,
		config, o.renewDeadline)
	if err != nil {
		return nil, fmt.Errorf("cannot create the lock for Lease %s/%s: %w", o.electionNamespace, leaseName, err)
	}
	return gatedLock{lock, open}, nil
}

// inClusterNamespace returns the namespace of the pod that this process runs in, or "" outside a cluster.
func inClusterNamespace() string {
	data, err := os.ReadFile("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
