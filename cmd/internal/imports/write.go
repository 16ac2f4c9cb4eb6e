package imports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/text"
)

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

// mainZone returns the time zone that most entries have, "" if there are none.
func (d *Draft) mainZone() string {
	count := map[string]int{"": 0}
	for _, e := range slices.Concat(d.Windows, d.Events) {
		count[e.TimeZone]++
	}
	return slices.MinFunc(slices.Collect(maps.Keys(count)), func(a, b string) int {
		return cmp.Or(count[b]-count[a], strings.Compare(a, b))
	})
}

// writer writes a draft and collects its notes.
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
