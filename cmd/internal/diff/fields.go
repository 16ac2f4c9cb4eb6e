package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// Field is a field that an entry has differently, in words. One that is not given is "".
type Field struct {
	Name string `json:"name"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// describe returns the fields of all entries by title, in New: the same fields in the same order for each of a kind.
func describe(schedule *schedules.Schedule, zone *time.Location) map[string][]Field {
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

// differing returns the fields in which two entries of one kind differ, or all of the only one that is given.
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

// shown returns the fields to print. Where the entry is compared with another one, they have both values, and else one.
func (e Entry) shown() []Field {
	fields := e.Fields
	switch {
	case e.Like != "":
		fields = e.But
	case e.Kind != Changed:
		return fields
	}
	compared := make([]Field, len(fields))
	for i, f := range fields {
		absent := cmp.Or(map[string]string{"days": "every day", "daysOfMonth": "all", "months": "all", "onlyDates": "all", "suspend": "false"}[f.Name], "none")
		compared[i] = Field{f.Name, cmp.Or(f.Old, absent), cmp.Or(f.New, absent)}
	}
	return compared
}

func entryFields(e *schedules.Entry) []Field {
	return slices.Concat(
		[]Field{{Name: "suspend", New: given(e.Suspend, strconv.FormatBool)}, {Name: "timeZone", New: e.Location.String()}},
		leadFields(e),
		[]Field{{Name: "targets", New: strings.Join(slices.Sorted(slices.Values(each(e.Targets, formatTarget))), ", ")}},
	)
}

func leadFields(e *schedules.Entry) []Field {
	return []Field{
		{Name: "leadTime", New: given(e.LeadTime, schedules.FormatDuration)},
		{Name: "rampUp", New: given(e.RampUp, schedules.FormatDuration)},
		{Name: "rampDown", New: given(e.RampDown, schedules.FormatDuration)},
	}
}

// given returns a value in words, and "" for none.
func given[T comparable](value T, format func(T) string) string {
	var none T
	if value == none {
		return ""
	}
	return format(value)
}

func formatTarget(t schedules.Target) string {
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

func windowFields(w *schedules.Window) []Field {
	end := w.End.String()
	if w.Duration > 0 {
		end = "after " + schedules.FormatDuration(w.Duration)
	}
	days := weekdays(w.Days)
	if days == "Mon-Sun" {
		days = ""
	}
	return []Field{
		{Name: "start", New: w.Start.String()},
		{Name: "end", New: end},
		{Name: "days", New: days},
		{Name: "daysOfMonth", New: joined(unique(w.DaysOfMonth), strconv.Itoa)},
		{Name: "months", New: joined(unique(w.Months), func(m time.Month) string { return m.String()[:3] })},
		{Name: "exceptDates", New: datesOf(w.ExceptDates)},
		{Name: "onlyDates", New: datesOf(w.OnlyDates)},
		{Name: "firstDate", New: given(w.FirstDate, (*schedules.Date).String)},
		{Name: "lastDate", New: given(w.LastDate, (*schedules.Date).String)},
	}
}

// datesOf returns dates in their order, each with the list of holidays that it comes from.
func datesOf(all []schedules.DateRange) string {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b schedules.DateRange) int { return int(a.First - b.First) })
	return joined(sorted, func(r schedules.DateRange) string {
		date := r.First.String()
		if r.First != r.Last {
			date += "/" + r.Last.String()
		}
		if r.Holidays != "" {
			date += " (" + r.Holidays + ")"
		}
		return date
	})
}

// eventFields describes when an event is open, and how much it asks for. Start and end are one field, as they move
// together.
func eventFields(e *schedules.Event, zone *time.Location) []Field {
	open := ""
	if span := e.Span(); !span.Opens().Equal(e.Start) || !span.Closes().Equal(e.End) {
		leads := slices.DeleteFunc(leadFields(&e.Entry), func(f Field) bool { return f.New == "" })
		open = text.Span(span.Opens().In(zone), span.Closes().In(zone)) + ", with " +
			joined(leads, func(f Field) string { return f.Name + " " + f.New })
	}
	return []Field{
		{Name: "time", New: text.Span(e.Start.In(zone), e.End.In(zone)) + written(e, zone)},
		{Name: "open", New: open},
		{Name: "multiplier", New: given(e.Multiplier, schedules.Ratio.String)},
	}
}

// written returns the time of an event as it is in the file where it is printed otherwise: in another zone, or over a clock
// shift, where two that are written differently can be the same.
func written(e *schedules.Event, zone *time.Location) string {
	if _, touched := e.ClockChange(); !touched && e.Location.String() == zone.String() {
		return ""
	}
	var times string
	switch {
	case e.StartWall != nil && e.EndWall != nil:
		times = e.StartWall.Clock.String() + " to " + e.EndWall.Clock.String()
	case e.StartWall != nil:
		times = "it starts at " + e.StartWall.Clock.String()
	case e.EndWall != nil:
		times = "it ends at " + e.EndWall.Clock.String()
	default:
		return ""
	}
	return fmt.Sprintf("; in the file: %s (%s)", times, e.Location)
}
