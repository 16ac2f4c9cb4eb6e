package run

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/uuid"
	coordinationv1client "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/controller"
)

// endless is the renew deadline of the elector. It would end the process of a leader that cannot renew for a few seconds,
// and some short outages would leave all replicas in the kubelet's back-off. So the elector tries on, and the process acts
// only while the lock knows that it leads.
const endless = 10 * 365 * 24 * time.Hour

// lock keeps a process out of the election until it can lead, that is until a first valid schedule has arrived and the
// HPAs are in the cache; and it knows until when the Lease is ours for certain. All writes come from the elector's goroutine.
type lock struct {
	*resourcelock.LeaseLock
	feed    *controller.Feed
	notes   *controller.Notes
	logger  logr.Logger
	synced  func(context.Context) error // waits until the HPAs are in the cache
	term    time.Duration
	poke    func()                    // requests a reconcile of every HPA
	begin   func(another bool)        // called before it leads again
	end     func()                    // called when another leads
	led     bool                      // before; like another used by the elector's goroutine alone
	another bool                      // another may have led since
	renewed atomic.Pointer[time.Time] // when the last write of the Lease that succeeded was sent; nil if another holds it
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
		switch {
		case err == nil:
			l.saw(*record)
			if record.HolderIdentity != l.Identity() {
				l.lose(record.HolderIdentity)
			}
		case apierrors.IsNotFound(err):
			l.lose("")
		}
		return record, raw, err
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

// lose notes that the Lease is not ours.
func (l *lock) lose(leader string) {
	l.another = true
	if l.renewed.Swap(nil) != nil {
		l.logger.Info("the Lease was lost; standing by", "leader", leader)
		l.end()
	}
}

// Create implements resourcelock.Interface.
func (l *lock) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return l.note(record, func(r resourcelock.LeaderElectionRecord) error { return l.LeaseLock.Create(ctx, r) })
}

// Update implements resourcelock.Interface. The elector releases whatever Lease it finds; one of another replica is kept.
func (l *lock) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	if seen := l.seen.Load(); record.HolderIdentity == "" && seen != nil && seen.holder != l.Identity() {
		return nil
	}
	return l.note(record, func(r resourcelock.LeaderElectionRecord) error { return l.LeaseLock.Update(ctx, r) })
}

// note writes a record, for the term instead of the elector's, and remembers what follows.
func (l *lock) note(record resourcelock.LeaderElectionRecord, write func(resourcelock.LeaderElectionRecord) error) error {
	l.label()
	record.LeaseDurationSeconds = min(record.LeaseDurationSeconds, int(l.term/time.Second))
	sent := time.Now()
	if err := write(record); err != nil {
		return err
	}
	l.saw(record)
	if record.HolderIdentity != l.Identity() { // it is given back
		l.renewed.Store(nil)
		return nil
	}
	again := l.led && !l.leading()
	if again {
		l.logger.Info("leading again")
		l.begin(l.another)
	}
	before := l.renewed.Swap(&sent)
	if again || !l.within(before) { // nothing was queued meanwhile
		l.poke()
	}
	l.led, l.another = true, false
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
	return l.within(l.renewed.Load())
}

// within reports whether a renewal is not older than the term.
func (l *lock) within(renewed *time.Time) bool {
	if renewed == nil {
		return false
	}
	now := time.Now()
	return now.Sub(*renewed) < l.term && now.Round(0).Sub(renewed.Round(0)) < l.term
}

func newLock(config *rest.Config, o *options, feed *controller.Feed, logger logr.Logger) (*lock, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("cannot name this process: %w", err)
	}
	identity := resourcelock.ResourceLockConfig{Identity: host + "_" + string(uuid.NewUUID())}
	hasty := rest.CopyConfig(config)
	hasty.Timeout = max(time.Second, o.renewDeadline/2)
	// client-go shares one connection among all clients that dial in the same way. What is sent at a boundary must not be in
	// the way of a renewal.
	hasty.Dial = (&net.Dialer{Timeout: hasty.Timeout, KeepAlive: 30 * time.Second}).DialContext
	requests, err := coordinationv1client.NewForConfig(hasty)
	if err != nil {
		return nil, fmt.Errorf("cannot find the API server: %w", err)
	}
	notes := controller.NewNotes()
	lease := &resourcelock.LeaseLock{
		LeaseMeta: metav1.ObjectMeta{Namespace: o.electionNamespace, Name: cli.LeaseName},
		Client:    notebook{requests, notes, feed, identity.Identity, o.limits.String()}, LockConfig: identity,
	}
	return &lock{
		LeaseLock: lease, feed: feed, notes: notes, logger: logger.WithName("election"), term: o.leaseDuration, poke: feed.Poke, begin: func(bool) {}, end: func() {},
	}, nil
}

// notebook keeps the notes of the leader, its limits and the zone of its schedule as annotations of the Lease, in the requests
// of the election.
type notebook struct {
	coordinationv1client.LeasesGetter
	notes    *controller.Notes
	feed     *controller.Feed
	identity string
	limits   string
}

// Leases implements LeasesGetter.
func (n notebook) Leases(namespace string) coordinationv1client.LeaseInterface {
	return notedLease{n.LeasesGetter.Leases(namespace), n}
}

type notedLease struct {
	coordinationv1client.LeaseInterface
	notebook
}

// Get reads the notes of another leader.
func (l notedLease) Get(ctx context.Context, name string, options metav1.GetOptions) (*coordinationv1.Lease, error) {
	lease, err := l.LeaseInterface.Get(ctx, name, options)
	if err == nil && cli.Holder(lease) != l.identity {
		l.notes.Load(lease.Annotations[cli.AnnotationNotes])
	}
	return lease, err
}

// Create writes the notes.
func (l notedLease) Create(ctx context.Context, lease *coordinationv1.Lease, options metav1.CreateOptions) (*coordinationv1.Lease, error) {
	return l.LeaseInterface.Create(ctx, l.noted(lease), options)
}

// Update writes the notes.
func (l notedLease) Update(ctx context.Context, lease *coordinationv1.Lease, options metav1.UpdateOptions) (*coordinationv1.Lease, error) {
	return l.LeaseInterface.Update(ctx, l.noted(lease), options)
}

func (l notedLease) noted(lease *coordinationv1.Lease) *coordinationv1.Lease {
	for key, text := range map[string]string{cli.AnnotationNotes: l.notes.String(), cli.AnnotationLimits: l.limits} {
		if delete(lease.Annotations, key); text != "" {
			metav1.SetMetaDataAnnotation(&lease.ObjectMeta, key, text)
		}
	}
	if revision := l.feed.Current(); revision != nil {
		metav1.SetMetaDataAnnotation(&lease.ObjectMeta, cli.AnnotationZone, cli.CommonZone(revision.Schedule).String())
	}
	return lease
}

// inClusterNamespace returns the namespace of the pod that this process runs in, or "" outside a cluster.
func inClusterNamespace() string {
	data, err := os.ReadFile("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// sighting is what the Lease said when the election last read or wrote it.
type sighting struct {
	holder  string
	renewal time.Time // as the holder writes it
	changed time.Time // when that was first seen
	at      time.Time
}

// saw records the content of the Lease, so that nobody has to read it again to know who leads.
func (l *lock) saw(record resourcelock.LeaderElectionRecord) {
	now := time.Now()
	s := sighting{holder: record.HolderIdentity, renewal: record.RenewTime.Time, changed: now, at: now}
	if last := l.seen.Load(); last != nil && last.holder == s.holder && last.renewal.Equal(s.renewal) {
		s.changed = last.changed
	}
	l.seen.Store(&s)
}

// leader describes who leads, as far as the election knows. It never compares clocks: a holder is dead once it has
// not renewed the Lease for as long as that lasts.
func (l *lock) leader(now time.Time) string {
	s := l.seen.Load()
	switch {
	case s == nil:
		return "not known yet (this replica has not joined the election)"
	case now.Sub(s.at) > 3*l.term:
		return "not known (the API server does not answer)"
	case s.holder == "":
		return "nobody at the moment"
	case now.Sub(s.changed) > 2*l.term:
		return "nobody (" + hostOf(s.holder) + " has stopped)"
	case s.holder == l.Identity():
		return hostOf(s.holder) + " (this replica)"
	default:
		return hostOf(s.holder)
	}
}

func hostOf(identity string) string {
	if i := strings.LastIndexByte(identity, '_'); i > 0 {
		return identity[:i]
	}
	return identity
}
