package changes

import (
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// Kind says what became of an entry.
type Kind string

// The values of Kind.
const (
	Added   Kind = "added"
	Removed Kind = "removed"
	Changed Kind = "changed"
)

// Entry is an entry that one of two schedules lacks, or that they have differently.
type Entry struct {
	Kind   Kind
	Name   string
	Title  string // "event cup-final"
	Fields []Field
	// Moved says how an event moves, such as "moves 1h later"; "" where it does not.
	Moved string
	// From and To hold all occurrences of an event, in either schedule; zero for a window.
	From, To time.Time
}

// Field is a field that an entry has differently, in words. One that is not given is "".
type Field struct{ Name, Old, New string }

// Entries compares the entries of two schedules, in the order of the later one and then those that it lacks. Times of
// events are told in the zone as well, where it is another than the event's.
func Entries(before, after *schedules.Schedule, zone *time.Location) []Entry {
	old, current := described(before, zone), described(after, zone)
	var all []Entry
	for _, name := range after.Names() {
		title := after.Title(name)
		entry := Entry{Kind: Changed, Name: name, Title: title, Fields: differing(old[title], current[title])}
		if old[title] == nil {
			entry.Kind = Added
		}
		if len(entry.Fields) > 0 {
			all = append(all, entry)
		}
	}
	for _, name := range before.Names() {
		if title := before.Title(name); current[title] == nil {
			all = append(all, Entry{Kind: Removed, Name: name, Title: title, Fields: differing(old[title], nil)})
		}
	}
	for i := range all {
		all[i].From, all[i].To = occurrence(all[i].Name, before, after)
		all[i].Moved = moved(event(before, all[i].Name), event(after, all[i].Name))
	}
	return all
}

// occurrence returns the time that an event takes in either schedule, leads and ramps included.
func occurrence(name string, all ...*schedules.Schedule) (from, to time.Time) {
	for _, schedule := range all {
		for _, event := range schedule.Events() {
			if event.Name != name {
				continue
			}
			span := event.Span()
			if from.IsZero() || span.Opens().Before(from) {
				from = span.Opens()
			}
			if span.Closes().After(to) {
				to = span.Closes()
			}
		}
	}
	return from, to
}

// differing returns the fields in which two descriptions differ.
func differing(before, after []Field) []Field {
	var all []Field
	for i := range max(len(before), len(after)) {
		field := Field{}
		if i < len(before) {
			field.Name, field.Old = before[i].Name, before[i].New
		}
		if i < len(after) {
			field.Name, field.New = after[i].Name, after[i].New
		}
		if field.Old != field.New {
			all = append(all, field)
		}
	}
	return all
}

// described returns the fields of all entries by title, in New: the same fields in the same order for each of a kind.
func described(schedule *schedules.Schedule, zone *time.Location) map[string][]Field {
	all := make(map[string][]Field)
	for i := range schedule.Windows() {
		w := &schedule.Windows()[i]
		all[schedule.Title(w.Name)] = slices.Concat(windowFields(w), entryFields(&w.Entry))
	}
	for i := range schedule.Events() {
		e := &schedule.Events()[i]
		all[schedule.Title(e.Name)] = slices.Concat(eventFields(e, zone), entryFields(&e.Entry))
	}
	return all
}

// entryFields describes what windows and events have in common.
func entryFields(e *schedules.Entry) []Field {
	targets := make([]string, len(e.Targets))
	for i, target := range e.Targets {
		targets[i] = targetText(target)
	}
	slices.Sort(targets)
	suspended := ""
	if e.Suspend {
		suspended = "true"
	}
	return []Field{
		{Name: "suspend", New: suspended},
		{Name: "timeZone", New: e.Location.String()},
		{Name: "leadTime", New: given(e.LeadTime)},
		{Name: "rampUp", New: given(e.RampUp)},
		{Name: "rampDown", New: given(e.RampDown)},
		{Name: "targets", New: strings.Join(targets, ", ")},
	}
}

func targetText(t schedules.Target) string {
	var parts []string
	switch {
	case t.Name != "":
		parts = append(parts, t.Namespace+"/"+t.Name)
	case t.Namespace != "":
		parts = append(parts, t.Namespace+"/*")
	}
	if t.Selector != nil {
		parts = append(parts, "{"+t.Selector.String()+"}")
	}
	if amount := t.Amount.String(); amount != "" {
		parts = append(parts, amount)
	}
	return strings.Join(parts, " ")
}

// windowFields describes when a window stands.
func windowFields(w *schedules.Window) []Field {
	until := Field{Name: "end", New: w.End.String()}
	if w.Duration > 0 {
		until = Field{Name: "end", New: "after " + schedules.FormatDuration(w.Duration)}
	}
	excepted := slices.SortedFunc(slices.Values(w.ExceptDates), func(a, b schedules.DateRange) int { return int(a.First - b.First) })
	return []Field{
		{Name: "start", New: w.Start.String()},
		until,
		{Name: "days", New: joined(fromMonday(w.Days), func(d time.Weekday) string { return d.String()[:3] })},
		{Name: "daysOfMonth", New: joined(sorted(w.DaysOfMonth), number)},
		{Name: "months", New: joined(sorted(w.Months), func(m time.Month) string { return m.String()[:3] })},
		{Name: "exceptDates", New: joined(excepted, dates)},
		{Name: "firstDate", New: date(w.FirstDate)},
		{Name: "lastDate", New: date(w.LastDate)},
	}
}

// eventFields describes when an event stands, and how much it asks for. Start and end are one field, for they move
// together.
func eventFields(e *schedules.Event, zone *time.Location) []Field {
	multiplier := ""
	if e.Multiplier > 0 {
		multiplier = e.Multiplier.String()
	}
	open := ""
	if span := e.Span(); !span.Opens().Equal(e.Start) || !span.Closes().Equal(e.End) {
		open = Span(span.Opens().In(zone), span.Closes().In(zone)) + ", with " + around(&e.Entry)
	}
	return []Field{
		{Name: "time", New: Span(e.Start.In(zone), e.End.In(zone)) + written(e)},
		{Name: "open", New: open},
		{Name: "multiplier", New: multiplier},
	}
}

// written says how an event is written that a clock change touches: two that are written differently can be the same then.
func written(e *schedules.Event) string {
	if _, touched := e.ClockChange(); !touched {
		return ""
	}
	text := ", written"
	if e.StartWall != nil {
		text += " from " + e.StartWall.Clock.String()
	}
	if e.EndWall != nil {
		text += " to " + e.EndWall.Clock.String()
	}
	return text
}

// around names what an entry is open for before its start and after its end.
func around(e *schedules.Entry) string {
	var parts []string
	for _, field := range []Field{
		{Name: "leadTime", New: given(e.LeadTime)}, {Name: "rampUp", New: given(e.RampUp)}, {Name: "rampDown", New: given(e.RampDown)},
	} {
		if field.New != "" {
			parts = append(parts, field.Name+" "+field.New)
		}
	}
	return strings.Join(parts, ", ")
}
