package config

import (
	"cmp"
	"time"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
)

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
