package diff

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/text"
)

// Text prints the report for a terminal.
func (r Report) Text(w io.Writer) error {
	out := &strings.Builder{}
	fmt.Fprintln(out, r.summary())
	if r.isAssumed() {
		fmt.Fprintln(out, strings.ReplaceAll(assumption, "; ", ";\n"))
	}
	for _, warning := range r.Warnings {
		fmt.Fprintln(out, "warning:", text.Visible(warning))
	}
	if len(r.Entries) > 0 {
		fmt.Fprintln(out, "\nEntries")
	}
	for _, entry := range r.Entries {
		entry.print(out)
	}
	if len(r.Changes) > 0 {
		fmt.Fprintf(out, "\nminReplicas before → after, times in %s\n", r.zones())
	}
	formatShift := func(s shift) string { return fmt.Sprintf("  %s: %s\n", text.Dated(s.Before), s) }
	for _, row := range r.rows(formatShift, r.changeLines) {
		out.WriteString(row)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (e Entry) print(w io.Writer) {
	sign := cmp.Or(map[Kind]string{Added: "+", Removed: "-"}[e.Kind], "~")
	fmt.Fprintf(w, "  %s %s %s\n", sign, e.Title, e.outcome())
	line := func(name, value string) { fmt.Fprintf(w, "      %-12s  %s\n", name, text.Visible(value)) }
	if summary := e.summary(); summary != "" {
		line("description", summary)
	}
	for _, field := range e.shown() {
		line(field.Name, cmp.Or(field.Old, field.New))
		if field.Old != "" && field.New != "" {
			fmt.Fprintf(w, "      %12s→ %s\n", "", text.Visible(field.New))
		}
	}
}

func (r Report) changeLines(c Change) string {
	out := &strings.Builder{}
	fmt.Fprint(out, "  ", c.period())
	if utc := c.utc(); utc != "" && r.TimeZone != "UTC" {
		fmt.Fprint(out, ", that is ", utc)
	}
	if r.isOver(c) {
		fmt.Fprint(out, " (in the past)")
	}
	fmt.Fprintf(out, "\n    %s\n", c.reason())
	groups, left := c.groups()
	width := 0
	for _, group := range groups {
		width = max(width, utf8.RuneCountInString(r.hpas(group, text.Visible)))
	}
	for _, group := range groups {
		fmt.Fprintf(out, "      %-*s  %s → %s\n", width, r.hpas(group, text.Visible), group[0].Old, group[0].New)
	}
	if left > 0 {
		fmt.Fprintf(out, "      and %d more\n", left)
	}
	return out.String()
}
