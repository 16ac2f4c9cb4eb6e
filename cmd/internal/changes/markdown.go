package changes

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// Marker begins the markdown, so that a job finds its own comment in a pull request and replaces it.
const Marker = "<!-- floorkeeper diff -->"

// mostRows is how many changes a comment shows; GitHub takes at most 65,536 characters.
const mostRows = 100

// Markdown prints the report for a comment in a pull request.
func (r Report) Markdown(w io.Writer) {
	fmt.Fprintf(w, "%s\n**floorkeeper**: %s\n", Marker, r.summary())
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "\n> **Warning:** %s\n", escape(warning))
	}
	if len(r.Entries) > 0 {
		fmt.Fprint(w, "\n| entry | | before | after |\n| --- | --- | --- | --- |\n")
	}
	for _, entry := range r.Entries {
		entry.markdown(w)
	}
	if r.assumes() {
		fmt.Fprintf(w, "\n%s\n", assumption)
	}
	if len(r.Floors) == 0 {
		return
	}
	fmt.Fprintf(w, "\n| when (%s) | UTC | HorizontalPodAutoscaler | minReplicas before → after | why |\n| --- | --- | --- | --- | --- |\n",
		escape(r.From.Location().String()))
	shifts := r.shifts()
	for i, floor := range r.Floors {
		for len(shifts) > 0 && !shifts[0].at.After(floor.From) {
			shifts[0].markdown(w)
			shifts = shifts[1:]
		}
		if i == mostRows {
			fmt.Fprintf(w, "\nand %d more changes: see floorkeeper diff -o json\n", len(r.Floors)-mostRows)
			return
		}
		r.markdownOf(floor, w)
	}
	for _, shift := range shifts {
		shift.markdown(w)
	}
}

func (e Entry) markdown(w io.Writer) {
	title := fmt.Sprintf("%s **%s**", escape(e.Title), e.what())
	for _, field := range e.Fields {
		before, after := escape(field.before()), escape(field.after())
		switch {
		case e.Kind == Added && field.New != "":
			before = ""
		case e.Kind == Removed && field.Old != "":
			after = ""
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s |\n", title, field.Name, before, after)
		title = ""
	}
}

// markdown prints a row that says where the clocks change.
func (s shift) markdown(w io.Writer) {
	fmt.Fprintf(w, "| **%s** | %s | | | **%s** |\n", s.when(), s.at.UTC().Format(dayLayout+" MST"), s.what())
}

// markdownOf prints the row of a change of floors.
func (r Report) markdownOf(f Floor, w io.Writer) {
	names, numbers := make([]string, 0, most+1), make([]string, 0, most+1)
	for i, hpa := range f.HPAs {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(f.HPAs)-most))
			break
		}
		names = append(names, escape(r.name(hpa)))
		numbers = append(numbers, fmt.Sprintf("%s → **%s**", hpa.Old, hpa.New))
	}
	when := f.when()
	if r.over(f) {
		when += ", which is over"
	}
	fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", when, f.inUTC(), strings.Join(names, "<br>"), strings.Join(numbers, "<br>"),
		escape(f.why()))
}

// escape makes text harmless in a cell of a table: no markup, no HTML, no mention of a person, no end of the cell.
func escape(text string) string {
	var b strings.Builder
	for _, r := range html.EscapeString(clean(text)) {
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
