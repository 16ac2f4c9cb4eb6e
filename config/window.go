package config

import (
	"slices"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// window reads an item of windows.
func (p *parser) window(n *node) {
	m, ok := p.fields(n, "a window", windowFields)
	if !ok {
		return
	}
	w := schedules.Window{
		Entry:       m.entry(),
		Days:        readList(m, "days", "[mon-fri, sun]", weekdays),
		DaysOfMonth: readList(m, "daysOfMonth", "[1, -1]", daysOfMonth),
		Months:      readList(m, "months", "[nov-feb]", months),
		ExceptDates: readList(m, "exceptDates", `["2026-12-25"]`, dateRanges),
		FirstDate:   m.date("firstDate"),
		LastDate:    m.date("lastDate"),
		Duration:    m.duration(),
	}
	m.hours(&w)
	w.Targets = m.targets(amountRequired)
	m.require("targets")
	m.refuseEmpty("days", "daysOfMonth", "months")
	m.checkDates(&w)
	p.windows = append(p.windows, w)
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

// checkDates makes sure that a window has a date to start on.
func (m *fields) checkDates(w *schedules.Window) {
	switch {
	case w.FirstDate != nil && w.LastDate != nil && *w.LastDate < *w.FirstDate:
		m.add(m.values["lastDate"].value, RuleDatesReversed, "lastDate %s is before firstDate %s", w.LastDate, w.FirstDate)
	case m.conditionsRead(w) && neverStarts(*w):
		m.add(m.at, RuleNeverStarts, "no date meets all conditions of this window (days, daysOfMonth, months and dates)")
	}
}

// conditionsRead says whether all conditions of a window were understood, so that conclusions can be drawn from them.
func (m *fields) conditionsRead(w *schedules.Window) bool {
	for name, read := range map[string]bool{
		"days": len(w.Days) > 0, "daysOfMonth": len(w.DaysOfMonth) > 0, "months": len(w.Months) > 0,
		"firstDate": w.FirstDate != nil, "lastDate": w.LastDate != nil,
	} {
		if m.has(name) && !read {
			return false
		}
	}
	return true
}

// neverStarts says whether no date at all meets the window's conditions. It walks from exception to exception.
func neverStarts(w schedules.Window) bool {
	exceptions := slices.SortedFunc(slices.Values(w.ExceptDates), func(a, b schedules.DateRange) int {
		return int(a.First - b.First)
	})
	w.ExceptDates = nil
	date, found := w.NextDate(schedules.NewDate(0, 1, 1))
	for _, exception := range exceptions {
		if found && exception.Contains(date) {
			date, found = w.NextDate(exception.Last + 1)
		}
	}
	return !found
}
