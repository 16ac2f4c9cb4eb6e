package config

import (
	"errors"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/text"
)

// mapping walks one mapping of the document. Its methods read a field by name, report what is wrong with it at its
// place, and return the zero value where there is nothing good to return.
type mapping struct {
	*parser
	at     *source.Node
	what   string // "a window"
	values map[string]source.Field
}

// The fields that each kind of mapping has.
const (
	topFields        = "apiVersion kind timeZone suspend leadTime rampUp rampDown holidays windows events"
	entryFields      = "name description suspend timeZone start end duration leadTime rampUp rampDown targets "
	windowFields     = entryFields + "days daysOfMonth months exceptDates onlyDates firstDate lastDate"
	eventFields      = entryFields + "multiplier"
	targetFields     = "namespace name selector minReplicas"
	selectorFields   = "matchLabels matchExpressions"
	expressionFields = "key operator values"
)

// home returns where a field belongs, if anywhere.
func home(name string) string {
	for _, place := range []struct{ what, vocabulary string }{
		{"a window", windowFields},
		{"an event", eventFields},
		{"a target", targetFields},
		{"a selector", selectorFields},
		{"an expression of matchExpressions", expressionFields},
		{"the top of the file", topFields},
	} {
		if slices.Contains(strings.Fields(place.vocabulary), name) {
			return place.what
		}
	}
	return ""
}

// mistaken returns what to write in place of a field of other tools, and which field it stands for, if any: that field then
// is not missed.
func mistaken(what, name string) (field, advice string) {
	const object = "it is no Kubernetes object, and its fields are at the top; a ConfigMap brings it into a cluster"
	const hpa = "a target names HorizontalPodAutoscalers, not what they scale; write name, and the name of the HPA"
	const cron = "write days, start and end; floorkeeper import converts cron lines"
	const switched = "write suspend: true for what is not to apply"
	for _, known := range []struct{ what, names, field, advice string }{
		{"a schedule", "metadata spec data", "", object},
		{"a schedule", "zone tz location", "timeZone", "write timeZone"},
		{"a target", "labels matchLabel label labelSelector", "selector", "write selector: {matchLabels: {app: web}}"},
		{"a target", "deployment deployments statefulset workload hpa horizontalPodAutoscaler scaleTargetRef kind resource", "", hpa},
		{"a target", "maxReplicas max maximum", "minReplicas", "floorkeeper never changes maxReplicas; a target has minReplicas"},
		{"a target", "replicas min minimum pods count replicaCount floor", "minReplicas", "write minReplicas"},
		{"a target", "multiplier", "", "multiplier belongs to an event, and a percentage such as minReplicas: 150% to a target"},
		{"", "cron schedule rrule recurrence", "", cron},
		{"", "enabled disabled active paused", "", switched},
		{"", "zone tz location", "timeZone", "write timeZone"},
		{"", "from begin begins starts startsAt", "start", "write start"},
		{"", "to until till ends endsAt stop", "end", "write end"},
		{"", "only onDates includeDates include dates", "onlyDates", "write onlyDates"},
		{"", "except exclude excludes excludeDates exclusions", "exceptDates", "write exceptDates"},
		{"", "replicas maxReplicas", "", "it belongs to each of its targets"},
	} {
		entry := known.what == "" && (what == "a window" || what == "an event")
		if (entry || known.what == what) && slices.ContainsFunc(strings.Fields(known.names), func(n string) bool { return strings.EqualFold(n, name) }) {
			return known.field, known.advice
		}
	}
	return "", ""
}

// fields returns the fields of a mapping, after reporting those that it should not have. A misspelt field is reported
// and then taken for what it was probably meant to be, so that one mistake gives one problem.
func (p *parser) fields(n *source.Node, what, vocabulary string) (*mapping, bool) {
	known := strings.Fields(vocabulary)
	switch {
	case n.Refused && n.Kind == source.Scalar:
		return nil, false
	case n.Null():
		p.Add(n, RuleNoValue, "%s has no fields; write them or remove it", what)
		return nil, false
	case n.Kind != source.Mapping:
		p.Add(n, source.RuleWrongType, "%s is a mapping with fields such as %s and %s, not %s", what, known[0], known[1],
			n.Describe())
		return nil, false
	}
	m := &mapping{parser: p, at: n, what: what, values: map[string]source.Field{}}
	for _, f := range p.Flatten(n) {
		name := f.Name.Text
		if slices.Contains(known, name) {
			m.values[name] = f
			continue
		}
		m.unknown(f, known)
	}
	for _, name := range known {
		if f, ok := m.values[name]; ok && f.Value.Null() {
			m.Add(f.Name, RuleNoValue, "%s has no value; give it one or remove it", name)
		}
	}
	return m, true
}

// unknown reports a field that the mapping does not have.
func (m *mapping) unknown(f source.Field, known []string) {
	name := f.Name.Text
	take := func(meant string) {
		if _, taken := m.values[meant]; meant != "" && !taken {
			f.Guessed = true
			m.values[meant] = f
		}
	}
	if other, advice := mistaken(m.what, name); advice != "" {
		m.Add(f.Name, RuleUnknownField, "%s is not a field of %s; %s", source.Quote(name), m.what, advice)
		if advice != "write "+other {
			f.Value = &source.Node{Place: f.Value.Place, Refused: true, Text: name}
		}
		take(other)
		return
	}
	if place := home(name); place != "" {
		m.Add(f.Name, RuleMisplacedField, "%s belongs to %s, not to %s%s", name, place, m.what, f.Through())
		return
	}
	m.Add(f.Name, RuleUnknownField, "%s is not a field of %s%s", source.Quote(name), m.what, didYouMean(name, known))
	take(closest(name, known))
}

func (m *mapping) require(names ...string) {
	for _, name := range names {
		if !m.has(name) {
			m.Add(m.at, RuleMissingField, "%s needs %s", m.what, name)
		}
	}
}

func (m *mapping) has(name string) bool {
	_, ok := m.values[name]
	return ok
}

// value returns the value of a field, and false where there is none.
func (m *mapping) value(name string) (*source.Node, bool) {
	f, ok := m.values[name]
	return f.Value, ok && !f.Value.Null()
}

// items returns the items of a field that is a list, and none where it is not given or no list.
func (m *mapping) items(name, hint string) []*source.Node {
	n, ok := m.value(name)
	if !ok || n.Refused && n.Kind == source.Scalar {
		return nil
	}
	if n.Kind != source.List {
		m.Add(n, source.RuleWrongType, "%s is a list, such as %s, not %s", name, hint, n.Describe())
		return nil
	}
	return n.Items
}

// read returns what parse makes of a field's value, and false where it is not given or wrong.
func read[T any](m *mapping, name string, parse func(*source.Node) (T, error)) (T, bool) {
	n, ok := m.value(name)
	if !ok {
		return *new(T), false
	}
	return readNode(m.parser, n, name, parse)
}

// readNode returns what parse makes of a node, which what describes.
func readNode[T any](p *parser, n *source.Node, what string, parse func(*source.Node) (T, error)) (T, bool) {
	switch {
	case n.Refused:
		return *new(T), false
	case n.Kind != source.Scalar:
		p.Add(n, source.RuleWrongType, "%s is a single value, not %s", what, n.Describe())
		return *new(T), false
	case n.Null():
		p.Add(n, RuleNoValue, "%s has no value", what)
		return *new(T), false
	}
	value, err := parse(n)
	if wrong := (*source.Refusal)(nil); errors.As(err, &wrong) {
		p.Add(n, wrong.Rule, "%s", wrong.Message)
	}
	return value, err == nil
}

// maxItems bounds the lists that each decision walks through.
const maxItems = 1000

func readList[T any](m *mapping, name, hint string, parse func(*source.Node) ([]T, error)) []T {
	var all []T
	for i, item := range m.items(name, hint) {
		if i == maxItems {
			m.Add(item, RuleTooManyItems, "%s has more than %d items; split it over several entries", name, maxItems)
			break
		}
		values, _ := readNode(m.parser, item, "an item of "+name, parse)
		all = append(all, values...)
	}
	return all
}

func didYouMean(word string, candidates []string) string {
	if closest := closest(word, candidates); closest != "" {
		return "; did you mean " + closest + "?"
	}
	return ""
}

// closest returns the only candidate that word shortens or lengthens: leadTime for lead, end for endTime. Else it returns
// the one that word is most likely a slip of, or "".
func closest(word string, candidates []string) string {
	const maxSlips = 3 // how many characters a misspelt word may be off
	lower := strings.ToLower(word)
	best, least := "", 1+min(maxSlips, len(word)/3)
	var alike []string
	for _, candidate := range candidates {
		known := strings.ToLower(candidate)
		if apart := len(lower) - len(known); -maxSlips <= apart && apart <= maxSlips { // a name may be very long
			if distance := text.Distance(lower, known); distance < least {
				best, least = candidate, distance
			}
		}
		if min(len(lower), len(known)) >= len("end") && (begins(known, lower) || begins(lower, known)) {
			alike = append(alike, candidate)
		}
	}
	if len(alike) == 1 {
		return alike[0]
	}
	return best
}
