package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// show is the demo while it runs: it lets happen what is planned, and prints what it sees.
type show struct {
	screen   *screen
	plan     plan
	fleet    *fleet
	record   record
	begun    int             // The index of the latest phase whose beginning was reported.
	reported map[string]bool // What was reported about the current phase.
	killed   time.Time
	settled  bool // The last phase is as it should be, Pods included.
}

func newShow(s *screen, p plan, f *fleet) *show {
	return &show{screen: s, plan: p, fleet: f, record: record{latest: map[string]observation{}}, reported: map[string]bool{}}
}

// run goes on until the last phase is as it should be or its time is over.
func (sh *show) run(ctx context.Context, changes <-chan change) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	leaders := sh.fleet.watchLeader(ctx)
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	sh.screen.cursor(false)
	defer sh.screen.finish()
	now := time.Now()
	for now.Before(sh.plan.over) && !sh.settled {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case c := <-changes:
			sh.record.add(c)
		case leader := <-leaders:
			sh.lead(leader)
		case <-ticker.C:
			now = time.Now()
			if err := sh.fleet.lost(); err != nil {
				return err
			}
			sh.tick(now)
		}
	}
	sh.screen.draw(sh.view(now))
	return nil
}

// tick lets happen what is due, prints what has become of it, and draws.
func (sh *show) tick(now time.Time) {
	if sh.killed.IsZero() && !now.Before(sh.plan.kill) && sh.fleet.leader != nil {
		sh.killLeader(now)
	}
	phases := sh.plan.phases()
	if at := sh.plan.phaseAt(now); at > sh.begun {
		sh.begun, sh.reported = at, map[string]bool{}
		sh.screen.say(phases[at].from, bold, headline(phases[at], phases[at-1]))
	}
	sh.screen.draw(sh.view(now))
	if sh.begun > 0 {
		sh.follow(phases[sh.begun], now)
	}
}

func (sh *show) killLeader(now time.Time) {
	dead := sh.fleet.leader
	dead.kill()
	sh.fleet.leader, sh.killed = nil, now
	sh.screen.say(now, bold+";"+red,
		fmt.Sprintf("kill -9 %d: replica %s, the leader, is dead", dead.Pid(), dead.name))
}

// lead takes note of the replica that leads now.
func (sh *show) lead(leader *member) {
	now := time.Now()
	if leader != nil && leader.killed {
		return // The news of its death overtook it.
	}
	sh.fleet.leader = leader
	switch {
	case leader == nil:
	case sh.killed.IsZero():
		sh.screen.say(now, "", fmt.Sprintf("replica %s of floorkeeper leads, the other stands by", leader.name))
	default:
		sh.screen.say(now, bold, fmt.Sprintf("replica %s has taken over, %s after the death of the leader", leader.name,
			seconds(now.Sub(sh.killed))))
	}
}

// headline prints what begins, and its floors.
func headline(ph, before phase) string {
	var moves []string
	for _, a := range apps() {
		moves = append(moves, fmt.Sprintf("%s %d -> %d", a.name, before.want[a.name], ph.want[a.name]))
	}
	return ph.title + ": " + strings.Join(moves, ", ")
}

// follow prints, once each, that floorkeeper has done its part of a phase and that the Pods have followed.
func (sh *show) follow(ph phase, now time.Time) {
	total := slowest(ph.judge(now, sh.record.observations))
	patched, ready := total.patched, total.ready
	if patched >= 0 && !sh.reported["patched"] {
		sh.reported["patched"] = true
		text := "all three minReplicas are patched, %s after the boundary"
		if ph.because == "" {
			text = "all three baselines are given back, %s after the boundary"
		}
		sh.screen.say(ph.from.Add(patched), "", fmt.Sprintf(text, seconds(patched)))
	}
	if ready >= 0 && !sh.reported["ready"] {
		sh.reported["ready"] = true
		sh.screen.say(ph.from.Add(ready), green, fmt.Sprintf("%d Pods are Ready, %s after the boundary", ph.pods(), seconds(ready)))
	}
	sh.settled = sh.begun == len(sh.plan.phases())-1 && ready >= 0
}

// pods is how many Pods the phase wants altogether.
func (ph phase) pods() (sum int32) {
	for _, n := range ph.want {
		sum += n
	}
	return sum
}

// slowest is the verdict on all applications together.
func slowest(verdicts []verdict) verdict {
	total := verdicts[0]
	for _, v := range verdicts[1:] {
		total.patched = later(total.patched, v.patched)
		total.ready = later(total.ready, v.ready)
	}
	return total
}

// later returns the later of two durations, where a negative one means never.
func later(a, b time.Duration) time.Duration {
	if a < 0 || b < 0 {
		return -1
	}
	return max(a, b)
}

func (sh *show) view(now time.Time) view {
	v := view{
		now: now, rows: sh.record.rows(), replicas: sh.fleet.status(),
		steps: []string{"before", window, "leader killed", fmt.Sprintf("%s x%d", event, multiplier), window, "after"},
		step:  sh.begun,
	}
	if sh.begun >= 2 || !sh.killed.IsZero() {
		v.step++
	}
	if !sh.settled {
		v.next, v.nextAt = sh.plan.next(now)
	}
	return v
}

// seconds writes a duration as people compare them.
func seconds(d time.Duration) string {
	switch {
	case d < 0:
		return "never"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	default:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
}
