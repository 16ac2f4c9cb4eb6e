package config

import (
	"cmp"
	"maps"
	"slices"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// holiday is a list of dates, which windows of all files use by its name.
type holiday struct {
	at    *source.Node
	dates []schedules.DateRange
}

// holidayUse is a place at which a window names a list: in exceptDates, or else in onlyDates.
type holidayUse struct {
	window int
	except bool
	at     *source.Node // the name
	of     *source.Node // the window
}

func (m *mapping) holidays() {
	n, ok := m.value("holidays")
	if !ok {
		return
	}
	if n.Kind != source.Mapping {
		m.Add(n, source.RuleWrongType, "holidays is a mapping of names to dates, such as {france: [\"2026-12-25\"]}, not %s", n.Describe())
		return
	}
	for _, f := range m.Flatten(n) {
		name, ok := readNode(m.parser, f.Name, "the name of a list of holidays", holidayName)
		if f.Value.Null() {
			m.Add(f.Name, RuleNoValue, "%s has no value; give it dates or remove it", source.Quote(f.Name.Text))
			continue
		}
		list := &mapping{parser: m.parser, at: n, what: "holidays", values: map[string]source.Field{name: f}}
		dates := readList(list, name, `["2026-12-25"]`, dateRanges)
		list.refuseEmpty(name)
		switch first, taken := m.lists[name]; {
		case !ok:
		case taken && first.at != f.Name:
			m.Add(f.Name, RuleDuplicateName, "another list of holidays is named %s, at %s; names are unique over all files", name,
				first.at.PlaceFor(f.Name))
		default:
			m.lists[name] = holiday{f.Name, dates}
		}
	}
}

// holidayName reads the name of a list, which no date can be.
func holidayName(n *source.Node) (string, error) {
	name, err := label(n)
	if err == nil && !isHolidayName(name) {
		return "", source.Refuse(RuleName, "%s is not a name of a list; begin it with a letter", source.Quote(name))
	}
	return name, err
}

func isHolidayName(text string) bool { return text != "" && text[0] >= 'a' && text[0] <= 'z' }

// dateList reads a list of dates, ranges and names of lists. The dates of these are added once all files are read.
func (m *mapping) dateList(field string) []schedules.DateRange {
	return readList(m, field, `["2026-12-25"]`, func(n *source.Node) ([]schedules.DateRange, error) {
		if !isHolidayName(n.Text) {
			return dateRanges(n)
		}
		if _, err := label(n); err != nil {
			return nil, err
		}
		m.uses = append(m.uses, holidayUse{len(m.windows), field == "exceptDates", n, m.at})
		return nil, nil
	})
}

// resolve adds the dates of the lists to the windows that use them. Without all files, a list that is not there has no dates.
func (p *parser) resolve(all bool) {
	for _, use := range p.uses {
		list, known := p.lists[use.at.Text]
		if !known && all {
			advice := cmp.Or(didYouMean(use.at.Text, slices.Sorted(maps.Keys(p.lists))), "; write it under holidays, or give the file that has it, too")
			p.Add(use.at, RuleUnknownHoliday, "%s is no date, and no list of holidays of these files%s", source.Quote(use.at.Text), advice)
		}
		w := &p.windows[use.window]
		dates := &w.OnlyDates
		if use.except {
			dates = &w.ExceptDates
		}
		for _, date := range list.dates {
			date.Holidays = use.at.Text
			*dates = append(*dates, date)
		}
		if len(*dates) > maxItems {
			p.Add(use.at, RuleTooManyItems, "with %s, the window has more than %d dates; split it over several entries", use.at.Text, maxItems)
		}
	}
	if !all {
		return
	}
	for _, use := range p.uses {
		if len(p.Problems) == 0 {
			p.starts(&p.windows[use.window], use.of)
		}
	}
}

// starts makes sure that a window starts on some date.
func (p *parser) starts(w *schedules.Window, at *source.Node) {
	if _, starts := w.NextDate(schedules.NewDate(0, 1, 1)); !starts {
		p.Add(at, RuleNeverStarts, "no date meets all conditions of this window (days, daysOfMonth, months and dates)")
	}
}
