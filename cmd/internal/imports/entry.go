package imports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// Entry is a window or an event, in the words of the schedule.
type Entry struct {
	Name, Description string
	Origin            string // the object that it comes from, with its file and line
	Suspend           bool
	TimeZone          string
	Dates             dates  // of a window
	Start, End        string // as written in a schedule
	Duration          time.Duration
	RampUp, RampDown  time.Duration
	Multiplier        int64 // of an event; 0 if the targets have amounts
	Targets           []Target
	notes             map[string][]string // comments by field
}

// Target is an HPA by its name, and what is asked for it.
type Target struct {
	Namespace, Name string
	MinReplicas     int64
	Notes           []string
}

// dates are conditions on the date on which a window starts; one that is empty holds on every date.
type dates struct {
	Days        []int // of the week, 0 is Monday
	DaysOfMonth []int
	Months      []time.Month
	Never       bool // all dates are excepted
}

// The fields of an entry that can have comments of their own.
const (
	onEntry      = "" // the entry as a whole
	onSuspend    = "suspend"
	onZone       = "timeZone"
	onDays       = "days"
	onStart      = "start"
	onEnd        = "end" // or a duration
	onRampUp     = "rampUp"
	onRampDown   = "rampDown"
	onMultiplier = "multiplier"
	onTargets    = "targets"
)

func (e *Entry) note(field, format string, args ...any) {
	if e.notes == nil {
		e.notes = map[string][]string{}
	}
	e.notes[field] = append(e.notes[field], text.Line(fmt.Sprintf(format, args...)))
}

func (e *Entry) noteAll(field string, texts []string) {
	for _, text := range texts {
		e.note(field, "%s", text)
	}
}

// setZone sets the time zone. One that a schedule cannot have is replaced, and a comment names the other one and how
// the tool behaved.
func (e *Entry) setZone(name, otherwise, behaved string) {
	e.TimeZone = name
	switch {
	case legalZone(name):
	case name == "Local":
		e.TimeZone = "UTC"
		e.note(onZone, "\"Local\" is the clock of the tool's own container, usually UTC, which is assumed")
	default:
		e.TimeZone = otherwise
		e.note(onZone, "%s is no IANA time zone, so %s is assumed; %s", quote(name), e.TimeZone, behaved)
	}
}

// field is a field of an entry as it is written; its value is "" where it is left out.
type field struct{ name, value string }

func (e *Entry) fields() []field {
	return []field{
		{"description", given(e.Description != "", source.Quoted(e.Description))},
		{onSuspend, given(e.Suspend, "true")},
		{onZone, given(e.TimeZone != "", scalar(e.TimeZone))},
		{onDays, ranges(e.Dates.Days, func(day int) string { return short(time.Weekday((day + 1) % 7)) })},
		{"daysOfMonth", given(len(e.Dates.DaysOfMonth) > 0, strings.ReplaceAll(fmt.Sprint(e.Dates.DaysOfMonth), " ", ", "))},
		{"months", ranges(e.Dates.Months, func(m time.Month) string { return short(m) })},
		{"exceptDates", given(e.Dates.Never, `["0001-01-01/9999-12-31"]`)},
		{onStart, given(e.Start != "", `"`+e.Start+`"`)}, // in quotes, as YAML may take a time for a number
		{onEnd, given(e.End != "", `"`+e.End+`"`)},
		{"duration", given(e.Duration > 0, schedules.FormatDuration(e.Duration))},
		{onRampUp, given(e.RampUp > 0, schedules.FormatDuration(e.RampUp))},
		{onRampDown, given(e.RampDown > 0, schedules.FormatDuration(e.RampDown))},
		{onMultiplier, given(e.Multiplier > 0, fmt.Sprint(e.Multiplier))},
	}
}

func given(ok bool, value string) string {
	if !ok {
		return ""
	}
	return value
}

func short(name fmt.Stringer) string { return strings.ToLower(name.String()[:3]) }

func ranges[T ~int](values []T, name func(T) string) string {
	if len(values) == 0 {
		return ""
	}
	return "[" + strings.Join(text.Runs(values, "-", name), ", ") + "]"
}

const (
	header = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\n"
	check  = "CHECK: " // begins each comment on what is not as it was
	width  = 100       // of comments, in characters
	indent = "    "    // of an entry's fields
)

// Write returns the draft as the text of a schedule, and its comments on what was not carried over exactly, each on one
// line that is safe on a terminal.
func (d *Draft) Write() (schedule string, notes []Note) {
	w := &writer{zone: d.mainZone()}
	w.comment("", fmt.Sprintf("Imported from %s. Comments that begin with %ssay what is not exactly as it was there.", d.Tool, check))
	w.WriteString(header)
	for _, note := range d.Head {
		w.check("", Note{At: d.Tool, Text: note})
	}
	if w.zone != "" {
		fmt.Fprintf(w, "timeZone: %s\n", scalar(w.zone))
	}
	if len(d.Windows) > 0 || len(d.Events) == 0 {
		w.entries("windows", d.Windows)
	}
	if len(d.Events) > 0 {
		w.entries("events", d.Events)
	}
	if len(d.Omitted) > 0 {
		w.WriteString("\n# Not carried over:\n")
	}
	for _, note := range d.Omitted {
		w.comment("", check+note.String())
	}
	return w.String(), append(w.notes, d.Omitted...)
}

func (d *Draft) mainZone() string {
	count := map[string]int{"": 0}
	for _, e := range slices.Concat(d.Windows, d.Events) {
		count[e.TimeZone]++
	}
	return slices.MinFunc(slices.Collect(maps.Keys(count)), func(a, b string) int {
		return cmp.Or(count[b]-count[a], strings.Compare(a, b))
	})
}

type writer struct {
	strings.Builder
	zone  string // of the schedule
	notes []Note
}

func (w *writer) entries(list string, entries []*Entry) {
	fmt.Fprintf(w, "\n%s:", list)
	if len(entries) == 0 {
		w.WriteString(" []\n")
	}
	for _, e := range entries {
		w.WriteString("\n")
		w.entry(e)
	}
}

func (w *writer) entry(e *Entry) {
	checks := func(indent string, texts []string) {
		for _, s := range texts {
			w.check(indent, Note{At: e.Origin, Entry: e.Name, Text: s})
		}
	}
	w.comment("  ", e.Origin)
	checks("  ", e.notes[onEntry])
	fmt.Fprintf(w, "  - name: %s\n", scalar(e.Name))
	for _, f := range e.fields() {
		checks(indent, e.notes[f.name])
		inherited := f.name == onZone && e.TimeZone == w.zone && e.notes[onZone] == nil
		if f.value != "" && !inherited {
			fmt.Fprintf(w, "%s%s: %s\n", indent, f.name, f.value)
		}
	}
	checks(indent, e.notes[onTargets])
	if len(e.Targets) > 0 {
		w.WriteString(indent + "targets:\n")
	}
	for _, t := range e.Targets {
		checks(indent+"  ", t.Notes)
		fmt.Fprintf(w, "%s  - {namespace: %s, name: %s, minReplicas: %d}\n", indent, scalar(t.Namespace), scalar(t.Name), t.MinReplicas)
	}
}

func (w *writer) check(indent string, note Note) {
	w.notes = append(w.notes, note)
	w.comment(indent, check+note.Text)
}

// comment writes comment lines, broken at spaces. Whatever the text holds, it cannot end the comment.
func (w *writer) comment(indent, s string) {
	next := indent + "# "
	if strings.Contains(s, check) {
		next += "  "
	}
	w.WriteString(text.Wrap(indent+"# "+text.Line(s), width, next) + "\n")
}
