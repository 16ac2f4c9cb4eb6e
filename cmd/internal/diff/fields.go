package diff

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// Field is a field that an entry has differently, in words. One that is not given is "".
type Field struct{ Name, Old, New string }

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
		{Name: "days", New: daysOf(w)},
		{Name: "daysOfMonth", New: joined(sorted(w.DaysOfMonth), number)},
		{Name: "months", New: joined(sorted(w.Months), func(m time.Month) string { return m.String()[:3] })},
		{Name: "exceptDates", New: joined(excepted, dates)},
		{Name: "firstDate", New: date(w.FirstDate)},
		{Name: "lastDate", New: date(w.LastDate)},
	}
}

// daysOf names the days of a window, and none where it is all of them.
func daysOf(w *schedules.Window) string {
	if len(sorted(w.Days)) == 7 {
		return ""
	}
	return daysText(w.Days)
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
		{Name: "time", New: Span(e.Start.In(zone), e.End.In(zone)) + written(e, zone)},
		{Name: "open", New: open},
		{Name: "multiplier", New: multiplier},
	}
}

// written says how the file has the time of an event that is told otherwise: in another zone, or over a clock change, where
// two that are written differently can be the same.
func written(e *schedules.Event, zone *time.Location) string {
	if _, touched := e.ClockChange(); !touched && e.Location.String() == zone.String() {
		return ""
	}
	var text string
	switch {
	case e.StartWall != nil && e.EndWall != nil:
		text = e.StartWall.Clock.String() + " to " + e.EndWall.Clock.String()
	case e.StartWall != nil:
		text = "it starts at " + e.StartWall.Clock.String()
	case e.EndWall != nil:
		text = "it ends at " + e.EndWall.Clock.String()
	default:
		return ""
	}
	return fmt.Sprintf("; in the file: %s (%s)", text, e.Location)
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
