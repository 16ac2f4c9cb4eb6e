package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// pair starts a leader and then a standby, each behind a proxy of its own.
func (s *scene) pair(t *testing.T, args ...string) (leader, standby *keeper) {
	t.Helper()
	leader = s.keep(t, "a", s.startProxy(t, s.namespace+"-a"), args...)
	s.awaitHolder(t, "")
	standby = s.keep(t, "b", s.startProxy(t, s.namespace+"-b"), args...)
	return leader, standby
}

// holder returns who holds the Lease, and "" if nobody does.
func (s *scene) holder(ctx context.Context) (string, error) {
	lease, err := s.client.CoordinationV1().Leases(s.namespace).Get(ctx, "floorkeeper", metav1.GetOptions{})
	if err != nil || lease.Spec.HolderIdentity == nil {
		return "", err
	}
	return *lease.Spec.HolderIdentity, nil
}

// awaitHolder waits until somebody other than a former holder has the Lease, and returns who.
func (s *scene) awaitHolder(t *testing.T, former string) string {
	t.Helper()
	var holder string
	await.Success(t, "a new leader", func(ctx context.Context) (err error) {
		holder, err = s.holder(ctx)
		if err == nil && (holder == "" || holder == former) {
			err = fmt.Errorf("the Lease is held by %q", holder)
		}
		return err
	})
	return holder
}

// zombie stops the leader past its Lease, across the opening of a floor, and wakes it up when the standby has raised
// the floor and the owner has edited the HPA.
func zombie(t *testing.T, s *scene) {
	s.create(t, "web", 2)
	leader, standby := s.pair(t)
	former := s.awaitHolder(t, "")
	open := openFrom(3 * time.Second)
	s.publish(t, s.gala(open, 8))
	at(open.start.Add(-time.Second))
	leader.signal(t, syscall.SIGSTOP, false)
	s.awaitHeld(t, "web", 8)
	s.edit(t, "web", 5)
	s.awaitHeld(t, "web", 8)
	below := s.recordBelow(t)
	s.wake(t, leader, former)
	wantNone(t, below())
	s.publish(t, s.gala(open.until(2*time.Second), 8))
	s.wantFree(t)
	s.wantQuiet(t, leader.proxy)
	s.wantQuiet(t, standby.proxy)
}

// zombieRaises lets a raise of the leader be on its way for so long that it reaches the API server when the standby has
// raised the floor and the owner has edited the HPA.
func zombieRaises(t *testing.T, s *scene) {
	s.create(t, "web", 2)
	leader, _ := s.pair(t)
	former := s.awaitHolder(t, "")
	open := openFrom(-5 * time.Second)
	arrive := s.delay(t, leader)
	s.publish(t, s.gala(open, 8))
	s.awaitDelayed(t, leader)
	leader.signal(t, syscall.SIGSTOP, false)
	s.awaitHeld(t, "web", 8)
	s.edit(t, "web", 5)
	s.awaitHeld(t, "web", 8)
	below := s.recordBelow(t)
	arrive()
	s.wantHeldStill(t, leader)
	s.wake(t, leader, former)
	wantNone(t, below())
	s.publish(t, s.gala(open.until(2*time.Second), 8))
	s.wantFree(t)
}

// zombieReleases is zombieRaises with a release, which arrives when another event holds the HPA again.
func zombieReleases(t *testing.T, s *scene) {
	s.create(t, "web", 2)
	leader, _ := s.pair(t)
	former := s.awaitHolder(t, "")
	open := openFrom(-5 * time.Second)
	s.publish(t, s.gala(open, 8))
	s.awaitHeld(t, "web", 8)
	arrive := s.delay(t, leader)
	s.publish(t)
	s.awaitDelayed(t, leader)
	leader.signal(t, syscall.SIGSTOP, false)
	s.awaitFree(t, "web")
	s.edit(t, "web", 5)
	s.publish(t, s.gala(open, 8))
	s.awaitHeld(t, "web", 8)
	below := s.recordBelow(t)
	arrive()
	s.wantHeldStill(t, leader)
	s.wake(t, leader, former)
	wantNone(t, below())
	s.publish(t, s.gala(open.until(2*time.Second), 8))
	s.wantFree(t)
}

// wantNone checks that the floor has never fallen: a leader that has lost its Lease must not knock down what the next
// one has raised, not even for a moment, because the HPA controller would act on it.
func wantNone(t *testing.T, below []int32) {
	t.Helper()
	if len(below) > 0 {
		t.Errorf("minReplicas fell below the floor, to %v", below)
	}
}

// delay keeps the next patch of a keeper on its way until the returned function is called.
func (s *scene) delay(t *testing.T, k *keeper) (arrive func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	k.inject(fault{match: hpaPatches, times: 1, act: late(ctx.Done())})
	return cancel
}

// awaitDelayed waits until there is such a patch.
func (s *scene) awaitDelayed(t *testing.T, k *keeper) {
	t.Helper()
	await.Success(t, "a patch of "+k.name, func(context.Context) error {
		k.proxy.mu.Lock()
		defer k.proxy.mu.Unlock()
		if k.faults[len(k.faults)-1].matched == 0 {
			return errors.New("there was none")
		}
		return nil
	})
}

// wantHeldStill waits until the patch that came late was refused, and checks that the floor is as before.
func (s *scene) wantHeldStill(t *testing.T, k *keeper) {
	t.Helper()
	await.Success(t, "the late patch to be refused", func(context.Context) error {
		if k.count(hpaPatches, http.StatusConflict) == 0 {
			return errors.New("no patch was refused")
		}
		return nil
	})
	s.wantState(t, held(8, s.owner["web"]))
}

// wake lets a stopped leader go on, and waits until it has noticed that it leads no more and stands by.
func (s *scene) wake(t *testing.T, k *keeper, former string) {
	t.Helper()
	leader := s.awaitHolder(t, former)
	k.signal(t, syscall.SIGCONT, false)
	await.Success(t, k.name+" to stand by", func(context.Context) error {
		log, err := os.ReadFile(k.options.Log)
		if err == nil && !bytes.Contains(log, []byte("the Lease was lost; standing by")) {
			err = errors.New("it takes itself for the leader")
		}
		return err
	})
	s.wantState(t, held(8, s.owner["web"]))
	if holder, err := s.holder(t.Context()); err != nil || holder != leader {
		t.Errorf("the Lease is held by %q (%v), want %q", holder, err, leader)
	}
	if k.ended() > 0 {
		t.Errorf("%s ended %d times, want never", k.name, k.ended())
	}
}

// flappingAPI lets every request of both replicas fail for 5 s every 20 s. A floor opens or closes in the middle of each
// failure. No replica may end by it: the kubelet would start it again later each time.
func flappingAPI(t *testing.T, s *scene) {
	const cycle, failure = 20 * time.Second, 5 * time.Second
	s.create(t, "web", 2)
	a, b := s.pair(t)
	begin := time.Now().UTC().Truncate(time.Second).Add(3 * time.Second)
	first := span{begin.Add(failure / 2), begin.Add(cycle + failure/2)}
	second := span{begin.Add(2*cycle + failure/2), begin.Add(time.Hour)}
	s.publish(t, s.event("first", first, 8, "web"), s.event("second", second, 9, "web"))
	var late []time.Duration
	for i, want := range []int32{8, 2, 9} {
		at(begin.Add(time.Duration(i) * cycle))
		ends := []func(){a.inject(fault{match: everything, act: dropBefore}), b.inject(fault{match: everything, act: dropBefore})}
		a.cut()
		b.cut()
		at(begin.Add(time.Duration(i)*cycle + failure))
		for _, end := range ends {
			end()
		}
		back := time.Now()
		s.awaitMin(t, want)
		late = append(late, time.Since(back).Round(time.Millisecond))
	}
	t.Logf("RESULT errors of %s every %s: every floor was right %v after the API was back", failure, cycle, late)
	if a.ended()+b.ended() > 0 {
		t.Errorf("the replicas ended %d and %d times, want never", a.ended(), b.ended())
	}
	s.publish(t, s.event("second", second.until(2*time.Second), 9, "web"))
	s.wantFree(t)
	s.wantQuiet(t, a.proxy)
	s.wantQuiet(t, b.proxy)
}

// flapping cuts the one off from the Lease, then the other, and so on, while floors open and close.
func flapping(t *testing.T, s *scene) {
	s.create(t, "web", 2)
	a, b := s.pair(t)
	open := openFrom(-5 * time.Second)
	var leader string
	for i, floor := range []int32{8, 0, 12, 9} {
		k := []*keeper{a, b}[i%2]
		end := k.inject(fault{match: leases, act: dropBefore})
		from := time.Now()
		at(from.Add(3 * time.Second)) // the leader has not given up yet
		if floor == 0 {
			s.publish(t)
		} else {
			s.publish(t, s.gala(open, floor))
		}
		s.edit(t, "web", int32(3+i))
		at(from.Add(12 * time.Second)) // and now the other leads: it may need ten
		if floor == 0 {
			s.awaitFree(t, "web")
		} else {
			s.awaitHeld(t, "web", floor)
		}
		leader = s.awaitHolder(t, leader)
		end()
	}
	if a.ended()+b.ended() > 0 {
		t.Errorf("the replicas ended %d and %d times, want never", a.ended(), b.ended())
	}
	s.publish(t, s.gala(open.until(2*time.Second), 9))
	s.wantFree(t)
	s.wantQuiet(t, a.proxy)
	s.wantQuiet(t, b.proxy)
}
