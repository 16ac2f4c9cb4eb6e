package faults

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"
)

// storms let faults, edits and schedules come in any order for a while, as long as FAULTS_TIME, and then let it all
// end.
func (c *cluster) storms(t *testing.T) {
	t.Parallel()
	duration := 30 * time.Second
	if text := os.Getenv("FAULTS_TIME"); text != "" {
		var err error
		if duration, err = time.ParseDuration(text); err != nil {
			t.Fatalf("cannot read FAULTS_TIME: %v", err)
		}
	}
	for i := range 4 {
		name := fmt.Sprintf("storm-%d", i)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.play(t, name, func(t *testing.T, s *scene) { s.playStorm(t, duration) })
		})
	}
}

// storm is what can happen, and its victim.
type storm struct {
	*scene
	keepers []*keeper
	names   []string
	happens map[string]int // how often
}

func (s *scene) playStorm(t *testing.T, duration time.Duration) {
	st := &storm{scene: s, names: []string{"web", "api", "cdn"}, happens: map[string]int{}}
	for _, name := range st.names {
		s.create(t, name, 2)
	}
	s.hasty = true
	a, b := s.pair(t, "--settle-time=3s")
	st.keepers = []*keeper{a, b}
	for end := time.Now().Add(duration); time.Now().Before(end); {
		st.strike(t)
		<-time.After(time.Duration(20+s.random.IntN(600)) * time.Millisecond)
	}
	at(time.Now().Add(longest)) // every fault has ended by then
	t.Logf("RESULT storm of %s: %v", duration, st.happens)
	open := openFrom(-5 * time.Second)
	s.publish(t, s.gala(open, 30, "api", "cdn"))
	for _, name := range st.names {
		s.awaitHeld(t, name, 30)
	}
	s.publish(t, s.gala(open.until(3*time.Second), 30, "api", "cdn"))
	s.wantFree(t)
}

// longest is the most that a fault of a storm lasts.
const longest = 9 * time.Second

// strike lets one thing happen.
func (st *storm) strike(t *testing.T) {
	k := st.keepers[st.random.IntN(len(st.keepers))]
	name := st.names[st.random.IntN(len(st.names))]
	short := time.Duration(st.random.Int64N(int64(longest / 3)))
	var what string
	switch st.random.IntN(9) {
	case 0, 1:
		what = "edit"
		st.edit(t, name, st.anyMin())
	case 2, 3:
		what = "schedule"
		st.publish(t, st.anySchedule()...)
	case 4:
		what = "recreated"
		st.drop(t, name)
		st.create(t, name, st.anyMin())
	case 5:
		what = "watch cut"
		time.AfterFunc(short, k.blind())
	case 6:
		what = "watch held"
		k.hold()
		time.AfterFunc(short, k.release)
	case 7:
		what = "requests disturbed"
		time.AfterFunc(short, k.inject(st.anyFault()))
	default:
		what = st.strikeProcess(k)
	}
	st.happens[what]++
}

// anyMin is a minReplicas that no floor of a storm equals.
func (st *storm) anyMin() int32 {
	if st.random.IntN(4) == 0 {
		return 41 + st.random.Int32N(9)
	}
	return 1 + st.random.Int32N(19)
}

// anySchedule covers some or all HPAs, now, soon, or for a while yet.
func (st *storm) anySchedule() []string {
	open := openFrom(time.Duration(st.random.IntN(7)-3) * time.Second)
	if st.random.IntN(2) == 0 {
		open.end = open.start.Add(time.Duration(4+st.random.IntN(5)) * time.Second)
	}
	floor := 20 + st.random.Int32N(20)
	switch st.random.IntN(4) {
	case 0:
		return nil
	case 1:
		return []string{st.gala(open, floor)}
	default:
		return []string{st.gala(open, floor, "api", "cdn")}
	}
}

// anyFault disturbs some kind of request in some way.
func (st *storm) anyFault() fault {
	matches := []func(*http.Request) bool{hpaPatches, hpaPatches, writes, events, leases}
	replies := badReplies()
	names := slices.Sorted(maps.Keys(replies))
	name := names[st.random.IntN(len(names))]
	return fault{match: matches[st.random.IntN(len(matches))], act: replies[name]}
}

// strikeProcess kills a process or stops it for longer than its Lease.
func (st *storm) strikeProcess(k *keeper) string {
	if st.random.IntN(2) == 0 {
		k.crash()
		return "killed"
	}
	p := k.current()
	_ = p.Signal(syscall.SIGSTOP)
	time.AfterFunc(time.Duration(st.random.Int64N(int64(longest))), func() { _ = p.Signal(syscall.SIGCONT) })
	return "stopped for a while"
}
