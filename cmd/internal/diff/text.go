package diff

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/text"
)

// Text prints the report for a terminal.
func (r Report) Text(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, r.summary())
	if r.assumes() {
		fmt.Fprintln(out, strings.ReplaceAll(assumption, "; ", ";\n"))
	}
	for _, warning := range r.Warnings {
		fmt.Fprintln(out, "warning:", text.Visible(warning))
	}
	if len(r.Entries) > 0 {
		fmt.Fprintln(out, "\nEntries")
	}
	for _, entry := range r.Entries {
		entry.text(out)
	}
	r.textFloors(out)
	return out.Flush()
}

func (e Entry) text(w io.Writer) {
	fmt.Fprintf(w, "  %s %s %s\n", e.Kind.mark(), e.Title, e.what())
	line := func(name, value string) { fmt.Fprintf(w, "      %-12s  %s\n", name, text.Visible(value)) }
	if about := e.about(); about != "" {
		line("description", about)
	}
	fields, both := e.told()
	for _, field := range fields {
		switch {
		case both:
			line(field.Name, field.before())
			fmt.Fprintf(w, "      %12s→ %s\n", "", text.Visible(field.after()))
		case e.Kind == Removed:
			line(field.Name, field.Old)
		default:
			line(field.Name, field.New)
		}
	}
}

// textFloors prints the changes of floors, each after the clock changes before it.
func (r Report) textFloors(w io.Writer) {
	if len(r.Floors) > 0 {
		fmt.Fprintf(w, "\nminReplicas before → after, times in %s\n", r.zones())
	}
	shifts := r.shifts()
	for _, floor := range r.Floors {
		for len(shifts) > 0 && !shifts[0].At.After(floor.From) {
			fmt.Fprintf(w, "  %s: %s\n", shifts[0].when(), shifts[0].what())
			shifts = shifts[1:]
		}
		r.textOf(floor, w)
	}
	for _, shift := range shifts {
		fmt.Fprintf(w, "  %s: %s\n", shift.when(), shift.what())
	}
}

// textOf prints a change of floors.
func (r Report) textOf(f Floor, w io.Writer) {
	fmt.Fprintf(w, "  %s", f.when())
	if utc := f.inUTC(); utc != "" && f.From.Location().String() != "UTC" {
		fmt.Fprintf(w, ", that is %s", utc)
	}
	if r.over(f) {
		fmt.Fprint(w, ", which is over")
	}
	fmt.Fprintf(w, "\n    %s\n", f.why())
	groups, left := r.groups(f)
	width := 0
	for _, group := range groups {
		width = max(width, utf8.RuneCountInString(group.who(text.Visible)))
	}
	for _, group := range groups {
		fmt.Fprintf(w, "      %-*s  %s → %s\n", width, group.who(text.Visible), group.old, group.new)
	}
	if left > 0 {
		fmt.Fprintf(w, "      and %d more\n", left)
	}
}
