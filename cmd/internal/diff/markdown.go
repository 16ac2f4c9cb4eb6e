package diff

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/floorkeeper/floorkeeper/text"
)

// Marker begins the markdown, so that a job finds its own comment in a pull request and replaces it.
const Marker = "<!-- floorkeeper diff -->"

// How much of each a comment shows, in bytes: GitHub takes at most 65,536 characters in all.
const (
	warningSpace = 12_000
	entrySpace   = 18_000
	floorSpace   = 30_000
)

// Markdown prints the report for a comment in a pull request.
func (r Report) Markdown(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s\n**floorkeeper**: %s\n", Marker, r.summary())
	warnings := make([]string, len(r.Warnings))
	for i, warning := range r.Warnings {
		warnings[i] = fmt.Sprintf("\n> **Warning:** %s\n", escape(warning))
	}
	within(out, warningSpace, warnings, "warnings")
	if len(r.Entries) > 0 {
		fmt.Fprint(out, "\n| entry | | before | after |\n| --- | --- | --- | --- |\n")
	}
	entries := make([]string, len(r.Entries))
	for i, entry := range r.Entries {
		entries[i] = entry.markdown()
	}
	within(out, entrySpace, entries, "entries")
	if r.assumes() {
		fmt.Fprintf(out, "\n%s\n", assumption)
	}
	if len(r.Floors) > 0 {
		fmt.Fprintf(out, "\n| when (%s) | UTC | HorizontalPodAutoscaler | minReplicas before → after | why |\n| --- | --- | --- | --- | --- |\n",
			escape(r.zones()))
		within(out, floorSpace, r.floorRows(), "changes")
	}
	return out.Flush()
}

// floorRows returns the rows of the changes of floors, each with the clock changes before it.
func (r Report) floorRows() []string {
	rows := make([]string, len(r.Floors))
	shifts := r.shifts()
	for i, floor := range r.Floors {
		for len(shifts) > 0 && !shifts[0].At.After(floor.From) {
			rows[i] += shifts[0].markdown()
			shifts = shifts[1:]
		}
		rows[i] += r.markdownOf(floor)
	}
	for _, shift := range shifts {
		rows[len(rows)-1] += shift.markdown()
	}
	return rows
}

// within prints texts as far as there is space, and how many more there are.
func within(w io.Writer, space int, texts []string, what string) {
	for i, text := range texts {
		if space -= len(text); space < 0 {
			fmt.Fprintf(w, "\nand %d more %s, which do not fit here: see floorkeeper diff\n", len(texts)-i, what)
			return
		}
		io.WriteString(w, text) //nolint:errcheck // as with all that is printed here
	}
}

// markdown returns the rows of an entry.
func (e Entry) markdown() string {
	var rows strings.Builder
	title := fmt.Sprintf("%s **%s**", escape(e.Title), escape(e.what()))
	if about := e.about(); about != "" {
		title += "<br>" + escape(about)
	}
	fields, both := e.told()
	if len(fields) == 0 {
		fmt.Fprintf(&rows, "| %s | | | |\n", title)
	}
	for _, field := range fields {
		before, after := escape(field.before()), escape(field.after())
		switch {
		case both:
		case e.Kind == Removed:
			after = ""
		default:
			before = ""
		}
		fmt.Fprintf(&rows, "| %s | %s | %s | %s |\n", title, field.Name, before, after)
		title = ""
	}
	return rows.String()
}

// markdown returns a row that says where the clocks change.
func (s shift) markdown() string {
	return fmt.Sprintf("| **%s** | %s | | | **%s** |\n", s.when(), s.At.UTC().Format(dayLayout+" MST"), escape(s.what()))
}

// markdownOf returns the rows of a change of floors, one for all HPAs on which it has the same effect.
func (r Report) markdownOf(f Floor) string {
	var rows strings.Builder
	when, utc, why := f.when(), f.inUTC(), escape(f.why())
	if r.over(f) {
		when += ", which is over"
	}
	groups, left := r.groups(f)
	for _, group := range groups {
		fmt.Fprintf(&rows, "| %s | %s | %s | %s → **%s** | %s |\n", when, utc, group.who(escape), group.old, group.new, why)
		when, utc, why = "", "", ""
	}
	if left > 0 {
		fmt.Fprintf(&rows, "| | | and %d more | | |\n", left)
	}
	return rows.String()
}

// escape makes a text harmless in a cell of a table: no markup, no HTML, no mention of a person, no end of the cell.
func escape(s string) string {
	var b strings.Builder
	for _, r := range html.EscapeString(text.Visible(s)) {
		switch {
		case r == '@':
			b.WriteString("&#64;")
		case r == '#' && !strings.HasSuffix(b.String(), "&"):
			b.WriteString(`\#`)
		case strings.ContainsRune("|\\`*_[]~!", r):
			b.WriteRune('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
