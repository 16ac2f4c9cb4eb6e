package config

import (
	"bytes"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

const (
	group      = "floorkeeper.dev/"
	apiVersion = group + "v1"
	scheduleOf = "Schedule" // kind
)

// Parse returns the schedule that the files make together. Each file's defaults hold for its own entries, names are
// unique over all. The error is Problems, and names every problem of every file.
func Parse(files ...File) (*schedules.Schedule, error) {
	schedule, _, err := ParsePlaces(files...)
	return schedule, err
}

// ParsePlaces does the same, and returns where the name of each entry stands.
func ParsePlaces(files ...File) (*schedules.Schedule, map[string]Place, error) {
	p := parser{zones: map[string]*time.Location{}, names: map[string]*node{}}
	for _, file := range files {
		if !checkText(file, &p.collector) {
			continue
		}
		file.Data = bytes.TrimPrefix(file.Data, []byte(byteOrderMark))
		if root := document(file, &p.collector); root != nil {
			p.file(root)
		}
	}
	if problems := p.sorted(); len(problems) > 0 {
		return nil, nil, problems
	}
	places := make(map[string]Place, len(p.names))
	for name, at := range p.names {
		places[name] = at.place
	}
	return schedules.New(p.windows, p.events), places, nil
}

// parser gathers the entries of all files.
type parser struct {
	collector
	zones    map[string]*time.Location
	names    map[string]*node // of entries
	defaults defaults         // of the file being read
	windows  []schedules.Window
	events   []schedules.Event
}

// defaults are what a file says for its entries.
type defaults struct {
	location                   *time.Location
	zoned                      bool // a time zone is written, be it right or wrong
	leadTime, rampUp, rampDown time.Duration
}

// file reads a schedule file.
func (p *parser) file(root *node) {
	m, ok := p.fields(root, "a schedule", topFields)
	if !ok {
		return
	}
	m.require("apiVersion", "kind")
	read(m, "apiVersion", exactly("apiVersion", apiVersion))
	read(m, "kind", exactly("kind", scheduleOf))
	p.defaults = defaults{}
	p.defaults = defaults{
		location: m.location(),
		zoned:    m.has("timeZone"),
		leadTime: m.ramp("leadTime", 0),
		rampUp:   m.ramp("rampUp", 0),
		rampDown: m.ramp("rampDown", 0),
	}
	if !m.has("windows") && !m.has("events") {
		p.add(root, RuleNoEntries, "the schedule has neither windows nor events; an intended empty one writes windows: []")
	}
	m.entries("windows", "- name: evening", p.window)
	m.entries("events", "- name: cup-final", p.event)
}

// entries reads the items of windows or events, until nobody wants to know of more problems.
func (m *fields) entries(name, hint string, read func(*node)) {
	items := m.items(name, hint)
	for _, item := range items {
		if !m.full() {
			read(item)
		}
	}
}

// exactly returns a parser of the one value that a field can have.
func exactly(name, want string) func(*node) (string, error) {
	return func(n *node) (string, error) {
		if n.text != want {
			return "", refuse(RuleVersion, "%s is %s; in a schedule it is %s", name, quote(n.text), want)
		}
		return want, nil
	}
}
