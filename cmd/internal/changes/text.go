package changes

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/cmd/internal/visible"
)

// most is how many HPAs are named for one change, where people read.
const most = 12

// Text prints the report for a terminal.
func (r Report) Text(w io.Writer) {
	fmt.Fprintln(w, r.summary())
	if r.assumes() {
		fmt.Fprintln(w, strings.ReplaceAll(assumption, "; ", ";\n"))
	}
	for _, warning := range r.Warnings {
		fmt.Fprintln(w, "warning:", visible.Text(warning))
	}
	if len(r.Entries) > 0 {
		fmt.Fprintln(w, "\nEntries")
	}
	for _, entry := range r.Entries {
		entry.text(w)
	}
	if len(r.Floors) > 0 {
		fmt.Fprintf(w, "\nminReplicas before → after, times in %s\n", r.From.Location())
	}
	shifts := r.shifts()
	for _, floor := range r.Floors {
		for len(shifts) > 0 && !shifts[0].at.After(floor.From) {
			fmt.Fprintf(w, "  %s: %s\n", shifts[0].when(), shifts[0].what())
			shifts = shifts[1:]
		}
		r.textOf(floor, w)
	}
	for _, shift := range shifts {
		fmt.Fprintf(w, "  %s: %s\n", shift.when(), shift.what())
	}
}

func (e Entry) text(w io.Writer) {
	fmt.Fprintf(w, "  %s %s %s\n", e.Kind.mark(), e.Title, e.what())
	for _, field := range e.Fields {
		switch e.Kind {
		case Added:
			fmt.Fprintf(w, "      %-12s  %s\n", field.Name, visible.Text(field.New))
		case Removed:
			fmt.Fprintf(w, "      %-12s  %s\n", field.Name, visible.Text(field.Old))
		default:
			fmt.Fprintf(w, "      %-12s  %s\n      %12s→ %s\n", field.Name, visible.Text(field.before()), "", visible.Text(field.after()))
		}
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
	width := 0
	for _, hpa := range f.HPAs[:min(most, len(f.HPAs))] {
		width = max(width, utf8.RuneCountInString(r.name(hpa)))
	}
	for i, hpa := range f.HPAs {
		if i == most {
			fmt.Fprintf(w, "      and %d more\n", len(f.HPAs)-most)
			break
		}
		fmt.Fprintf(w, "      %-*s  %s → %s\n", width, visible.Text(r.name(hpa)), hpa.Old, hpa.New)
	}
}

// name names an HPA, and the baseline that is assumed of it where its floors are relative.
func (r Report) name(e Effect) string {
	name := e.Namespace + "/" + e.Name
	if r.Assumed && e.Baseline > 1 {
		name += fmt.Sprintf(" (baseline %d)", e.Baseline)
	}
	return name
}
