package config

import "github.com/floorkeeper/floorkeeper/schedules"

// window reads an item of windows.
func (p *parser) window(n *node) {
	m, ok := p.fields(n, "a window", windowFields)
	if !ok {
		return
	}
	w := schedules.Window{Entry: m.entry(), Duration: m.duration()}
	m.hours(&w)
	m.dates(&w)
	w.Targets = m.targets(amountRequired)
	m.require("targets")
	p.windows = append(p.windows, w)
}

// dates reads the conditions on the date on which a window starts, and makes sure that there is such a date.
func (m *fields) dates(w *schedules.Window) {
	before := len(m.problems)
	w.Days = readList(m, "days", "[mon-fri, sun]", weekdays)
	w.DaysOfMonth = readList(m, "daysOfMonth", "[1, -1]", daysOfMonth)
	w.Months = readList(m, "months", "[nov-feb]", months)
	w.ExceptDates = readList(m, "exceptDates", `["2026-12-25"]`, dateRanges)
	w.FirstDate = m.date("firstDate")
	w.LastDate = m.date("lastDate")
	m.refuseEmpty("days", "daysOfMonth", "months")
	switch {
	case w.FirstDate != nil && w.LastDate != nil && *w.LastDate < *w.FirstDate:
		m.add(m.values["lastDate"].value, RuleDatesReversed, "lastDate %s is before firstDate %s", w.LastDate, w.FirstDate)
	case len(m.problems) > before:
	default:
		if _, starts := w.NextDate(schedules.NewDate(0, 1, 1)); !starts {
			m.add(m.at, RuleNeverStarts, "no date meets all conditions of this window (days, daysOfMonth, months and dates)")
		}
	}
}

// hours reads the start and end of a window.
func (m *fields) hours(w *schedules.Window) {
	var started, ended bool
	w.Start, started = read(m, "start", startClock)
	w.End, ended = read(m, "end", endClock)
	if started && ended && w.Start == w.End {
		m.add(m.values["end"].value, RuleEmptySpan, "the window starts and ends at the same time; "+
			"for a whole day write start: \"00:00\" and end: \"24:00\", or duration: 24h")
	}
}

// date reads firstDate or lastDate.
func (m *fields) date(name string) *schedules.Date {
	if date, ok := read(m, name, date); ok {
		return &date
	}
	return nil
}

// refuseEmpty reports those of the named lists that are empty: does [] mean every day, or none?
func (m *fields) refuseEmpty(names ...string) {
	for _, name := range names {
		if n, ok := m.value(name); ok && n.kind == list && len(n.items) == 0 {
			m.add(n, RuleEmptyList, "%s is empty; list something or remove it", name)
		}
	}
}
