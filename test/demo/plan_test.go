package main

import (
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/kit/golden"
)

// TestScheduleSaysWhatThePlanExpects reads the schedule as floorkeeper does and compares it with the phases that the
// demo judges by, at any time of the day.
func TestScheduleSaysWhatThePlanExpects(t *testing.T) {
	for name, now := range map[string]time.Time{
		"in the afternoon":               time.Date(2026, 11, 22, 16, 57, 3, 7e8, time.UTC),
		"just before midnight":           time.Date(2026, 12, 31, 23, 59, 30, 0, time.UTC),
		"in another zone":                time.Date(2026, 3, 29, 1, 59, 50, 0, time.FixedZone("", 3600)),
		"where the event is a day later": time.Date(2027, 2, 28, 23, 59, 25, 0, time.UTC),
	} {
		for _, pace := range []pace{localPace(), realPace()} {
			t.Run(name, func(t *testing.T) {
				p := newPlan("shop", now, pace)
				schedule := parse(t, p)
				for _, ph := range p.phases() {
					from := ph.from
					if from.IsZero() {
						from = now
					}
					checkPhase(t, schedule, ph, from)
					checkPhase(t, schedule, ph, ph.to.Add(-time.Nanosecond))
				}
			})
		}
	}
}

func checkPhase(t *testing.T, schedule *schedules.Schedule, ph phase, at time.Time) {
	t.Helper()
	for _, a := range apps() {
		d := schedule.At(schedules.HPA{
			Namespace: "shop", Name: a.name, Labels: a.meta().Labels, Baseline: a.baseline,
		}, at)
		if got := max(a.baseline, d.Floor); got != ph.want[a.name] || d.Because != ph.because {
			t.Errorf("%s at %s (%s): the schedule says %d because of %q, the plan %d because of %q", a.name, at, ph.title,
				got, d.Because, ph.want[a.name], ph.because)
		}
	}
}

func parse(t *testing.T, p plan) *schedules.Schedule {
	t.Helper()
	text, err := p.schedule()
	if err != nil {
		t.Fatal(err)
	}
	schedule, err := config.Parse(source.File{Name: "schedule.yaml", Data: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return schedule
}

func TestScheduleGolden(t *testing.T) {
	text, err := newPlan("shop", time.Date(2026, 12, 18, 19, 30, 0, 0, time.UTC), localPace()).schedule()
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/schedule.yaml", text)
}

// TestPlanLeavesTimeForATakeover keeps the distance that a failover may need: ten seconds and a bit.
func TestPlanLeavesTimeForATakeover(t *testing.T) {
	for _, pace := range []pace{localPace(), realPace()} {
		p := newPlan("shop", time.Now(), pace)
		if got := p.begins.Sub(p.kill); got < 15*time.Second {
			t.Errorf("the event begins %s after the death of the leader, want at least 15s", got)
		}
		if got := p.over.Sub(p.opens); got > 110*time.Second {
			t.Errorf("the demo takes %s from its first boundary, want less than two minutes", got)
		}
	}
}

func TestNext(t *testing.T) {
	p := newPlan("shop", time.Date(2026, 12, 18, 19, 30, 0, 0, time.UTC), localPace())
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{p.opens.Add(-time.Nanosecond), "window evening opens"},
		{p.opens, "the leader is killed with kill -9"},
		{p.kill, "event cup-final begins: everything x3"},
		{p.closes, "the demo ends, at the latest"},
		{p.over, ""},
	} {
		if got, _ := p.next(c.at); got != c.want {
			t.Errorf("next at %s is %q, want %q", c.at, got, c.want)
		}
	}
}
