package main

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// The place of the tables in the page.
const (
	begins = "<!-- results: written by make test-matrix -->\n"
	ends   = "<!-- end of results -->\n"
)

// The tables.
const (
	described = iota // one row for each release
	results          // one for each suite of it
	omitted          // one for each scene that does not apply
)

// headings returns the tables' first rows.
func headings() [3][]string {
	return [3][]string{
		{"Kubernetes", "floor guard", "condition ScaledToZero, with HPAScaleToZero", "generation of HPAs", "minReplicas 0 by default", "a raised minReplicas is acted on within"},
		{"Kubernetes", "suite", "result", "scenes", "do not apply", "took", "run"},
		{"Kubernetes", "suite", "scene that does not apply", "why"},
	}
}

// passed is the result of a suite in which nothing failed.
const passed = "passed"

// page is docs/versions.md, which is also the memory of what was run.
type page struct {
	file       string
	newest     int // the minor version that CI runs everything on
	head, tail string
	tables     [3][][]string
}

// readPage reads what was run on some releases, the newest first. Rows of others, which are not tested any more, are left out.
func readPage(file string, releases []string) (*page, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read the page: run this in the root of the checkout: %w", err)
	}
	head, rest, found1 := strings.Cut(string(text), begins)
	tables, tail, found2 := strings.Cut(rest, ends)
	if !found1 || !found2 {
		return nil, fmt.Errorf("cannot find the place of the tables in %s: write the lines %q and %q", file, begins, ends)
	}
	p := &page{file: file, newest: minor(releases[0][1:]), head: head, tail: tail}
	table := -1
	for line := range strings.Lines(tables) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case cells[0] == "Kubernetes":
			table++
		case slices.Contains(releases, "v"+cells[0]) && table >= 0 && table < len(p.tables):
			p.tables[table] = append(p.tables[table], cells)
		}
	}
	return p, nil
}

// replace gives a release, or a suite of it, other rows in a table.
func (p *page) replace(table int, release, suite string, rows ...[]string) {
	kept := slices.DeleteFunc(p.tables[table], func(row []string) bool {
		return row[0] == release[1:] && (suite == "" || row[1] == suite)
	})
	p.tables[table] = append(kept, rows...)
	slices.SortStableFunc(p.tables[table], func(a, b []string) int {
		return cmp.Or(cmp.Compare(minor(b[0]), minor(a[0])), cmp.Compare(suiteOf(table, a), suiteOf(table, b)))
	})
}

// suiteOf returns the suite of a row, where its table has one.
func suiteOf(table int, row []string) string {
	if table == described {
		return ""
	}
	return row[1]
}

// minor returns the 36 of 1.36.4.
func minor(release string) (n int) {
	_, _ = fmt.Sscanf(release, "1.%d", &n) // 0 for what is no release
	return n
}

// done reports whether a suite passed on a release at a commit.
func (p *page) done(release, suite, commit string) bool {
	return slices.ContainsFunc(p.tables[results], func(row []string) bool {
		return row[0] == release[1:] && row[1] == suite && row[2] == passed && strings.HasSuffix(row[6], " at "+commit)
	})
}

// supported returns the minor versions of the releases on which all suites passed, the oldest first: on the newest they do at
// each commit.
func (p *page) supported() []int {
	minors, count := []int{p.newest}, map[string]int{}
	for _, row := range p.tables[results] {
		if row[2] == passed {
			count[row[0]]++
		}
		if count[row[0]] == len(suites()) {
			minors = append(minors, minor(row[0]))
		}
	}
	slices.Sort(minors)
	return slices.Compact(minors)
}

// markdown returns the tables.
func (p *page) markdown() string {
	var out strings.Builder
	for i, heading := range headings() {
		if len(p.tables[i]) == 0 {
			continue
		}
		out.WriteString("\n| " + strings.Join(heading, " | ") + " |\n|" + strings.Repeat(" --- |", len(heading)) + "\n")
		for _, row := range p.tables[i] {
			out.WriteString("| " + strings.Join(row, " | ") + " |\n")
		}
	}
	return out.String() + "\n"
}

// write writes the page, and the range into the README.
func (p *page) write() error {
	if err := os.WriteFile(p.file, []byte(p.head+begins+p.markdown()+ends+p.tail), 0o644); err != nil {
		return fmt.Errorf("cannot write the page: %w", err)
	}
	const readme = "README.md"
	text, err := os.ReadFile(readme)
	if err != nil {
		return fmt.Errorf("cannot read the README: %w", err)
	}
	if !sentence.Match(text) {
		return fmt.Errorf("cannot find the sentence about the versions in %s: write %q", readme, p.sentence())
	}
	if err := os.WriteFile(readme, sentence.ReplaceAll(text, []byte(p.sentence())), 0o644); err != nil {
		return fmt.Errorf("cannot write the README: %w", err)
	}
	return nil
}

// sentence is the one of the README about what was run.
var sentence = regexp.MustCompile(`Tested on Kubernetes [^()]* \(\[[a-z ]*\]\(docs/versions\.md\)\)\.`)

// sentence returns that sentence for the page: a range, where none is missing in it.
func (p *page) sentence() string {
	var names []string
	minors := p.supported()
	for _, n := range minors {
		names = append(names, fmt.Sprint("1.", n))
	}
	text, last := strings.Join(names, ", "), len(names)-1
	switch {
	case len(names) > 2 && minors[last]-minors[0] == last:
		text = names[0] + " to " + names[last]
	case len(names) > 1:
		text = strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return "Tested on Kubernetes " + text + " ([the last runs](docs/versions.md))."
}
