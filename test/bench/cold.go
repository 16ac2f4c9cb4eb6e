package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// cold measures a process that starts while an entry is open: from its start to the last raise.
func (b *bench) cold(ctx context.Context, n, rounds int) error {
	m := b.meetings[n]
	if m == nil {
		var err error
		if m, err = b.newMeeting(ctx, n); err != nil {
			return err
		}
		if err := m.loopTurn(ctx, m.levels()...); err != nil {
			return err
		}
	}
	patches := median(m.loops[m.best()], lastOf)
	var keepers, lists []float64
	for i := range rounds {
		for _, turn := range order(i, func() error { return m.coldKeeper(ctx, &keepers) }, func() error { return m.coldInformer(ctx, &lists) }) {
			if err := turn(); err != nil {
				return err
			}
		}
	}
	own := statsOf(keepers, func(s float64) float64 { return s })
	limit := statsOf(lists, func(s float64) float64 { return s + patches })
	b.ratio(fmt.Sprintf("cold start in mid-window, %d HPAs", n), "a bare informer's start until it has all HPAs, and the loop's patches", new(1.2),
		own, limit, map[string]float64{"the informer's part, median": limit.Median - patches})
	return nil
}

// order returns two turns, in the other order each second time.
func order(i int, a, b func() error) []func() error {
	if i%2 == 1 {
		a, b = b, a
	}
	return []func() error{a, b}
}

// coldKeeper starts one replica.
func (m *meeting) coldKeeper(ctx context.Context, took *[]float64) (err error) {
	if err := m.publish(m.fleet.schedule(1, occasion{"all-day", time.Now().Add(-time.Hour), floor})); err != nil {
		return err
	}
	k := &keepers{}
	defer func() { err = errors.Join(err, k.stop()) }()
	t, err := m.observe(ctx, time.Now(), false, func() (err error) {
		k.leader, err = m.startKeeper("leader")
		return err
	})
	if err != nil {
		return err
	}
	*took = append(*took, t.since(t.Change))
	m.progress.say("  %d HPAs, floorkeeper: first raise sent %.3f s after its start, last raise %.3f s", m.n, t.since(t.First), t.since(t.Change))
	_, err = m.keeperRelease(ctx)
	return err
}

// coldInformer starts a bare informer.
func (m *meeting) coldInformer(ctx context.Context, took *[]float64) error {
	from := time.Now()
	r, at, err := m.startInformant(ctx, "cold.log")
	if err != nil {
		return err
	}
	*took = append(*took, at.Sub(from).Seconds())
	m.progress.say("  %d HPAs, a bare informer: %.3f s", m.n, at.Sub(from).Seconds())
	return r.Stop(stopPatience)
}
