package changes

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// most is how many HPAs are named for one change, where people read.
const most = 12

// Text prints the report for a terminal.
func (r Report) Text(w io.Writer) {
	fmt.Fprintln(w, r.summary())
	if r.Assumed {
		fmt.Fprintln(w, assumption)
	}
	for _, warning := range r.Warnings {
		fmt.Fprintln(w, "warning:", clean(warning))
	}
	if len(r.Entries) > 0 {
		fmt.Fprintln(w, "\nEntries")
	}
	for _, entry := range r.Entries {
		entry.text(w)
	}
	if len(r.Floors) > 0 {
		fmt.Fprintf(w, "\nminReplicas, times in %s\n", r.From.Location())
	}
	for _, floor := range r.Floors {
		floor.text(w)
	}
}

func (e Entry) text(w io.Writer) {
	fmt.Fprintf(w, "  %s %s %s\n", e.Kind.mark(), e.Title, e.what())
	for _, field := range e.Fields {
		switch e.Kind {
		case Added:
			fmt.Fprintf(w, "      %-11s %s\n", field.Name, clean(field.New))
		case Removed:
			fmt.Fprintf(w, "      %-11s %s\n", field.Name, clean(field.Old))
		default:
			fmt.Fprintf(w, "      %-11s %s\n      %11s → %s\n", field.Name, clean(field.before()), "", clean(field.after()))
		}
	}
}

func (f Floor) text(w io.Writer) {
	fmt.Fprintf(w, "  %s", f.when())
	if utc := f.inUTC(); utc != "" && f.From.Location().String() != "UTC" {
		fmt.Fprintf(w, ", that is %s", utc)
	}
	fmt.Fprintf(w, "\n    %s\n", f.why())
	width := 0
	for _, hpa := range f.HPAs[:min(most, len(f.HPAs))] {
		width = max(width, utf8.RuneCountInString(hpa.name()))
	}
	for i, hpa := range f.HPAs {
		if i == most {
			fmt.Fprintf(w, "      and %d more\n", len(f.HPAs)-most)
			break
		}
		fmt.Fprintf(w, "      %-*s  %s → %s\n", width, clean(hpa.name()), hpa.Old, hpa.New)
	}
}

func (e Effect) name() string { return e.Namespace + "/" + e.Name }

// clean replaces characters that would upset a terminal.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return utf8.RuneError
		}
		return r
	}, text)
}
