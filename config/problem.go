package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says how bad a problem is.
type Severity int

// The severities: a schedule with an Error is refused; a Warning is probably not what was meant; a Note is worth
// knowing.
const (
	Error Severity = iota
	Warning
	Note
)

// String returns error, warning or note.
func (s Severity) String() string {
	switch s {
	case Warning:
		return "warning"
	case Note:
		return "note"
	default:
		return "error"
	}
}

// Problem is something wrong at a place of a file. Message is written for the person who wrote the file. Line and
// Column count from 1, in characters, and are 0 where the problem is with the file or directory as a whole.
type Problem struct {
	File         string
	Line, Column int
	Message      string
	Rule         string // one of the Rule constants, where config found it
	Severity     Severity
	Within       int // if not 0, the line meant of the text that stands at Line and Column
}

// String returns the problem as compilers write it: file:line:column: error: message [rule].
func (p Problem) String() string {
	at := Place{File: p.File, Line: p.Line, Column: p.Column}
	return fmt.Sprintf("%s: %s: %s [%s]", at, p.Severity, p.Message, p.Rule)
}

// Problems are all problems of a schedule, sorted by place.
type Problems []Problem

// Errors returns how many of the problems are errors.
func (ps Problems) Errors() int {
	n := 0
	for _, p := range ps {
		if p.Severity == Error {
			n++
		}
	}
	return n
}

// Sort sorts the problems by their places.
func (ps Problems) Sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column, a.Within-b.Within,
			strings.Compare(a.Rule, b.Rule), strings.Compare(a.Message, b.Message))
	})
}

// Error returns the problems, one per line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// maxProblems is how many problems are told at most: whoever has more has the wrong file.
const maxProblems = 500

// collector gathers problems.
type collector struct {
	problems Problems
}

// add reports a problem at a node.
func (c *collector) add(at *node, rule, format string, args ...any) {
	c.addAt(at.place, rule, fmt.Sprintf(format, args...))
}

func (c *collector) addAt(at Place, rule, message string) {
	switch {
	case len(c.problems) < maxProblems:
	case len(c.problems) == maxProblems:
		rule, message = RuleTooManyProblems, fmt.Sprintf("more than %d problems; the rest is not told", maxProblems)
	default:
		return
	}
	c.problems = append(c.problems, at.Problem(Error, rule, message))
}

// full reports whether nobody would see another problem.
func (c *collector) full() bool { return len(c.problems) > maxProblems }

// sorted returns the problems in the order of their places, each once: a node that several aliases share may have been
// read several times.
func (c *collector) sorted() Problems {
	c.problems.Sort()
	return slices.Compact(c.problems)
}

// refusal is what is wrong with a value, before it has a place.
type refusal struct{ rule, message string }

func (r *refusal) Error() string { return r.message }

func refuse(rule, format string, args ...any) error {
	return &refusal{rule, fmt.Sprintf(format, args...)}
}

// quote returns text in quotes, cut where it is too long for a message.
func quote(text string) string { return fmt.Sprintf("%q", cut(text)) }

func cut(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
