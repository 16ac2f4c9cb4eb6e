package config

import (
	"strings"
	"time"
	"unicode"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/floorkeeper/floorkeeper/schedules"
)

const (
	day         = 24 * time.Hour
	maxDuration = 7 * day
	maxRamp     = day // leadTime, rampUp and rampDown
)

// entry reads the fields that windows and events have in common, but for those that say when it starts and ends and
// what it asks for.
func (m *fields) entry() schedules.Entry {
	m.require("name", "start")
	if !m.has("timeZone") && !m.defaults.zoned {
		m.add(m.at, RuleMissingZone, "%s needs a timeZone, its own or one at the top of the file", m.what)
	}
	description, _ := read(m, "description", text)
	suspend, _ := read(m, "suspend", boolean)
	return schedules.Entry{
		Name:        m.entryName(),
		Description: description,
		Suspend:     suspend,
		Location:    m.location(),
		LeadTime:    m.ramp("leadTime", m.defaults.leadTime),
		RampUp:      m.ramp("rampUp", m.defaults.rampUp),
		RampDown:    m.ramp("rampDown", m.defaults.rampDown),
	}
}

// entryName reads a name and makes sure that no other entry has it.
func (m *fields) entryName() string {
	name, ok := read(m, "name", label)
	if !ok {
		return ""
	}
	at := m.values["name"].value
	if first := m.names[name]; first == at {
		m.add(m.at, RuleDuplicateName, "this entry takes over the name %s of another; give it one of its own", name)
	} else if first != nil {
		m.add(at, RuleDuplicateName, "another entry is named %s, at %s; names are unique over all files", name,
			first.placeFor(at))
	} else {
		m.names[name] = at
	}
	return name
}

// location reads timeZone, or returns that of the file. It is nil where neither is given or right.
func (m *fields) location() *time.Location {
	if !m.has("timeZone") {
		return m.defaults.location
	}
	location, _ := read(m, "timeZone", func(n *node) (*time.Location, error) {
		if known := m.zones[n.text]; known != nil {
			return known, nil
		}
		location, err := zone(n.text)
		m.zones[n.text] = location
		return location, err
	})
	return location
}

// ramp reads leadTime, rampUp or rampDown.
func (m *fields) ramp(name string, otherwise time.Duration) time.Duration {
	if !m.has(name) {
		return otherwise
	}
	ramp, _ := read(m, name, durationWithin(0, maxRamp, name+" lies between 0s and 24h"))
	return ramp
}

// duration reads the duration of an entry and makes sure that it has either that or an end. Of the two, one that was only
// guessed goes.
func (m *fields) duration() time.Duration {
	end, hasEnd := m.values["end"]
	duration, hasDuration := m.values["duration"]
	switch both := hasEnd && hasDuration; {
	case both && end.guessed:
		delete(m.values, "end")
	case both && duration.guessed:
		delete(m.values, "duration")
	case both:
		m.add(duration.name, RuleEndOrDuration, "%s has an end and a duration; remove one", m.what)
	case !hasEnd && !hasDuration:
		m.add(m.at, RuleEndOrDuration, "%s needs an end or a duration", m.what)
	}
	long, _ := read(m, "duration", durationWithin(time.Second, maxDuration, "duration lies between 1s and 7d"))
	return long
}

// text reads text for people, which must not upset their terminals.
func text(n *node) (string, error) {
	upsets := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	if i := strings.IndexFunc(n.text, upsets); i >= 0 {
		return "", refuse(RuleControlCharacter, "the text contains a control character: %s", quote(n.text[i:]))
	}
	return n.text, nil
}

// label reads a name as Kubernetes wants those of most objects.
func label(n *node) (string, error) {
	if len(validation.IsDNS1123Label(n.text)) > 0 {
		return "", refuse(RuleName, "%s is not a name; write at most 63 lower-case letters, digits and hyphens, "+
			"with a letter or digit at both ends", quote(n.text))
	}
	return n.text, nil
}

// subdomain reads a name as Kubernetes wants those of HorizontalPodAutoscalers.
func subdomain(n *node) (string, error) {
	if len(validation.IsDNS1123Subdomain(n.text)) > 0 {
		return "", refuse(RuleName, "%s is not the name of an object; write at most 253 lower-case letters, digits, hyphens "+
			"and dots, with a letter or digit at both ends of each part", quote(n.text))
	}
	return n.text, nil
}

// boolean reads a switch.
func boolean(n *node) (bool, error) {
	if n.plain && (n.text == "true" || n.text == "false") {
		return n.text == "true", nil
	}
	return false, refuse(RuleBoolean, "write true or false, without quotes, not %s", quote(n.text))
}
