package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// boundary measures n HPAs whose floors begin at one instant: floorkeeper, the loop, the loop, floorkeeper. The first
// round of each turn warms up and does not count.
func (b *bench) boundary(ctx context.Context, n int) error {
	if err := b.fleet.grow(ctx, n); err != nil {
		return err
	}
	m := &meeting{bench: b, n: n, loops: map[int][]round{}}
	half := b.rounds / 2
	for _, turn := range []func() error{
		func() error { return m.keeperTurn(ctx, b.rounds-half) },
		func() error { return m.loopTurn(ctx, m.levels()...) },
		func() error { return m.loopTurn(ctx, m.again()...) },
		func() error { return m.keeperTurn(ctx, half) },
	} {
		if err := turn(); err != nil {
			return err
		}
	}
	m.report()
	return nil
}

// meeting is the rounds of one number of HPAs.
type meeting struct {
	*bench
	n       int
	keepers []round
	loops   map[int][]round // by the number of requests at a time
}

// round is one boundary.
type round struct {
	tally           *tally
	before, after   [2]usage // of leader and standby
	released        *tally
	atATime         int
	first, last     float64 // seconds after the instant, of raises
	events, settled float64
}

func newRound(t *tally) round {
	return round{tally: t, first: t.since(t.First), last: t.since(t.Change), events: t.since(t.Event), settled: t.since(t.Last)}
}

// patience is how long a round may take.
func (m *meeting) patience() time.Duration {
	return 30*time.Second + time.Duration(m.n)*20*time.Millisecond
}

// notice is how long before its instant a boundary is published: until the edit has no after-effects.
func (m *meeting) notice() time.Duration {
	return 4*time.Second + time.Duration(m.n)*time.Millisecond/2
}

// keeperTurn lets floorkeeper play so many rounds, after one that does not count.
func (m *meeting) keeperTurn(ctx context.Context, rounds int) (err error) {
	if err := m.publish(m.fleet.schedule("", time.Time{})); err != nil {
		return err
	}
	k, err := m.startKeepers(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.stop()) }()
	for i := range rounds + 1 {
		r, err := m.keeperRound(ctx, k, fmt.Sprintf("boundary-%d", i))
		if err != nil {
			return fmt.Errorf("%w\n%s", err, k.leader.Tail(10))
		}
		m.tell("floorkeeper", i, r)
		if i > 0 {
			m.keepers = append(m.keepers, r)
		}
	}
	return nil
}

// keeperRound is one boundary, and the release by an edit of the schedule after it.
func (m *meeting) keeperRound(ctx context.Context, k *keepers, name string) (r round, err error) {
	instant := time.Now().Add(m.notice()).Truncate(time.Second).Add(time.Second)
	if err := m.publish(m.fleet.schedule(name, instant)); err != nil {
		return r, err
	}
	if err := sleep(ctx, instant.Add(-200*time.Millisecond)); err != nil {
		return r, err
	}
	before, err := k.usage()
	if err != nil {
		return r, err
	}
	raised, err := m.observe(ctx, instant, nil)
	if err != nil {
		return r, err
	}
	r = newRound(raised)
	r.before = before
	if r.after, err = k.usage(); err != nil {
		return r, err
	}
	r.released, err = m.observe(ctx, time.Now(), func() error { return m.publish(m.fleet.schedule("", time.Time{})) })
	return r, err
}

// observe does something and waits until all HPAs are written.
func (m *meeting) observe(ctx context.Context, from time.Time, do func() error) (*tally, error) {
	if err := m.audit.skip(); err != nil {
		return nil, err
	}
	if do != nil {
		if err := do(); err != nil {
			return nil, err
		}
	}
	t := newTally(from, m.n, !m.handBack)
	return t, t.await(ctx, m.audit, m.patience())
}

func (k *keepers) usage() (both [2]usage, err error) {
	leader, err1 := usageOf(k.leader.Pid())
	standby, err2 := usageOf(k.standby.Pid())
	return [2]usage{leader, standby}, errors.Join(err1, err2)
}

// levels are the numbers of requests at a time that the loop tries, after one round that warms up.
func (m *meeting) levels() []int {
	once := []int{16, 32, 64, 128}
	levels := append([]int{32}, once...)
	if m.n <= 1000 {
		levels = append(levels, append(once, once...)...)
	}
	return levels
}

// again are the rounds of the second turn: those of the best level, until there are as many as floorkeeper has.
func (m *meeting) again() []int {
	best := m.best()
	levels := []int{best}
	for range m.rounds - len(m.loops[best]) {
		levels = append(levels, best)
	}
	return levels
}

// best is the number of requests at a time at which the loop is fastest.
func (m *meeting) best() (best int) {
	for level, rounds := range m.loops {
		if best == 0 || median(rounds, lastOf) < median(m.loops[best], lastOf) {
			best = level
		}
	}
	return best
}

func lastOf(r round) float64    { return r.last }
func firstOf(r round) float64   { return r.first }
func settledOf(r round) float64 { return r.settled }

func median(rounds []round, of func(round) float64) float64 { return statsOf(rounds, of).Median }

// loopTurn lets the loop play, with two informers in place of a leader and a standby. The first round does not count.
func (m *meeting) loopTurn(ctx context.Context, levels ...int) (err error) {
	watching, err := m.startInformants(ctx, 2)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, watching.stop()) }()
	l := &loop{client: m.own}
	if l.hpas, err = m.fleet.list(ctx); err != nil {
		return err
	}
	for i, level := range levels {
		r, err := m.loopRound(ctx, l, level, fmt.Sprintf("boundary-%d", i))
		if err != nil {
			return err
		}
		m.tell(fmt.Sprintf("loop, %d at a time", level), i, r)
		if i > 0 {
			m.loops[level] = append(m.loops[level], r)
		}
	}
	return nil
}

// loopRound writes what floorkeeper writes at a boundary, and gives all back.
func (m *meeting) loopRound(ctx context.Context, l *loop, level int, name string) (r round, err error) {
	start := time.Now()
	t, err := m.observe(ctx, start, func() error {
		if err := l.raise(ctx, level, name, start); err != nil {
			return err
		}
		return m.rest(ctx, l, level, name)
	})
	if err != nil {
		return r, err
	}
	r = newRound(t)
	r.atATime = level
	r.released, err = m.observe(ctx, time.Now(), func() error {
		if err := l.release(ctx, level); err != nil {
			return err
		}
		return m.rest(ctx, l, level, name)
	})
	return r, err
}

// rest is what follows the patches.
func (m *meeting) rest(ctx context.Context, l *loop, level int, name string) error {
	if err := l.announce(ctx, level, name); err != nil || m.handBack {
		return err
	}
	return l.handBack(ctx, level)
}

// tell shows a round.
func (m *meeting) tell(who string, i int, r round) {
	counts := ""
	if i == 0 {
		counts = " (warm-up)"
	}
	more := ""
	if r.after[0].CPU > 0 {
		more = fmt.Sprintf("; leader %.2f s CPU, RSS %.0f -> %.0f MiB (anonymous %.0f -> %.0f), standby %.0f -> %.0f MiB; %v, of the release %v",
			r.after[0].CPU-r.before[0].CPU, r.before[0].RSS, r.after[0].RSS, r.before[0].Anon, r.after[0].Anon,
			r.before[1].RSS, r.after[1].RSS, r.tally.Writes, r.released.Writes)
	}
	m.progress.say("  %d HPAs, %s%s: first sent %.3f s, last raise %.3f s, last Event %.3f s, all done %.3f s; release %.3f s, all done %.3f s%s", m.n, who, counts,
		r.first, r.last, r.events, r.settled, r.released.since(r.released.Change), r.released.since(r.released.Last), more)
}
