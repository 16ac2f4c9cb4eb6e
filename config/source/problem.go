package source

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/text"
)

// Severity is how bad a problem is.
type Severity int

// The severities: an error makes floorkeeper refuse a schedule, a warning is probably not what was meant, and a note is
// worth knowing.
const (
	SeverityError Severity = iota
	SeverityWarning
	SeverityNote
)

// String returns error, warning or note.
func (s Severity) String() string { return []string{"error", "warning", "note"}[s] }

// Problem is something wrong at a place of a file. Message is written for the person who wrote the file.
type Problem struct {
	Place
	Message  string   `json:"message"`
	Rule     string   `json:"rule"` // one of the Rule constants, where config found it
	Severity Severity `json:"-"`
}

// String returns the problem as compilers write it: file:line:column: error: message [rule].
func (p Problem) String() string {
	p.Within = 0 // the message has it
	return fmt.Sprintf("%s: %s: %s [%s]", p.Place, p.Severity, p.Message, p.Rule)
}

// Problems are all problems of a schedule, sorted by place.
type Problems []Problem

// Errors returns how many of the problems are errors.
func (ps Problems) Errors() int {
	n := 0
	for _, p := range ps {
		if p.Severity == SeverityError {
			n++
		}
	}
	return n
}

// Of returns the problems of one severity.
func (ps Problems) Of(severity Severity) Problems {
	return slices.DeleteFunc(slices.Clone(ps), func(p Problem) bool { return p.Severity != severity })
}

// Raised returns the problems with warnings as errors.
func (ps Problems) Raised() Problems {
	raised := slices.Clone(ps)
	for i, p := range raised {
		if p.Severity == SeverityWarning {
			raised[i].Severity = SeverityError
		}
	}
	return raised
}

// Sort sorts the problems by their places.
func (ps Problems) Sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(a.Compare(b.Place), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Message, b.Message))
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

// maxProblems is how many problems are reported at most: whoever has more has the wrong file.
const maxProblems = 500

// Collector gathers problems.
type Collector struct {
	Problems Problems
}

// Add reports a problem at a node.
func (c *Collector) Add(at *Node, rule, format string, args ...any) {
	c.AddAt(at.Place, rule, fmt.Sprintf(format, args...))
}

// AddAt reports a problem at a place.
func (c *Collector) AddAt(at Place, rule, message string) {
	switch {
	case len(c.Problems) < maxProblems:
	case len(c.Problems) == maxProblems:
		rule, message = RuleTooManyProblems, fmt.Sprintf("more than %d problems; the rest is not reported", maxProblems)
	default:
		return
	}
	c.Problems = append(c.Problems, at.Problem(SeverityError, rule, message))
}

// Full reports whether nobody would see another problem.
func (c *Collector) Full() bool { return len(c.Problems) > maxProblems }

// Sorted returns the problems in the order of their places, each once: a node that several aliases share may have been
// read several times.
func (c *Collector) Sorted() Problems {
	c.Problems.Sort()
	return slices.Compact(c.Problems)
}

// Refusal is what is wrong with a value, before it has a place.
type Refusal struct{ Rule, Message string }

func (r *Refusal) Error() string { return r.Message }

// Refuse returns a Refusal.
func Refuse(rule, format string, args ...any) error {
	return &Refusal{rule, fmt.Sprintf(format, args...)}
}

// Quote returns s in quotes, cut where it is too long for a message.
func Quote(s string) string { return fmt.Sprintf("%q", Cut(s)) }

// Cut returns s, short enough for a message.
func Cut(s string) string { return text.Cut(s, 41) }

// The rules of text, YAML and lists of problems. They are stable: people search for them.
const (
	RuleFileTooLarge     = "file-too-large"
	RuleTooManyProblems  = "too-many-problems"
	RuleInvalidUTF8      = "invalid-utf8"
	RuleControlCharacter = "control-character"
	RuleSyntax           = "yaml-syntax"
	RuleEmptyFile        = "empty-file"
	RuleSecondDocument   = "second-document"
	RuleTooDeep          = "too-deep"
	RuleAliasLoop        = "alias-loop"
	RuleAliasBomb        = "alias-bomb"
	RuleTag              = "yaml-tag"
	RuleMerge            = "bad-merge"
	RuleDuplicateField   = "duplicate-field"
	RuleWrongType        = "wrong-type"
	RulePassedOver       = "passed-over"
)
