package controller

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// revertedAt is a look that sees the floor reverted.
func revertedAt(at time.Time) autoscaler.Verdict {
	s := autoscaler.State{Condition: autoscaler.Held, Mark: evening.Mark(4, 24), MinReplicas: 2, MaxReplicas: 100}
	return autoscaler.Verdict{At: at, State: s, Desired: s.Next(evening.Asks(24))}
}

// TestContestBacksOff plays an opponent that reverts as soon as it is answered, over and over.
func TestContestBacksOff(t *testing.T) {
	now := evening.KickOff()
	var c reverts
	var delays []time.Duration
	reported := 0
	for range 11 {
		if !c.reverted("sync", now) {
			t.Fatal("a revert after an answer is a new one")
		}
		if c.reverted("sync", now) {
			t.Fatal("the same revert is counted twice before it is answered")
		}
		delay := c.due.Sub(now)
		delays = append(delays, delay)
		if delay > 0 && c.isDue(now) {
			t.Fatalf("answered at once in spite of a delay of %v", delay)
		}
		now = c.due
		if !c.isDue(now) {
			t.Fatal("not answered when it is due")
		}
		if c.reraised(revertedAt(now)) == "sync" {
			reported++
		}
	}
	want := []time.Duration{0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30}
	for i := range want {
		want[i] *= time.Second
	}
	if diff := cmp.Diff(want, delays); diff != "" {
		t.Errorf("delays (-want +got):\n%s", diff)
	}
	if reported != 3 {
		t.Errorf("reported %d times in the two minutes, want 3: at 0 s, 61 s and 121 s", reported)
	}

	if c.reverted("another", now); !c.due.Equal(now) {
		t.Errorf("the first revert of a new opponent is answered %v late", c.due.Sub(now))
	}
	now = now.Add(revertWindow + revertLimit)
	if c.reverted("sync", now); c.due.After(now) {
		t.Errorf("after a minute's peace the answer is %v late", c.due.Sub(now))
	}
	if !c.isDue(now.Add(-time.Hour)) {
		t.Error("a clock that was stepped back keeps the answer waiting")
	}
}

// TestContestWithTwoOpponents plays two that revert in turn, as soon as they are answered.
func TestContestWithTwoOpponents(t *testing.T) {
	now := evening.KickOff()
	var c reverts
	reported := map[string]int{}
	for i := range 20 {
		c.reverted([]string{"sync", "helm"}[i%2], now)
		now = c.due
		reported[c.reraised(revertedAt(now))]++
	}
	if now.Sub(evening.KickOff()) < 2*time.Minute {
		t.Errorf("20 reverts were answered in %v", now.Sub(evening.KickOff()))
	}
	if reported["sync"] > 4 || reported["helm"] > 4 || reported["sync"] == 0 || reported["helm"] == 0 {
		t.Errorf("reported %v in %v, want each once in a minute", reported, now.Sub(evening.KickOff()))
	}
}

// underManyNames plays 30 reverts, each under another name as soon as the one before is answered, and returns when the last
// one is.
func (c *reverts) underManyNames(now time.Time) time.Time {
	for i := range 30 {
		c.reverted(strconv.Itoa(i), now)
		now = c.due
		c.reraised(revertedAt(now))
	}
	return now
}

// TestContestIsNotPutOff plays one that reverts under a new name each time, and does not wait for the answer.
func TestContestIsNotPutOff(t *testing.T) {
	now := evening.KickOff()
	var c reverts
	now = c.underManyNames(now)
	c.reverted("first", now)
	due := c.due
	for i := range 10 {
		now = now.Add(time.Second)
		c.reverted(strconv.Itoa(100+i), now)
	}
	if c.due.After(due) {
		t.Errorf("the answer was put off by %v", c.due.Sub(due))
	}
}

// TestContestWithManyNames plays one opponent that has another name each time.
func TestContestWithManyNames(t *testing.T) {
	now := evening.KickOff()
	var c reverts
	now = c.underManyNames(now)
	if took := now.Sub(evening.KickOff()); took < 3*time.Minute {
		t.Errorf("30 reverts were answered in %v", took)
	}
}

// TestStale compares the HPA that is read with our last patch.
func TestStale(t *testing.T) {
	hpa := evening.HPA(autoscaler.State{})
	hpa.ResourceVersion = "50"
	m := record{wrote: "100"}
	if !m.stale(hpa) {
		t.Error("the cache is older than our patch, and that is not noticed")
	}
	m.conflict()
	if m.stale(hpa) {
		t.Error("what the API server returned is stale")
	}
	if m.conflicts = 0; m.stale(hpa) {
		t.Error("after a restore of etcd every version is stale")
	}
}

// TestDelaysDouble: however often, they do not become negative.
func TestDelaysDouble(t *testing.T) {
	for times, want := range map[int]time.Duration{0: time.Second, 1: 2 * time.Second, 4: 16 * time.Second, 5: 30 * time.Second, 1000: 30 * time.Second} {
		if got := doubling(time.Second, times, 30*time.Second); got != want {
			t.Errorf("after %d times it is %s, want %s", times, got, want)
		}
	}
}
