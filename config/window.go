package config

import (
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
)

func (p *parser) window(n *source.Node) {
	m, ok := p.fields(n, "a window", windowFields)
	if !ok {
		return
	}
	w := schedules.Window{Entry: m.entry(), Duration: m.duration()}
	var started, ended bool
	w.Start, started = read(m, "start", startClock)
	w.End, ended = read(m, "end", endClock)
	if started && ended && w.Start == w.End {
		m.Add(m.values["end"].Value, RuleEmptySpan, "the window starts and ends at the same time; "+
			"for a whole day write start: \"00:00\" and end: \"24:00\", or duration: 24h")
	}
	m.dates(&w)
	w.Targets = m.targets(amountRequired)
	m.require("targets")
	p.windows = append(p.windows, w)
}

// dates reads the conditions on the date on which a window starts, and makes sure that there is such a date.
func (m *mapping) dates(w *schedules.Window) {
	before := len(m.Problems)
	w.Days = readList(m, "days", "[mon-fri, sun]", weekdays)
	w.DaysOfMonth = readList(m, "daysOfMonth", "[1, -1]", daysOfMonth)
	w.Months = readList(m, "months", "[nov-feb]", months)
	uses := len(m.uses)
	w.ExceptDates = m.dateList("exceptDates")
	if m.has("onlyDates") {
		w.OnlyDates = append([]schedules.DateRange{}, m.dateList("onlyDates")...)
	}
	w.FirstDate = m.date("firstDate")
	w.LastDate = m.date("lastDate")
	m.refuseEmpty("days", "daysOfMonth", "months", "onlyDates")
	switch {
	case w.FirstDate != nil && w.LastDate != nil && *w.LastDate < *w.FirstDate:
		m.Add(m.values["lastDate"].Value, RuleDatesReversed, "lastDate %s is before firstDate %s", w.LastDate, w.FirstDate)
	case len(m.Problems) > before || len(m.uses) > uses: // resolve looks again
	default:
		m.starts(w, m.at)
	}
}

func (m *mapping) date(name string) *schedules.Date {
	if date, ok := read(m, name, date); ok {
		return &date
	}
	return nil
}

// refuseEmpty reports those of the named lists that are empty: does [] mean every day, or none?
func (m *mapping) refuseEmpty(names ...string) {
	for _, name := range names {
		if n, ok := m.value(name); ok && n.Kind == source.List && len(n.Items) == 0 {
			m.Add(n, RuleEmptyList, "%s is empty; list something or remove it", name)
		}
	}
}
