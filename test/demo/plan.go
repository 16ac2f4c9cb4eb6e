package main

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"
	"time"
)

// app is one application of the demo: a Deployment and its HorizontalPodAutoscaler of the same name.
type app struct {
	name     string
	tier     string // The value of its label tier.
	baseline int32  // The minReplicas that its owner wrote.
	floor    int32  // What the window of the schedule amounts to for it.
}

const (
	multiplier  = 3
	maxReplicas = 100
	window      = "evening"
	event       = "cup-final"
)

// apps are the three applications. The schedule selects one by name, one with a percentage and one by label.
func apps() []app {
	return []app{
		{name: "front", tier: "web", baseline: 2, floor: 10},
		{name: "images", tier: "media", baseline: 4, floor: 6},
		{name: "cart", tier: "payment", baseline: 3, floor: 8},
	}
}

// pace is how long after the start of the schedule things happen.
type pace struct {
	opens, kill, begins, ends, closes time.Duration
	grace                             time.Duration // How long after the last boundary everything has to be in order.
}

// localPace suits a cluster whose Pods are Ready at once, realPace one that has to pull an image and start containers.
func localPace() pace {
	return pace{15 * time.Second, 23 * time.Second, 39 * time.Second, 57 * time.Second, 69 * time.Second, 12 * time.Second}
}

func realPace() pace {
	return pace{15 * time.Second, 35 * time.Second, 52 * time.Second, 85 * time.Second, 100 * time.Second, 20 * time.Second}
}

// plan is what is going to happen, at absolute instants that are whole seconds.
type plan struct {
	namespace                         string
	opens, kill, begins, ends, closes time.Time
	over                              time.Time
}

// newPlan plans a demo that starts now.
func newPlan(namespace string, now time.Time, p pace) plan {
	start := now.UTC().Truncate(time.Second).Add(time.Second)
	return plan{
		namespace: namespace,
		opens:     start.Add(p.opens), kill: start.Add(p.kill), begins: start.Add(p.begins),
		ends: start.Add(p.ends), closes: start.Add(p.closes), over: start.Add(p.closes + p.grace),
	}
}

// phase is a time in which the schedule asks the same of every HPA.
type phase struct {
	title    string // What happens at its beginning, for a person to read.
	from, to time.Time
	because  string // The entry whose floors stand; empty if none is open.
	raises   bool
	want     map[string]int32 // The minReplicas of each app.
}

// phases are those of the plan in order. The first begins before the schedule does anything.
func (p plan) phases() []phase {
	baselines, floors, tripled := map[string]int32{}, map[string]int32{}, map[string]int32{}
	for _, a := range apps() {
		baselines[a.name], floors[a.name], tripled[a.name] = a.baseline, a.floor, multiplier*a.floor
	}
	return []phase{
		{title: "nothing is open", to: p.opens, want: baselines},
		{"window " + window + " opens", p.opens, p.begins, window, true, floors},
		{"event " + event + " begins", p.begins, p.ends, event, true, tripled},
		{"event " + event + " ends", p.ends, p.closes, window, false, floors},
		{title: "window " + window + " closes", from: p.closes, to: p.over, want: baselines},
	}
}

// phaseAt returns the index of the phase that contains an instant.
func (p plan) phaseAt(t time.Time) int {
	phases := p.phases()
	for i, ph := range phases {
		if t.Before(ph.to) {
			return i
		}
	}
	return len(phases) - 1
}

// next returns what comes next after an instant, and when.
func (p plan) next(t time.Time) (what string, at time.Time) {
	steps := []struct {
		what string
		at   time.Time
	}{
		{"window " + window + " opens", p.opens},
		{"the leader is killed with kill -9", p.kill},
		{fmt.Sprintf("event %s begins: everything x%d", event, multiplier), p.begins},
		{"event " + event + " ends", p.ends},
		{"window " + window + " closes", p.closes},
		{"the demo ends, at the latest", p.over},
	}
	for _, s := range steps {
		if t.Before(s.at) {
			return s.what, s.at
		}
	}
	return "", time.Time{}
}

//go:embed schedule.yaml.tmpl
var scheduleTemplate string

// schedule writes the plan as the YAML file that floorkeeper reads.
func (p plan) schedule() (string, error) {
	t, err := template.New("schedule").Parse(scheduleTemplate)
	if err != nil {
		return "", fmt.Errorf("cannot parse the template of the schedule: %w", err)
	}
	var text strings.Builder
	err = t.Execute(&text, map[string]any{
		"Namespace": p.namespace, "Window": window, "Event": event, "Multiplier": multiplier,
		"Opens": p.opens.Format(time.TimeOnly), "WindowLength": p.closes.Sub(p.opens),
		"Begins": p.begins.Format("2006-01-02T15:04:05"), "EventLength": p.ends.Sub(p.begins),
	})
	if err != nil {
		return "", fmt.Errorf("cannot write the schedule: %w", err)
	}
	return text.String(), nil
}
