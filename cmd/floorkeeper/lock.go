package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// leaseName is that of the Lease that the replicas compete for.
const leaseName = "floorkeeper"

// lock keeps a process out of the election until it can lead, that is until a first valid schedule has arrived and the
// HPAs are in the cache; and it knows until when the Lease is ours for certain.
type lock struct {
	resourcelock.Interface
	open    <-chan struct{}
	synced  func(context.Context) error // waits until the HPAs are in the cache
	term    time.Duration
	renewed atomic.Pointer[time.Time] // when the last write of the Lease that succeeded was sent
}

// Get waits for the schedule and the cache. Every attempt to acquire a lock begins with Get.
func (l *lock) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	select {
	case <-l.open:
		if err := l.synced(ctx); err != nil {
			return nil, nil, err
		}
		return l.Interface.Get(ctx)
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

// Create implements resourcelock.Interface.
func (l *lock) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return l.note(record, func() error { return l.Interface.Create(ctx, record) })
}

// Update implements resourcelock.Interface.
func (l *lock) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return l.note(record, func() error { return l.Interface.Update(ctx, record) })
}

func (l *lock) note(record resourcelock.LeaderElectionRecord, write func() error) error {
	sent := time.Now()
	if err := write(); err != nil {
		return err
	}
	if record.HolderIdentity != l.Identity() { // it is given back
		l.renewed.Store(nil)
		return nil
	}
	l.renewed.Store(&sent)
	return nil
}

// leading says whether nobody else can hold the Lease yet. A process that was stopped, or whose machine was, finds out
// here before its elector does: by the monotonic clock, which goes on while a process is stopped, and by the wall clock,
// which goes on while a machine is.
func (l *lock) leading() bool {
	renewed := l.renewed.Load()
	if renewed == nil {
		return false
	}
	now := time.Now()
	return now.Sub(*renewed) < l.term && now.Round(0).Sub(renewed.Round(0)) < l.term
}

// newLock returns the lock that this process competes for once the gate is open.
func newLock(config *rest.Config, o *runOptions, open <-chan struct{}) (*lock, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("cannot name this process: %w", err)
	}
	identity := resourcelock.ResourceLockConfig{Identity: host + "_" + string(uuid.NewUUID())}
	lease, err := resourcelock.NewFromKubeconfig(resourcelock.LeasesResourceLock, o.electionNamespace, leaseName, identity,
		config, o.renewDeadline)
	if err != nil {
		return nil, fmt.Errorf("cannot create the lock for Lease %s/%s: %w", o.electionNamespace, leaseName, err)
	}
	return &lock{Interface: lease, open: open, term: o.leaseDuration}, nil
}

// inClusterNamespace returns the namespace of the pod that this process runs in, or "" outside a cluster.
func inClusterNamespace() string {
	data, err := os.ReadFile("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
