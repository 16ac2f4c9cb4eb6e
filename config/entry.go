package config

import (
	"cmp"
	"strings"
	"time"
	"unicode"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/zones"
)

const (
	day         = 24 * time.Hour
	maxDuration = 7 * day
	maxRamp     = day // leadTime, rampUp and rampDown
)

// entry reads the fields that windows and events have in common, but for start, end and amounts.
func (m *mapping) entry() schedules.Entry {
	m.require("name", "start")
	if !m.has("timeZone") && !m.defaults.zoned {
		m.Add(m.at, RuleMissingZone, "%s needs a timeZone, its own or one at the top of the file", m.what)
	}
	description, _ := read(m, "description", description)
	suspend, _ := read(m, "suspend", boolean)
	return schedules.Entry{
		Name:        m.entryName(),
		Description: description,
		Accepted:    m.accepted[m.at],
		Suspend:     suspend || m.defaults.suspend,
		Location:    m.location(),
		LeadTime:    m.ramp("leadTime", m.defaults.leadTime),
		RampUp:      m.ramp("rampUp", m.defaults.rampUp),
		RampDown:    m.ramp("rampDown", m.defaults.rampDown),
	}
}

func (m *mapping) entryName() string {
	name, ok := read(m, "name", label)
	if !ok {
		return ""
	}
	at := m.values["name"].Value
	if first := m.names[name]; first == at {
		m.Add(m.at, RuleDuplicateName, "this entry takes over the name %s of another; give it one of its own", name)
	} else if first != nil {
		m.Add(at, RuleDuplicateName, "another entry is named %s, at %s; names are unique over all files", name,
			first.PlaceFor(at))
	} else {
		m.names[name] = at
	}
	return name
}

func (m *mapping) location() *time.Location {
	if !m.has("timeZone") {
		return m.defaults.location
	}
	location, _ := read(m, "timeZone", func(n *source.Node) (*time.Location, error) {
		if advice := zones.Fixed(n.Text); advice != "" {
			m.warn(n.Place, RuleFixedZone, advice)
		}
		if known := m.zones[n.Text]; known != nil {
			return known, nil
		}
		location, err := ParseZone(n.Text)
		m.zones[n.Text] = location
		return location, err
	})
	return location
}

func (m *mapping) ramp(name string, otherwise time.Duration) time.Duration {
	if !m.has(name) {
		return otherwise
	}
	ramp, _ := read(m, name, durationWithin(0, maxRamp, name+" lies between 0s and 24h"))
	return ramp
}

// duration reads the duration of an entry and makes sure that it has either that or an end. Of the two, one that was only
// guessed goes.
func (m *mapping) duration() time.Duration {
	end, hasEnd := m.values["end"]
	duration, hasDuration := m.values["duration"]
	switch both := hasEnd && hasDuration; {
	case both && end.Guessed:
		delete(m.values, "end")
	case both && duration.Guessed:
		delete(m.values, "duration")
	case both:
		m.Add(duration.Name, RuleEndOrDuration, "%s has an end and a duration; remove one", m.what)
	case !hasEnd && !hasDuration:
		m.Add(m.at, RuleEndOrDuration, "%s needs an end or a duration", m.what)
	}
	long, _ := read(m, "duration", durationWithin(time.Second, maxDuration, "duration lies between 1s and 7d"))
	return long
}

// description reads text for people, which must not upset their terminals.
func description(n *source.Node) (string, error) {
	upsets := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	if i := strings.IndexFunc(n.Text, upsets); i >= 0 {
		return "", source.Refuse(source.RuleControlCharacter, "the text contains a control character: %s", source.Quote(n.Text[i:]))
	}
	return n.Text, nil
}

func label(n *source.Node) (string, error) {
	return accepted(n, validation.IsDNS1123Label, RuleName, "a name; write at most 63 lower-case letters, digits and hyphens, "+
		"with a letter or digit at both ends")
}

// subdomain parses a DNS-1123 subdomain, as the names of HorizontalPodAutoscalers are.
func subdomain(n *source.Node) (string, error) {
	return accepted(n, validation.IsDNS1123Subdomain, RuleName, "the name of an object; write at most 253 lower-case letters, "+
		"digits, hyphens and dots, with a letter or digit at both ends of each part")
}

// accepted returns the text of a node that a check of Kubernetes finds nothing wrong with.
func accepted(n *source.Node, check func(string) []string, rule, what string) (string, error) {
	if len(check(n.Text)) > 0 {
		return "", source.Refuse(rule, "%s is not %s", source.Quote(n.Text), what)
	}
	return n.Text, nil
}

func boolean(n *source.Node) (bool, error) {
	if n.Plain && (n.Text == "true" || n.Text == "false") {
		return n.Text == "true", nil
	}
	return false, source.Refuse(RuleBoolean, "write true or false, without quotes, not %s", source.Quote(n.Text))
}

func (p *parser) event(n *source.Node) {
	m, ok := p.fields(n, "an event", eventFields)
	if !ok {
		return
	}
	e := schedules.Event{Entry: m.entry()}
	e.Multiplier, _ = read(m, "multiplier", multiplier)
	m.span(&e)
	switch {
	case m.values["multiplier"].Guessed:
		e.Targets = m.targets(amountPerhaps)
	case m.has("multiplier"):
		e.Targets = m.targets(amountForbidden)
	case m.has("targets"):
		e.Targets = m.targets(amountOrMultiplier)
	default:
		p.Add(n, RuleNoAmount, "an event needs a multiplier, or targets with minReplicas")
	}
	p.events = append(p.events, e)
}

func (m *mapping) span(e *schedules.Event) {
	duration := m.duration()
	start, started := read(m, "start", startMoment)
	end, ended := read(m, "end", endMoment)
	location := cmp.Or(e.Location, time.UTC) // where the zone is wrong, any will do for the rest
	e.Start, e.End = start.instant(location, schedules.StartInstant), end.instant(location, schedules.EndInstant)
	e.StartDate, e.StartWall, e.EndWall = start.date, start.wall(started), end.wall(ended)
	if start.offset != nil {
		e.StartDate = schedules.DateOf(e.Start, location)
	}
	if !ended {
		e.End = e.Start.Add(duration)
		return
	}
	alike := e.Location != nil || (start.offset == nil) == (end.offset == nil)
	switch at := m.values["end"].Value; {
	case !started || !alike:
	case e.End.Equal(e.Start):
		m.Add(at, RuleEmptySpan, "the event starts and ends at the same time")
	case e.End.Before(e.Start):
		m.Add(at, RuleEndBeforeStart, "the event ends before it starts")
	}
}
