package diff

import (
	"fmt"
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
	changeSpace  = 30_000
	valueSpace   = 400 // characters of one value, before they are escaped
)

// Markdown prints the report for a comment in a pull request.
func (r Report) Markdown(w io.Writer) error {
	out := &strings.Builder{}
	fmt.Fprintf(out, "%s\n**floorkeeper**: %s\n", Marker, r.summary())
	formatWarning := func(warning string) string { return fmt.Sprintf("\n> **Warning:** %s\n", text.Markdown(warning)) }
	printWithin(out, warningSpace, each(r.Warnings, formatWarning), "warnings")
	if len(r.Entries) > 0 {
		fmt.Fprint(out, "\n| entry | | before | after |\n| --- | --- | --- | --- |\n")
	}
	printWithin(out, entrySpace, each(r.Entries, Entry.tableRows), "entries")
	if r.isAssumed() {
		fmt.Fprintf(out, "\n%s\n", assumption)
	}
	if len(r.Changes) > 0 {
		fmt.Fprintf(out, "\n| when (%s) | UTC | HorizontalPodAutoscaler | minReplicas before → after | why |\n| --- | --- | --- | --- | --- |\n",
			text.Markdown(r.zones()))
		formatShift := func(s shift) string {
			return fmt.Sprintf("| **%s** | %s | | | **%s** |\n", text.Dated(s.Before), text.Dated(s.At.UTC()), text.Markdown(s.String()))
		}
		printWithin(out, changeSpace, r.rows(formatShift, r.tableRows), "changes")
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// printWithin prints texts as far as there is space, and how many more there are.
func printWithin(out *strings.Builder, space int, texts []string, what string) {
	for i, one := range texts {
		if space -= len(one); space < 0 {
			fmt.Fprintf(out, "\nand %d more %s, which do not fit here: see floorkeeper diff\n", len(texts)-i, what)
			return
		}
		out.WriteString(one)
	}
}

func (e Entry) tableRows() string {
	var rows strings.Builder
	title := fmt.Sprintf("%s **%s**", text.Markdown(e.Title), text.Markdown(e.outcome()))
	if summary := e.summary(); summary != "" {
		title += "<br>" + text.Markdown(summary)
	}
	fields := e.shown()
	if len(fields) == 0 {
		return fmt.Sprintf("| %s | | | |\n", title)
	}
	value := func(s string) string { return text.Markdown(text.CutMiddle(s, valueSpace)) }
	for _, field := range fields {
		fmt.Fprintf(&rows, "| %s | %s | %s | %s |\n", title, field.Name, value(field.Old), value(field.New))
		title = ""
	}
	return rows.String()
}

// tableRows returns the rows of a change, one for all HPAs on which it has the same effect.
func (r Report) tableRows(c Change) string {
	var rows strings.Builder
	period, utc, reason := c.period(), c.utc(), text.Markdown(c.reason())
	if r.isOver(c) {
		period += " (in the past)"
	}
	groups, left := c.groups()
	for _, group := range groups {
		fmt.Fprintf(&rows, "| %s | %s | %s | %s → **%s** | %s |\n", period, utc, r.hpas(group, text.Markdown), group[0].Old, group[0].New, reason)
		period, utc, reason = "", "", ""
	}
	if left > 0 {
		fmt.Fprintf(&rows, "| | | and %d more | | |\n", left)
	}
	return rows.String()
}
