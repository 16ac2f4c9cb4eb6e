package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// memory is that of a leader, a standby and a bare informer, in MiB.
type memory [3]stats

const (
	leader = iota
	standby
	bare
)

// hold measures memory before and after a boundary of n HPAs, and what it costs that all are held and nothing happens.
func (b *bench) hold(ctx context.Context, n int, calm, idle time.Duration) (err error) {
	m, err := b.newMeeting(ctx, n)
	if err == nil {
		err = b.publish(b.fleet.schedule(1))
	}
	if err != nil {
		return err
	}
	watching, err := b.startInformants(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, watching.stop()) }()
	k, err := b.startKeepers(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.stop()) }()
	pids := [3]int{k.leader.Pid(), k.standby.Pid(), watching[0].Pid()}
	before, err := b.memoryAfter(ctx, calm, pids)
	if err != nil {
		return err
	}
	b.reportMemory(n, "idle", before)
	if n == 0 {
		return nil
	}
	if _, err := m.keeperRound(ctx, k, []occasion{{name: "all-day", minReplicas: floor}}); err != nil {
		return err
	}
	after, err := b.memoryAfter(ctx, calm, pids)
	if err == nil {
		b.reportMemory(n, "after a boundary", after)
		err = b.idle(ctx, n, idle, k)
	}
	if err != nil {
		return err
	}
	_, err = m.keeperRelease(ctx)
	return err
}

// memoryAfter returns the resident memory after a while, of the next seconds.
func (b *bench) memoryAfter(ctx context.Context, calm time.Duration, pids [3]int) (all memory, err error) {
	if err := sleep(ctx, time.Now().Add(calm)); err != nil {
		return all, err
	}
	var samples [3][]usage
	for range 5 {
		for i, pid := range pids {
			u, err := usageOf(pid)
			if err != nil {
				return all, err
			}
			samples[i] = append(samples[i], u)
		}
		if err := sleep(ctx, time.Now().Add(time.Second)); err != nil {
			return all, err
		}
	}
	for i := range samples {
		all[i] = statsOf(samples[i], func(u usage) float64 { return u.RSS })
	}
	b.progress.say("  leader %.1f MiB, standby %.1f MiB, a bare informer %.1f MiB", all[leader].Median, all[standby].Median, all[bare].Median)
	return all, nil
}

// ownMemory and memoryOfHPA are what floorkeeper may need, in MiB: without HPAs, and for each beyond what it costs the informer.
const (
	ownMemory   = 45
	memoryOfHPA = 3.0 / 1024
)

// reportMemory adds the results of one state.
func (b *bench) reportMemory(n int, state string, now memory) {
	title := fmt.Sprintf("memory with %d HPAs, %s", n, state)
	if n == 0 {
		b.zero = &now
	}
	b.point("memory", "bare informer", "HPAs", max(n, 1), now[bare].Median)
	add := func(who string, of int, value float64, is string, target float64, details map[string]float64) {
		b.Results = append(b.Results, result{
			Name: title + ": " + who, Unit: "MiB", Floorkeeper: now[of], Limit: &now[bare], LimitIs: "bare informer of the same HPAs",
			Value: value, ValueIs: is, Target: &target, Details: details,
		})
	}
	if n == 0 || b.zero == nil {
		add("leader", leader, now[leader].Median, "MiB", ownMemory, nil)
		add("standby", standby, now[standby].Median, "MiB", ownMemory, nil)
		return
	}
	grown := func(of int) float64 { return now[of].Median - b.zero[of].Median }
	beyond := func(of int) map[string]float64 {
		return map[string]float64{"KiB for each HPA beyond the informer": (grown(of) - grown(bare)) * 1024 / float64(n)}
	}
	allowed := ownMemory + grown(bare)
	add("standby", standby, now[standby].Median/allowed, fmt.Sprintf("of %s MiB: 45 and the informer's growth", number(allowed)), 1, beyond(standby))
	allowed += memoryOfHPA * float64(n)
	add("leader", leader, now[leader].Median/allowed, fmt.Sprintf("of %s MiB: the same and 3 KiB for each HPA", number(allowed)), 1, beyond(leader))
}

// idle measures what it costs that floors are held and nothing changes.
func (b *bench) idle(ctx context.Context, n int, long time.Duration, k *keepers) error {
	if err := b.audit.skip(); err != nil || long == 0 {
		return err
	}
	b.progress.say("  nothing happens for %s", long)
	before, err := k.usage()
	if err != nil {
		return err
	}
	if err := sleep(ctx, time.Now().Add(long)); err != nil {
		return err
	}
	after, err := k.usage()
	if err != nil {
		return err
	}
	requests, err := b.audit.read()
	if err != nil {
		return err
	}
	count := 0.0
	for _, r := range requests {
		if r.User.Username == account && r.ObjectRef.Resource != "leases" && r.Verb != "watch" {
			count++
			b.progress.say("  %s %s %s", r.Verb, r.ObjectRef.Resource, r.key())
		}
	}
	same := func(v float64) float64 { return v }
	share := statsOf([]float64{(after[0].CPU - before[0].CPU) / long.Seconds() * 100}, same)
	title := fmt.Sprintf("%s with %d HPAs held", long, n)
	b.Results = append(b.Results,
		result{
			Name: title + ": requests but of the Lease and watches", Unit: "requests", Floorkeeper: statsOf([]float64{count}, same),
			Value: count, ValueIs: "requests", Target: new(0.0),
		},
		result{
			Name: title + ": CPU of the leader", Unit: "%", Floorkeeper: share, Value: share.Median, ValueIs: "% of a core", Target: new(0.5),
			Details: map[string]float64{"standby": (after[1].CPU - before[1].CPU) / long.Seconds() * 100},
		})
	return nil
}
