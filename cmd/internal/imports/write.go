package imports

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	header = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\n"
	check  = "CHECK: " // begins each comment on what is not as it was
	width  = 100       // of comments, in characters
)

// YAML returns the draft as the text of a schedule, with its comments.
func (d *Draft) YAML() string {
	var b strings.Builder
	comment(&b, "", fmt.Sprintf("Imported from %s. Comments that begin with %ssay what is not exactly as it was there.", d.Tool, check))
	b.WriteString(header)
	for _, text := range d.Head {
		comment(&b, "", check+text)
	}
	zone := d.mainZone()
	if zone != "" {
		fmt.Fprintf(&b, "timeZone: %s\n", scalar(zone))
	}
	if len(d.Windows) > 0 || len(d.Events) == 0 {
		b.WriteString("\nwindows:" + list(d.Windows, zone))
	}
	if len(d.Events) > 0 {
		b.WriteString("\nevents:" + list(d.Events, zone))
	}
	if len(d.Omitted) > 0 {
		b.WriteString("\n# Not carried over:\n")
	}
	for _, note := range d.Omitted {
		comment(&b, "", check+note.At+": "+note.Text)
	}
	return b.String()
}

// Notes returns all comments on what was not carried over exactly, in the order in which they are written, each on one
// line that is safe on a terminal.
func (d *Draft) Notes() []Note {
	var all []Note
	for _, text := range d.Head {
		all = append(all, Note{At: d.Tool, Text: text})
	}
	for _, e := range slices.Concat(d.Windows, d.Events) {
		all = append(all, e.allNotes()...)
	}
	all = append(all, d.Omitted...)
	for i := range all {
		all[i].Text = visible(all[i].Text)
	}
	return all
}

// mainZone returns the time zone that most entries have, "" if there are none.
func (d *Draft) mainZone() string {
	count := map[string]int{"": 0}
	for _, e := range slices.Concat(d.Windows, d.Events) {
		count[e.TimeZone]++
	}
	zones := slices.Sorted(maps.Keys(count))
	slices.SortStableFunc(zones, func(a, b string) int { return count[b] - count[a] })
	return zones[0]
}

func list(entries []*Entry, zone string) string {
	if len(entries) == 0 {
		return " []\n"
	}
	texts := make([]string, len(entries))
	for i, e := range entries {
		texts[i] = e.yaml(zone)
	}
	return "\n" + strings.Join(texts, "\n")
}

// yaml returns the entry as an item of a list, in a file with that time zone.
func (e *Entry) yaml(zone string) string {
	const indent = "    "
	var b strings.Builder
	if e.Origin != "" {
		comment(&b, "  ", e.Origin)
	}
	comments(&b, "  ", e.notes[onEntry])
	fmt.Fprintf(&b, "  - name: %s\n", scalar(e.Name))
	if e.Description != "" {
		fmt.Fprintf(&b, "%sdescription: %s\n", indent, quoted(e.Description))
	}
	for _, f := range e.fields() {
		comments(&b, indent, e.notes[f.name])
		inherited := f.name == onZone && e.TimeZone == zone && e.notes[onZone] == nil
		if f.value != "" && !inherited {
			fmt.Fprintf(&b, "%s%s: %s\n", indent, f.name, f.value)
		}
	}
	comments(&b, indent, e.notes[onTargets])
	if len(e.Targets) > 0 {
		b.WriteString(indent + "targets:\n")
	}
	for _, t := range e.Targets {
		comments(&b, indent+"  ", t.Notes)
		fmt.Fprintf(&b, "%s  - {namespace: %s, name: %s, minReplicas: %d}\n", indent, scalar(t.Namespace), scalar(t.Name), t.MinReplicas)
	}
	return b.String()
}

func comments(b *strings.Builder, indent string, texts []string) {
	for _, text := range texts {
		comment(b, indent, check+text)
	}
}

// comment writes a text as comment lines, broken at spaces. Whatever the text holds, it cannot end the comment.
func comment(b *strings.Builder, indent, text string) {
	first, next := indent+"#", indent+"#"
	if strings.Contains(text, check) {
		next += "  "
	}
	line := first
	for word := range strings.FieldsSeq(visible(text)) {
		if len([]rune(line))+1+len([]rune(word)) > width && line != first {
			b.WriteString(line + "\n")
			line = next
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}
