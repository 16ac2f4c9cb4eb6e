package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// newTestLock returns the lock of a replica that has its schedule and its cache.
func newTestLock(client kubernetes.Interface, identity string, term time.Duration) *lock {
	feed := controller.NewFeed()
	feed.Publish(controller.Outcome{Revision: &controller.Revision{Schedule: schedules.New(nil, nil)}})
	return &lock{
		LeaseLock: &resourcelock.LeaseLock{
			LeaseMeta: metav1.ObjectMeta{Namespace: "home", Name: "floorkeeper"}, Client: client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: identity},
		},
		feed: feed, logger: logr.Discard(), synced: func(context.Context) error { return nil }, term: term, poke: feed.Poke, begin: func(bool) {}, end: func() {},
	}
}

// TestALeaderBeginsWithEveryHPA: nothing was queued while it stood by. A renewal in time causes no reconcile.
func TestALeaderBeginsWithEveryHPA(t *testing.T) {
	t.Parallel()
	l := newTestLock(fake.NewSimpleClientset(), "a", 5*time.Second)
	pokes := 0
	l.poke = func() { pokes++ }
	record := resourcelock.LeaderElectionRecord{HolderIdentity: "a", LeaseDurationSeconds: int(endless / time.Second)}
	for i, write := range []func(context.Context, resourcelock.LeaderElectionRecord) error{l.Create, l.Update} {
		if err := write(t.Context(), record); err != nil {
			t.Fatal(err)
		}
		if pokes != 1 {
			t.Errorf("after write %d of the Lease every HPA was reconciled %d times", i, pokes)
		}
	}
}

// TestTwoReplicasTakeTurns plays what the elector does when the Lease changes hands without the end of a process.
func TestTwoReplicasTakeTurns(t *testing.T) {
	t.Parallel()
	client := fake.NewSimpleClientset()
	a, b := newTestLock(client, "a", 5*time.Second), newTestLock(client, "b", 5*time.Second)
	var terms []string
	for _, l := range []*lock{a, b} {
		l.begin = func(another bool) {
			terms = append(terms, fmt.Sprintf("%s begins, another has led: %t, leading: %t", l.Identity(), another, l.leading()))
		}
		l.end = func() { terms = append(terms, l.Identity()+" ends") }
	}
	of := func(l *lock) resourcelock.LeaderElectionRecord {
		return resourcelock.LeaderElectionRecord{HolderIdentity: l.Identity(), LeaseDurationSeconds: int(endless / time.Second)}
	}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	leading := func(want ...bool) {
		t.Helper()
		if got := []bool{a.leading(), b.leading()}; !slices.Equal(got, want) {
			t.Fatalf("leading %v, want %v", got, want)
		}
	}
	read := func(l *lock) *resourcelock.LeaderElectionRecord {
		t.Helper()
		record, _, err := l.Get(t.Context())
		do(err)
		return record
	}
	do(a.Create(t.Context(), of(a)))
	leading(true, false)
	if got := read(b).LeaseDurationSeconds; got != 5 {
		t.Errorf("the Lease lasts %d seconds, want 5", got)
	}
	do(b.Update(t.Context(), of(b))) // as if it had expired
	read(a)
	leading(false, true)
	do(a.Update(t.Context(), resourcelock.LeaderElectionRecord{LeaseDurationSeconds: 1})) // the elector of a ends
	if got := read(a).HolderIdentity; got != "b" {
		t.Errorf("the Lease of b is held by %q after the release by a", got)
	}
	do(a.Update(t.Context(), of(a)))
	read(b)
	leading(true, false)
	do(a.Update(t.Context(), resourcelock.LeaderElectionRecord{LeaseDurationSeconds: 1}))
	leading(false, false)
	if got := read(b).HolderIdentity; got != "" {
		t.Errorf("the Lease is held by %q after its release", got)
	}
	if diff := cmp.Diff([]string{"a ends", "a begins, another has led: true, leading: false", "b ends"}, terms); diff != "" {
		t.Errorf("terms (-want +got):\n%s", diff)
	}
}

func TestTheEndOfALeaderIsNoError(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger, err := newLogger(&log, "info", "json")
	if err != nil {
		t.Fatal(err)
	}
	logger.Error(errors.New("leader election lost"), "error received after stop sequence was engaged")
	if got := log.String(); !strings.Contains(got, `"level":"info"`) || strings.Contains(got, "error") {
		t.Errorf("logged %s", got)
	}
	log.Reset()
	logger.Error(errors.New("the disk is full"), "error received after stop sequence was engaged")
	if got := log.String(); !strings.Contains(got, `"level":"error"`) || !strings.Contains(got, "the disk is full") {
		t.Errorf("logged %s", got)
	}
}

func TestTheLeaseIsLabelledWithTheSchedule(t *testing.T) {
	t.Parallel()
	feed := controller.NewFeed()
	l := &lock{LeaseLock: &resourcelock.LeaseLock{}, feed: feed}
	labels := func() map[string]string {
		l.label()
		return l.Labels
	}
	if got := labels(); got != nil {
		t.Errorf("without a schedule: %v", got)
	}
	sum := strings.Repeat("0123456789abcdef", 4)
	feed.Publish(controller.Outcome{Revision: &controller.Revision{Schedule: schedules.New(nil, nil), SHA256: sum}})
	if diff := cmp.Diff(map[string]string{cli.LabelSchedule: sum[:40], cli.LabelRefused: "false"}, labels()); diff != "" {
		t.Error(diff)
	}
	feed.Publish(controller.Outcome{Err: errors.New("broken")})
	if diff := cmp.Diff(map[string]string{cli.LabelSchedule: sum[:40], cli.LabelRefused: "true"}, labels()); diff != "" {
		t.Error(diff)
	}
}

// TestTheLeaseHasItsOwnConnection: a burst of patches must not delay a renewal.
func TestTheLeaseHasItsOwnConnection(t *testing.T) {
	t.Parallel()
	from := map[string]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from[r.URL.Path] = r.RemoteAddr
		w.WriteHeader(http.StatusNotFound)
	}))
	defer server.Close()
	config := &rest.Config{Host: server.URL}
	l, err := newLock(config, &options{electionNamespace: "home", leaseDuration: 5 * time.Second}, controller.NewFeed(), logr.Discard())
	if err != nil {
		t.Fatal(err)
	}
	others, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // one after the other, so that a connection that is shared is free
		_, _ = l.Client.Leases("home").Get(t.Context(), "lease", metav1.GetOptions{})
		_, _ = others.CoreV1().ConfigMaps("home").Get(t.Context(), "schedule", metav1.GetOptions{})
		_, _ = others.CoreV1().ConfigMaps("home").Get(t.Context(), "other", metav1.GetOptions{})
	}
	lease := from["/apis/coordination.k8s.io/v1/namespaces/home/leases/lease"]
	schedule, other := from["/api/v1/namespaces/home/configmaps/schedule"], from["/api/v1/namespaces/home/configmaps/other"]
	if lease == "" || schedule == "" || lease == schedule || schedule != other {
		t.Errorf("the Lease is asked for from %q, ConfigMaps from %q and %q, want a connection for the Lease and one for them", lease, schedule, other)
	}
}
