package main

import (
	"fmt"
	"time"
)

// observation is the state of one application from an instant on, as the API server reported it.
type observation struct {
	at              time.Time
	app             string
	minReplicas     int32
	held            bool // It carries floorkeeper's annotations, which the next four fields read.
	baseline, floor int32
	because         string
	until           time.Time
	foreign         string // Everything in the HPA that is its owner's, minReplicas excepted.
	replicas, ready int32
}

// verdict is what became of one application in one phase. The durations count from the boundary at which the phase
// began, and are negative for what did not happen.
type verdict struct {
	app      string
	patched  time.Duration // Until minReplicas was what the phase wants, for the reason that it gives.
	ready    time.Duration // Until so many Pods were Ready: at least as many where the phase raises, else exactly.
	problems []string
}

// judge judges each application over a phase that has ended, or, with an earlier end, over what there is of it.
func (ph phase) judge(end time.Time, observations []observation) []verdict {
	var verdicts []verdict
	for _, a := range apps() {
		v := ph.follow(a.name, end, observations)
		switch {
		case v.patched < 0:
			v.blame("minReplicas never became %d", ph.want[a.name])
		case ph.raises && v.ready < 0:
			v.blame("fewer than %d Pods were Ready to the end", ph.want[a.name])
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// follow goes through the observations of one application, the last one before the phase included.
func (ph phase) follow(name string, end time.Time, observations []observation) verdict {
	v := verdict{app: name, patched: -1, ready: -1}
	want := ph.want[name]
	for _, o := range during(name, ph.from, end, observations) {
		after := max(0, o.at.Sub(ph.from))
		switch right := ph.satisfied(o); {
		case right && v.patched < 0:
			v.patched = after
		case !right && v.patched >= 0:
			v.blame("minReplicas did not stay %d: it was %d (%s) at %s", want, o.minReplicas, o.reason(),
				o.at.UTC().Format("15:04:05.000"))
		}
		if v.patched >= 0 && v.ready < 0 && ph.manned(o) {
			v.ready = after
		}
	}
	return v
}

// satisfied reports whether an HPA is as the phase wants it: the number, and the reason.
func (ph phase) satisfied(o observation) bool {
	return o.minReplicas == ph.want[o.app] && o.because == ph.because && o.held == (ph.because != "")
}

// manned reports whether the Pods are there that the phase wants, and no more unless it raises.
func (ph phase) manned(o observation) bool {
	want := ph.want[o.app]
	return o.ready == want && o.replicas == want || ph.raises && o.ready >= want
}

func (v *verdict) blame(format string, args ...any) {
	v.problems = append(v.problems, fmt.Sprintf(format, args...))
}

// during returns the observations of an application in [from, end), and the one that held at from.
func during(name string, from, end time.Time, observations []observation) []observation {
	var found []observation
	for _, o := range observations {
		switch {
		case o.app != name || !o.at.Before(end):
		case !o.at.After(from):
			found = []observation{o}
		default:
			found = append(found, o)
		}
	}
	return found
}

// reason returns why minReplicas is what it is.
func (o observation) reason() string {
	if !o.held {
		return "no entry"
	}
	return o.because
}

// untouched returns which applications were changed in anything but minReplicas and floorkeeper's annotations, or had
// another baseline than the one that their owner wrote.
func untouched(observations []observation) []string {
	var problems []string
	first := map[string]observation{}
	for _, o := range observations {
		before, known := first[o.app]
		if !known {
			first[o.app] = o
			continue
		}
		if o.foreign != before.foreign {
			problems = append(problems, fmt.Sprintf("%s: its owner's fields were %s and became %s", o.app, before.foreign, o.foreign))
		}
		if o.held && o.baseline != before.minReplicas {
			problems = append(problems, fmt.Sprintf("%s: its baseline is %d and was recorded as %d", o.app, before.minReplicas, o.baseline))
		}
	}
	return problems
}

// failures judges the whole plan: every application in every phase, and what nobody may touch.
func (p plan) failures(observations []observation) []string {
	var problems []string
	for _, ph := range p.phases() {
		for _, v := range ph.judge(ph.to, observations) {
			for _, problem := range v.problems {
				problems = append(problems, fmt.Sprintf("%s, %s: %s", ph.title, v.app, problem))
			}
		}
	}
	return append(problems, untouched(observations)...)
}
