package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// meeting is the rounds of one number of HPAs, in which floorkeeper and the loop take turns.
type meeting struct {
	*bench
	n       int
	entries int // of the schedule
	args    []string
	targets bool  // Deployments are to follow
	raised  int   // rounds so far: each raises further
	warmUps int   // rounds at the begin of a turn that do not count
	warmUp  round // the last
	keepers []round
	loops   map[int][]round // by the number of requests at a time
}

// round is one boundary.
type round struct {
	tally           *tally
	before, after   [2]usage // of leader and standby
	released        *tally   // nil where another raise follows
	first, last     float64  // seconds after the instant, of raises
	events, settled float64
}

func newRound(t *tally) round {
	return round{tally: t, first: t.since(t.First), last: t.since(t.Change), events: t.since(t.Event), settled: t.since(t.Last)}
}

func (b *bench) newMeeting(ctx context.Context, n int) (*meeting, error) {
	m := &meeting{bench: b, n: n, entries: 1, loops: map[int][]round{}}
	if n <= 1000 { // the first of more takes as long as the others
		m.warmUps = 1
	}
	return m, b.fleet.grow(ctx, n)
}

// boundary measures n HPAs whose floors begin at one instant: floorkeeper, the loop, the loop, floorkeeper.
func (b *bench) boundary(ctx context.Context, n, rounds int) error {
	m, err := b.newMeeting(ctx, n)
	if err != nil {
		return err
	}
	first, second := rounds-rounds/2, rounds/2
	if b.short {
		first, second = rounds, 0
	}
	turns := []func() error{
		func() error { return m.keeperTurn(ctx, first) },
		func() error { return m.loopTurn(ctx, m.levels()...) },
		func() error { return m.loopTurn(ctx, m.again(rounds)...) },
		func() error { return m.keeperTurn(ctx, second) },
	}
	if second == 0 {
		turns = turns[:2]
	}
	for _, turn := range turns {
		if err := turn(); err != nil {
			return err
		}
	}
	b.meetings[n] = m
	m.report()
	return nil
}

// patience is how long a round may take.
func (m *meeting) patience() time.Duration {
	return 3*time.Minute + time.Duration(m.n)*20*time.Millisecond
}

// notice is how long before its instant a boundary is published: until the edit has no after-effects.
func (m *meeting) notice() time.Duration {
	return 4*time.Second + time.Duration(m.n)*time.Millisecond/4
}

// crowd measures one boundary of floorkeeper alone, with so many HPAs or entries, for the plot.
func (b *bench) crowd(ctx context.Context, n, entries int, by string) error {
	m, err := b.newMeeting(ctx, n)
	if err != nil {
		return err
	}
	m.entries, m.warmUps = entries, 0
	if err := m.keeperTurn(ctx, 1); err != nil {
		return err
	}
	x := map[string]int{"HPAs": n, "entries": entries}[by]
	b.point("boundary", "floorkeeper", by, x, median(m.keepers, lastOf))
	m.memoryPoints(by, x)
	return nil
}

// releases reports whether each round ends with a release. Otherwise the next one raises further, which takes half the time.
func (m *meeting) releases() bool { return m.n <= 1000 }

// keeperTurn lets floorkeeper play so many rounds, after those that warm up.
func (m *meeting) keeperTurn(ctx context.Context, rounds int) (err error) {
	if err := m.publish(m.fleet.schedule(m.entries)); err != nil {
		return err
	}
	k, err := m.startKeepers(ctx, m.args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.stop()) }()
	var open []occasion
	for i := range m.warmUps + rounds {
		open = append(open, m.next())
		r, err := m.keeperRound(ctx, k, open)
		if err == nil && (m.releases() || i == m.warmUps+rounds-1) {
			r.released, err = m.keeperRelease(ctx)
			open = nil
		}
		if err != nil {
			return fmt.Errorf("%w\n%s", err, k.leader.Tail(10))
		}
		m.tell("floorkeeper", i < m.warmUps, r)
		if i >= m.warmUps {
			m.keepers = append(m.keepers, r)
		} else {
			m.warmUp = r
		}
	}
	return nil
}

// next returns the occasion of the next round, whose start is not set.
func (m *meeting) next() occasion {
	m.raised++
	return occasion{name: fmt.Sprintf("boundary-%d", m.raised), minReplicas: floor + m.raised}
}

// keeperRound is one boundary, that of the last occasion.
func (m *meeting) keeperRound(ctx context.Context, k *keepers, open []occasion) (r round, err error) {
	instant := time.Now().Add(m.notice()).Truncate(time.Second).Add(time.Second)
	open[len(open)-1].start = instant
	if err := m.publish(m.fleet.schedule(m.entries, open...)); err != nil {
		return r, err
	}
	if err := sleep(ctx, instant.Add(-200*time.Millisecond)); err != nil {
		return r, err
	}
	before, err := k.usage()
	if err != nil {
		return r, err
	}
	raised, err := m.observe(ctx, instant, m.targets, nil)
	if err != nil {
		return r, err
	}
	r = newRound(raised)
	r.before = before
	r.after, err = k.usage()
	return r, err
}

// keeperRelease takes all events out of the schedule.
func (m *meeting) keeperRelease(ctx context.Context) (*tally, error) {
	return m.observe(ctx, time.Now(), false, func() error { return m.publish(m.fleet.schedule(m.entries)) })
}

// observe does something and waits until all HPAs are written.
func (m *meeting) observe(ctx context.Context, from time.Time, targets bool, do func() error) (*tally, error) {
	if err := m.audit.skip(); err != nil {
		return nil, err
	}
	if do != nil {
		if err := do(); err != nil {
			return nil, err
		}
	}
	t := newTally(from, m.n, !m.handBack)
	if targets {
		t.targets = m.n
	}
	return t, t.await(ctx, m.audit, m.patience())
}

func (k *keepers) usage() (both [2]usage, err error) {
	leader, err1 := usageOf(k.leader.Pid())
	standby, err2 := usageOf(k.standby.Pid())
	return [2]usage{leader, standby}, errors.Join(err1, err2)
}

// levels are the numbers of requests at a time that the loop tries.
func (m *meeting) levels() []int {
	levels := []int{16, 32, 64, 128}
	if m.n <= 1000 && !m.short {
		levels = append(levels, levels...)
	}
	return levels
}

// again are the rounds of the second turn: those of the best level, until there are as many as floorkeeper has.
func (m *meeting) again(rounds int) []int {
	best := m.best()
	return slices.Repeat([]int{best}, max(0, rounds-len(m.loops[best])))
}

// best is the number of requests at a time at which the loop is fastest, of those that it has played most often: one
// round alone may be luck.
func (m *meeting) best() int {
	levels := slices.Collect(maps.Keys(m.loops))
	return slices.MinFunc(levels, func(a, b int) int {
		return cmp.Or(cmp.Compare(len(m.loops[b]), len(m.loops[a])), cmp.Compare(median(m.loops[a], lastOf), median(m.loops[b], lastOf)), cmp.Compare(a, b))
	})
}

func lastOf(r round) float64     { return r.last }
func firstOf(r round) float64    { return r.first }
func settledOf(r round) float64  { return r.settled }
func releasedOf(r round) float64 { return r.released.since(r.released.Change) }
func cpuOf(r round) float64      { return r.after[0].CPU - r.before[0].CPU }
func leaderOf(r round) float64   { return r.after[0].RSS }
func standbyOf(r round) float64  { return r.after[1].RSS }

func median(rounds []round, of func(round) float64) float64 { return statsOf(rounds, of).Median }

// loopTurn lets the loop play, with two informers in place of a leader and a standby, after rounds that warm up.
func (m *meeting) loopTurn(ctx context.Context, levels ...int) (err error) {
	watching, err := m.startInformants(ctx, 2)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, watching.stop()) }()
	l, err := m.newLoop(ctx)
	if err != nil {
		return err
	}
	for i, level := range append(slices.Repeat([]int{32}, m.warmUps), levels...) {
		r, err := m.loopRound(ctx, l, level, m.next())
		if err == nil && (m.releases() || i == m.warmUps+len(levels)-1) {
			r.released, err = m.loopRelease(ctx, l, level)
		}
		if err != nil {
			return err
		}
		m.tell(fmt.Sprintf("loop, %d at a time", level), i < m.warmUps, r)
		if i >= m.warmUps {
			m.loops[level] = append(m.loops[level], r)
		} else {
			m.warmUp = r
		}
	}
	return nil
}

// loopRound writes what floorkeeper writes at a boundary.
func (m *meeting) loopRound(ctx context.Context, l *loop, level int, o occasion) (r round, err error) {
	o.start = time.Now()
	t, err := m.observe(ctx, o.start, m.targets, func() error {
		if err := l.raise(ctx, level, o); err != nil {
			return err
		}
		if m.targets {
			if err := m.scale(ctx, l.client, level, o.minReplicas); err != nil {
				return err
			}
		}
		return m.rest(ctx, l, level, o.name)
	})
	if err != nil {
		return r, err
	}
	return newRound(t), nil
}

// loopRelease gives all back.
func (m *meeting) loopRelease(ctx context.Context, l *loop, level int) (*tally, error) {
	return m.observe(ctx, time.Now(), false, func() error {
		if err := l.release(ctx, level); err != nil {
			return err
		}
		return m.rest(ctx, l, level, "of before")
	})
}

// rest is what follows the patches.
func (m *meeting) rest(ctx context.Context, l *loop, level int, name string) error {
	if err := l.announce(ctx, level, name); err != nil || m.handBack {
		return err
	}
	return l.handBack(ctx, level)
}
