package config

import (
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// marker begins the comments that floorkeeper reads.
const marker = "floorkeeper:"

// Acceptance is a comment by which the owner of an entry accepts what is found of it: # floorkeeper: ignore RULE, on a line of
// the entry, inside it or directly above. Of a line that is part of no entry it accepts what is wrong with that line.
type Acceptance struct {
	source.Place
	Entry string   // "" where it is part of none
	Rules []string // what it names, right or wrong
	Other string   // what stands in place of ignore RULE

	words       []string // all that may be names of rules
	first, last int      // the lines that it is about
	used        map[string]bool
}

// Used reports whether it has kept a warning of this package back.
func (a *Acceptance) Used(rule string) bool { return a.used[rule] }

// accepts reports whether what is wrong at a line of a file is accepted.
func (a *Acceptance) accepts(file source.File, p source.Problem) bool {
	line := file.LineOf(p.Place)
	return a.File == p.File && a.first <= line && line <= a.last && slices.Contains(a.words, p.Rule)
}

func newAcceptance(c source.Comment) *Acceptance {
	a := &Acceptance{Place: c.Place, used: map[string]bool{}}
	text := strings.TrimSpace(strings.TrimLeft(c.Text, "# \t"))
	rest, ok := strings.CutPrefix(strings.TrimSpace(strings.TrimPrefix(strings.ToLower(text), marker)), "ignore")
	if !ok || rest != "" && !strings.ContainsAny(rest[:1], " \t:,") {
		a.Other = text
		return a
	}
	listed := true // a word that ends in a comma is followed by another rule, and any other by a reason
	for word := range strings.FieldsSeq(strings.ReplaceAll(strings.TrimLeft(rest, " \t:,"), ",", ", ")) {
		name := strings.Trim(word, ",.;:()[]\"'`")
		a.words = append(a.words, name)
		if listed && name != "" && (len(a.Rules) == 0 || strings.Contains(name, "-")) {
			a.Rules = append(a.Rules, name)
		}
		listed = strings.HasSuffix(word, ",")
	}
	if len(a.Rules) == 0 {
		a.Other = text
	}
	return a
}

// item is an entry as its lines are written.
type item struct {
	node                *source.Node
	first, last, margin int // margin is how far its hyphen is indented
}

// accept reads the comments of a file.
func (p *parser) accept(file source.File, root *source.Node) {
	comments := source.Comments(file, root, marker)
	if len(comments) == 0 {
		return
	}
	lines := strings.Split(string(file.Data), "\n")
	items := itemsOf(file, root, lines)
	for _, c := range comments {
		if !strings.HasPrefix(strings.ToLower(strings.TrimLeft(c.Text, "# \t")), marker) {
			continue
		}
		a := newAcceptance(c)
		a.first, a.last = c.Line, c.Line
		for c.Alone && a.last < len(lines) && comment(lines[a.last-1]) {
			a.last++
		}
		for _, item := range commented(c, items, lines) {
			a.Entry, a.first, a.last = item.node.Word("name"), item.first, item.last
			p.accepted[item.node] = append(p.accepted[item.node], a.words...)
		}
		p.acceptances = append(p.acceptances, a)
		p.files[a] = file
	}
}

func itemsOf(file source.File, root *source.Node, lines []string) (items []item) {
	for _, field := range []string{"windows", "events"} {
		list := root.Child(field)
		if list == nil {
			continue
		}
		for _, node := range list.Items {
			i := item{node: node, first: file.LineOf(node.Place), last: file.LineOf(node.Place)}
			for _, part := range node.All() {
				i.last = max(i.last, file.LineOf(part.Place))
			}
			for up := i.first; !list.Flow && up > 0 && up <= len(lines); up-- {
				if text := strings.TrimLeft(lines[up-1], " "); strings.HasPrefix(text, "-") {
					i.first, i.margin = up, len(lines[up-1])-len(text)
					break
				}
			}
			items = append(items, i)
		}
	}
	return items
}

// commented returns the entries that a comment belongs to: those whose lines it is on, else the one that it is directly above,
// or that it is below and indented more than its hyphen.
func commented(c source.Comment, items []item, lines []string) (all []item) {
	for _, i := range items {
		if i.first <= c.Line && c.Line <= i.last {
			all = append(all, i)
		}
	}
	if len(all) > 0 || !c.Alone {
		return all
	}
	return beside(c, items, lines)
}

// beside returns the entry that a comment on lines of its own is directly above, else the one that it is below.
func beside(c source.Comment, items []item, lines []string) []item {
	below, above := c.Line, c.Line
	for below < len(lines) && comment(lines[below-1]) {
		below++
	}
	for above > 1 && (comment(lines[above-1]) || strings.TrimSpace(lines[above-1]) == "") {
		above--
	}
	for _, i := range items {
		if i.first == below && c.Column-1 <= i.margin || i.last == above && c.Column-1 > i.margin {
			return []item{i}
		}
	}
	return nil
}

func comment(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " \t"), "#") }

// unaccepted returns the problems that no comment accepts.
func (p *parser) unaccepted(problems source.Problems) source.Problems {
	return slices.DeleteFunc(problems, func(problem source.Problem) bool {
		accepted := false
		for _, a := range p.acceptances {
			if a.accepts(p.files[a], problem) {
				a.used[problem.Rule], accepted = true, true
			}
		}
		return accepted
	})
}
