package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/golden"
)

// story records a demo in which everything goes well: 20 ms after each boundary minReplicas is patched, and a second
// later the Pods are there.
func story(p plan) []observation {
	var story []observation
	for _, ph := range p.phases() {
		from := ph.from
		if from.IsZero() {
			from = p.opens.Add(-10 * time.Second)
		}
		for _, a := range apps() {
			o := observation{
				at: from.Add(20 * time.Millisecond), app: a.name, minReplicas: ph.want[a.name], foreign: "spec",
				held: ph.because != "", because: ph.because,
			}
			if before, ok := latest(story, a.name); ok {
				o.replicas, o.ready = before.replicas, before.ready
			}
			if o.held {
				o.baseline, o.floor = a.baseline, o.minReplicas
			}
			story = append(story, o)
			o.at, o.replicas, o.ready = from.Add(time.Second), o.minReplicas, o.minReplicas
			story = append(story, o)
		}
	}
	return story
}

func latest(story []observation, name string) (found observation, ok bool) {
	for _, o := range story {
		if o.app == name {
			found, ok = o, true
		}
	}
	return found, ok
}

// edit changes every observation of front in a phase.
func edit(p plan, index int, change func(*observation)) []observation {
	ph, story := p.phases()[index], story(p)
	for i := range story {
		if story[i].app == "front" && !story[i].at.Before(ph.from) && story[i].at.Before(ph.to) {
			change(&story[i])
		}
	}
	return story
}

func TestFailures(t *testing.T) {
	p := newPlan("shop", time.Date(2026, 12, 18, 19, 30, 0, 0, time.UTC), localPace())
	early := func(o observation, before time.Duration) observation { o.at = o.at.Add(-before); return o }
	for name, c := range map[string]struct {
		story []observation
		want  []string // The beginnings of the problems; none for a success.
	}{
		"everything went well": {story(p), nil},
		"nothing was observed": {nil, all(p, "minReplicas never became")},
		"the floor of the window was not reached": {
			edit(p, 1, func(o *observation) { o.minReplicas, o.floor = 9, 9 }),
			[]string{"window evening opens, front: minReplicas never became 10"},
		},
		"the event did nothing after the leader's death": {
			edit(p, 2, func(o *observation) { o.minReplicas, o.floor, o.because = 10, 10, window }),
			[]string{"event cup-final begins, front: minReplicas never became 30"},
		},
		"the right number stands for another reason": {
			edit(p, 2, func(o *observation) { o.because = "chance" }),
			[]string{"event cup-final begins, front: minReplicas never became 30"},
		},
		"a Pod was missing": {
			edit(p, 2, func(o *observation) { o.ready = 29 }),
			[]string{"event cup-final begins, front: fewer than 30 Pods were Ready to the end"},
		},
		"more Pods than the floor are fine": {
			edit(p, 2, func(o *observation) { o.replicas, o.ready = 31, 31 }), nil,
		},
		"Pods that stay after a floor was lowered are the HPA's business": {
			edit(p, 3, func(o *observation) { o.replicas, o.ready = 30, 30 }), nil,
		},
		"the event was not lowered": {
			edit(p, 3, func(o *observation) { o.minReplicas, o.floor, o.because = 30, 30, event }),
			[]string{"event cup-final ends, front: minReplicas never became 10"},
		},
		"the baseline was not given back": {
			edit(p, 4, func(o *observation) { o.minReplicas = 10 }),
			[]string{"window evening closes, front: minReplicas never became 2"},
		},
		"annotations were left behind": {
			edit(p, 4, func(o *observation) { o.held, o.baseline = true, 2 }),
			[]string{"window evening closes, front: minReplicas never became 2"},
		},
		"the floor fell early": {
			append(story(p)[:18], append([]observation{early(story(p)[18], 3*time.Second)}, story(p)[18:]...)...),
			[]string{"event cup-final begins, front: minReplicas did not stay 30: it was 10 (evening) at 19:30:55.020"},
		},
		"a wrong baseline was recorded": {
			edit(p, 1, func(o *observation) { o.baseline = 10 }),
			[]string{"front: its baseline is 2 and was recorded as 10", "front: its baseline is 2 and was recorded as 10"},
		},
		"something else was changed": {
			edit(p, 1, func(o *observation) { o.foreign = "other" }),
			[]string{"front: its owner's fields were spec and became other", "front: its owner's fields were spec and became other"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := p.failures(c.story)
			if len(got) != len(c.want) {
				t.Fatalf("got %d problems, want %d:\n%s", len(got), len(c.want), strings.Join(got, "\n"))
			}
			for i, want := range c.want {
				if !strings.HasPrefix(got[i], want) {
					t.Errorf("got %q, want %q", got[i], want)
				}
			}
			if failed := errors.Is(verdictOf(got), errFailed); failed != (len(c.want) > 0) {
				t.Errorf("the demo fails: %t", failed)
			}
		})
	}
}

// all expects the same of every application in every phase.
func all(p plan, problem string) []string {
	var problems []string
	for _, ph := range p.phases() {
		for _, a := range apps() {
			problems = append(problems, ph.title+", "+a.name+": "+problem)
		}
	}
	return problems
}

func TestJudgeMeasuresFromTheBoundary(t *testing.T) {
	p := newPlan("shop", time.Date(2026, 12, 18, 19, 30, 0, 0, time.UTC), localPace())
	ph := p.phases()[2]
	v := slowest(ph.judge(ph.to, story(p)))
	if v.patched != 20*time.Millisecond || v.ready != time.Second {
		t.Errorf("patched after %s and ready after %s, want 20ms and 1s", v.patched, v.ready)
	}
	v = slowest(ph.judge(ph.from.Add(10*time.Millisecond), story(p)))
	if v.patched >= 0 || v.ready >= 0 {
		t.Errorf("patched after %s and ready after %s before anything happened, want never", v.patched, v.ready)
	}
}

func TestSummary(t *testing.T) {
	p := newPlan("shop", time.Date(2026, 12, 18, 19, 30, 0, 0, time.UTC), localPace())
	broken := edit(p, 2, func(o *observation) { o.ready = 29 })
	golden.Compare(t, "testdata/summary.golden", strings.Join(summarize(p, broken, style{}), "\n")+"\n")
}
