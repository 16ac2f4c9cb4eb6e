package edit

import (
	"fmt"
	"slices"
	"strings"
)

// around is how many lines a diff shows around what changes.
const around = 3

// Diff returns what the edit changes as a unified diff, and "" where it changes nothing.
func (e *Change) Diff() string {
	if len(e.changes) == 0 {
		return ""
	}
	lines := slices.Collect(strings.Lines(string(e.Before.Data)))
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", e.Before.Name, e.After.Name)
	grown := 0 // how many lines are new so far
	for rest := e.exact(lines); len(rest) > 0; {
		near := 1
		for near < len(rest) && rest[near].from-rest[near-1].to <= 2*around {
			near++
		}
		grown += writeHunk(&b, lines, rest[:near], grown)
		rest = rest[near:]
	}
	return b.String()
}

// exact returns the changes with the lines as the files have them, byte for byte. Where the file has no end of its last
// line, the line before a change can be another one too.
func (e *Change) exact(before []string) []lineChange {
	after := slices.Collect(strings.Lines(string(e.After.Data)))
	var all []lineChange
	grown := 0
	for _, c := range e.changes {
		to := min(c.from+grown+len(c.lines), len(after))
		grows := len(c.lines) - (c.to - c.from)
		if above := c.from - 1; above >= 0 && (above+grown >= len(after) || before[above] != after[above+grown]) {
			c.from = above
		}
		c.lines = after[min(c.from+grown, to):to]
		all = append(all, c)
		grown += grows
	}
	return all
}

// writeHunk writes changes that are near each other, with what stands around them, and returns by how many lines they
// let the file grow, which has grown already.
func writeHunk(b *strings.Builder, lines []string, changes []lineChange, grown int) int {
	from := max(changes[0].from-around, 0)
	to := min(changes[len(changes)-1].to+around, len(lines))
	more := 0
	for _, c := range changes {
		more += len(c.lines) - (c.to - c.from)
	}
	fmt.Fprintf(b, "@@ -%d,%d +%d,%d @@\n", from+1, to-from, from+1+grown, to-from+more)
	at := from
	for _, c := range changes {
		writeLines(b, " ", lines[at:c.from])
		old := lines[c.from:c.to]
		same := 0 // at the beginning of both
		for same < min(len(old), len(c.lines)) && old[same] == c.lines[same] {
			same++
		}
		writeLines(b, " ", old[:same])
		writeLines(b, "-", old[same:])
		writeLines(b, "+", c.lines[same:])
		at = c.to
	}
	writeLines(b, " ", lines[at:to])
	return more
}

func writeLines(b *strings.Builder, sign string, lines []string) {
	for line := range slices.Values(lines) {
		b.WriteString(sign + line)
		if !strings.HasSuffix(line, "\n") {
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
}
