package imports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

const (
	top   = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\n"
	check = "CHECK: " // begins each comment on what is not as it was
	width = 100       // of comments, in characters
)

// YAML returns the draft as the text of a schedule, with its comments.
func (d *Draft) YAML() string {
	var b strings.Builder
	comment(&b, "", fmt.Sprintf("Imported from %s. Comments that begin with %swhat is not exactly as it was there.",
		d.Tool, strings.TrimSpace(check)+" say "))
	b.WriteString(top)
	zone := d.mainZone()
	for _, text := range d.Head {
		comment(&b, "", check+text)
	}
	if zone != "" {
		fmt.Fprintf(&b, "timeZone: %s\n", scalar(zone))
	}
	if len(d.Windows) > 0 || len(d.Events) == 0 {
		b.WriteString("\nwindows:" + entries(d.Windows, zone))
	}
	if len(d.Events) > 0 {
		b.WriteString("\nevents:" + entries(d.Events, zone))
	}
	if len(d.Left) > 0 {
		b.WriteString("\n# Not carried over:\n")
	}
	for _, note := range d.Left {
		comment(&b, "", check+note.At+": "+note.Text)
	}
	return b.String()
}

func entries(all []*Entry, zone string) string {
	if len(all) == 0 {
		return " []\n"
	}
	texts := make([]string, len(all))
	for i, e := range all {
		texts[i] = e.yaml(zone)
	}
	return "\n" + strings.Join(texts, "\n")
}

// mainZone returns the time zone that most entries have.
func (d *Draft) mainZone() string {
	count := map[string]int{}
	for _, e := range slices.Concat(d.Windows, d.Events) {
		count[e.TimeZone]++
	}
	zones := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(count[b]-count[a], strings.Compare(a, b))
	})
	if len(zones) == 0 {
		return ""
	}
	return zones[0]
}

// yaml returns the entry as an item of a list, in a file whose entries are in the zone unless they say otherwise.
func (e *Entry) yaml(zone string) string {
	w := &entryWriter{e: e}
	if e.Origin != "" {
		comment(&w.b, "  ", e.Origin)
	}
	w.comments(onEntry, "  ")
	fmt.Fprintf(&w.b, "  - name: %s\n", scalar(e.Name))
	if e.Description != "" {
		w.field("description", quoted(e.Description))
	}
	w.optional(e.Suspend, onSuspend, "true")
	w.optional(e.TimeZone != "" && (e.TimeZone != zone || len(e.notes[onZone]) > 0), onZone, scalar(e.TimeZone))
	w.dates(&e.Dates)
	w.optional(e.Start != "", onStart, `"`+e.Start+`"`)
	w.optional(e.End != "", onEnd, `"`+e.End+`"`)
	if e.Duration > 0 {
		w.comments(onEnd, fieldIndent)
		w.field("duration", schedules.FormatDuration(e.Duration))
	}
	w.optional(e.RampUp > 0, onRampUp, schedules.FormatDuration(e.RampUp))
	w.optional(e.RampDown > 0, onRampDn, schedules.FormatDuration(e.RampDown))
	w.optional(e.Multiplier > 0, onAmount, fmt.Sprint(e.Multiplier))
	w.targets()
	return w.b.String()
}

const fieldIndent = "    "

type entryWriter struct {
	e *Entry
	b strings.Builder
}

// optional writes a field with its comments, or the comments alone.
func (w *entryWriter) optional(given bool, name, value string) {
	if given || name != onEnd { // those of an end may belong to a duration
		w.comments(name, fieldIndent)
	}
	if given {
		w.field(name, value)
	}
}

func (w *entryWriter) field(name, value string) {
	fmt.Fprintf(&w.b, "%s%s: %s\n", fieldIndent, name, value)
}

func (w *entryWriter) comments(field, indent string) {
	for _, text := range w.e.notes[field] {
		comment(&w.b, indent, check+text)
	}
}

func (w *entryWriter) dates(on *dates) {
	days := ranges(on.Days, 7, func(d time.Weekday) string { return strings.ToLower(d.String()[:3]) })
	w.optional(len(on.Days) > 0, onDays, days)
	if len(on.DaysOfMonth) > 0 {
		w.field("daysOfMonth", strings.ReplaceAll(fmt.Sprint(on.DaysOfMonth), " ", ", "))
	}
	if len(on.Months) > 0 {
		w.field("months", ranges(on.Months, 13, func(m time.Month) string { return strings.ToLower(m.String()[:3]) }))
	}
	if on.Never {
		w.field("exceptDates", `["0001-01-01/9999-12-31"]`)
	}
}

func (w *entryWriter) targets() {
	w.comments(onTargets, fieldIndent)
	if len(w.e.Targets) == 0 {
		return
	}
	fmt.Fprintf(&w.b, "%stargets:\n", fieldIndent)
	for _, t := range w.e.Targets {
		for _, text := range t.Notes {
			comment(&w.b, fieldIndent+"  ", check+text)
		}
		amount := ""
		if t.MinReplicas > 0 {
			amount = fmt.Sprintf(", minReplicas: %d", t.MinReplicas)
		}
		fmt.Fprintf(&w.b, "%s  - {namespace: %s, name: %s%s}\n", fieldIndent, scalar(t.Namespace), scalar(t.Name), amount)
	}
}

// ranges writes values as a list, three or more in a row as a range. The week begins with Monday, and values lie below
// limit.
func ranges[T ~int](values []T, limit int, name func(T) string) string {
	order := func(v T) int { return (int(v) + limit - 1) % limit }
	sorted := slices.SortedFunc(slices.Values(values), func(a, b T) int { return order(a) - order(b) })
	var items []string
	for i := 0; i < len(sorted); {
		last := i
		for last+1 < len(sorted) && order(sorted[last+1]) == order(sorted[last])+1 {
			last++
		}
		if last > i+1 {
			items = append(items, name(sorted[i])+"-"+name(sorted[last]))
			i = last + 1
			continue
		}
		items = append(items, name(sorted[i]))
		i++
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// comment writes a text as comment lines, broken at spaces. Whatever the text holds, it cannot end the comment.
func comment(b *strings.Builder, indent, text string) {
	line := indent + "#"
	for word := range strings.FieldsSeq(visible(text)) {
		if len([]rune(line))+1+len([]rune(word)) > width && line != indent+"#" {
			b.WriteString(line + "\n")
			line = indent + "#  "
			if !strings.Contains(text, check) {
				line = indent + "#"
			}
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}
