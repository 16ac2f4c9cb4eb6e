package run

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/controller"
)

// lock keeps a process out of the election until it can lead, that is until a first valid schedule has arrived and the
// HPAs are in the cache; and it knows until when the Lease is ours for certain. All writes come from the elector's goroutine.
type lock struct {
	*resourcelock.LeaseLock
	feed    *controller.Feed
	synced  func(context.Context) error // waits until the HPAs are in the cache
	term    time.Duration
	renewed atomic.Pointer[time.Time] // when the last write of the Lease that succeeded was sent
	seen    atomic.Pointer[sighting]  // of the Lease, by whatever the election reads and writes
}

// Get waits for the schedule and the cache. Every attempt to acquire a lock begins with Get.
func (l *lock) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	select {
	case <-l.feed.Loaded():
		if err := l.synced(ctx); err != nil {
			return nil, nil, err
		}
		record, raw, err := l.LeaseLock.Get(ctx)
		if err == nil {
			l.saw(*record)
		}
		return record, raw, err
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

// Create implements resourcelock.Interface.
func (l *lock) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return l.note(record, func() error { return l.LeaseLock.Create(ctx, record) })
}

// Update implements resourcelock.Interface.
func (l *lock) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return l.note(record, func() error { return l.LeaseLock.Update(ctx, record) })
}

func (l *lock) note(record resourcelock.LeaderElectionRecord, write func() error) error {
	l.label()
	sent := time.Now()
	if err := write(); err != nil {
		return err
	}
	l.saw(record)
	if record.HolderIdentity != l.Identity() { // it is given back
		l.renewed.Store(nil)
		return nil
	}
	l.renewed.Store(&sent)
	return nil
}

// label makes the next write of the Lease name the schedule in effect. The labels stay when the Lease is released:
// the floors stay as well.
func (l *lock) label() {
	if revision := l.feed.Current(); revision != nil {
		l.Labels = map[string]string{
			cli.LabelSchedule: cli.RevisionLabel(revision.SHA256), cli.LabelRefused: strconv.FormatBool(l.feed.Refused()),
		}
	}
}

// leading reports whether nobody else can hold the Lease yet. A process that was stopped, or whose machine was, finds out
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

func newLock(config *rest.Config, o *options, feed *controller.Feed) (*lock, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("cannot name this process: %w", err)
	}
	identity := resourcelock.ResourceLockConfig{Identity: host + "_" + string(uuid.NewUUID())}
	made, err := resourcelock.NewFromKubeconfig(resourcelock.LeasesResourceLock, o.electionNamespace, cli.LeaseName, identity,
		config, o.renewDeadline)
	if err != nil {
		return nil, fmt.Errorf("cannot create the lock for Lease %s/%s: %w", o.electionNamespace, cli.LeaseName, err)
	}
	lease, ok := made.(*resourcelock.LeaseLock)
	if !ok {
		return nil, fmt.Errorf("cannot create the lock for Lease %s/%s: it is a %T", o.electionNamespace, cli.LeaseName, made)
	}
	return &lock{LeaseLock: lease, feed: feed, term: o.leaseDuration}, nil
}

// inClusterNamespace returns the namespace of the pod that this process runs in, or "" outside a cluster.
func inClusterNamespace() string {
	data, err := os.ReadFile("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
