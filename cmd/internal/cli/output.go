package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/text"
)

// CheckOutput returns an error for a format that a command does not have.
func CheckOutput(output string, known ...string) error {
	if slices.Contains(known, output) {
		return nil
	}
	return fmt.Errorf("cannot use --output %q: it is one of %s", output, strings.Join(known, ", "))
}

// WriteJSON writes a value as an indented JSON document.
func WriteJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

const excerptWidth = 100

// PrintProblems prints problems as compilers do: each with its place, the line of the source and a caret below the
// column, and in the end how many there are. The source is shown once for a place, and not for notes. Problems lie in the
// files given.
func PrintProblems(w io.Writer, files []source.File, problems source.Problems) {
	lines := map[string][]string{}
	for _, file := range files {
		lines[file.Name] = strings.Split(strings.TrimPrefix(string(file.Data), "\ufeff"), "\n")
	}
	var shown source.Place
	for _, p := range problems {
		fmt.Fprintln(w, text.Masked(p.String()))
		at := source.Place{File: p.File, Line: p.Line, Column: p.Column}
		skip := p.Severity == source.SeverityNote || p.Severity == source.SeverityWarning && at == shown
		if written := lines[p.File]; 0 < p.Line && p.Line <= len(written) && !skip {
			printExcerpt(w, written[p.Line-1], p)
			shown = at
		}
	}
	fmt.Fprintln(w, Tally(problems))
}

// Tally returns how many problems there are, such as "2 problems, 1 warning".
func Tally(problems source.Problems) string {
	counts := map[source.Severity]int{}
	for _, p := range problems {
		counts[p.Severity]++
	}
	var parts []string
	for severity, noun := range []string{"problem", "warning", "note"} {
		if n := counts[source.Severity(severity)]; n > 0 {
			parts = append(parts, text.Count(n, noun))
		}
	}
	return strings.Join(parts, ", ")
}

func printExcerpt(w io.Writer, line string, p source.Problem) {
	runes := []rune(text.Masked(strings.TrimRight(line, "\r")))
	column := min(max(p.Column-1, 0), len(runes))
	before, after := "", ""
	if from := column - excerptWidth*2/3; from > 0 && len(runes) > excerptWidth {
		runes, column, before = runes[from:], column-from, "…"
	}
	if len(runes) > excerptWidth {
		runes, after = runes[:excerptWidth], "…"
	}
	number := fmt.Sprint(p.Line)
	margin := strings.Repeat(" ", len(number))
	fmt.Fprintf(w, " %s | %s%s%s\n", number, before, string(runes), after)
	fmt.Fprintf(w, " %s | %s%s^\n", margin, strings.Repeat(" ", utf8.RuneCountInString(before)), blanks(runes[:column]))
}

// blanks returns white space that is as wide as the characters: a tab for a tab, two columns for a wide character.
func blanks(runes []rune) string {
	var b strings.Builder
	for _, r := range runes {
		switch {
		case r == '\t':
			b.WriteByte('\t')
		case unicode.Is(unicode.Mn, r):
		case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana),
			r >= 0x1F300 && r <= 0x1FAFF, r >= 0xFF01 && r <= 0xFF60: // East Asian scripts and pictures
			b.WriteString("  ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// ProblemLines returns what is wrong with files, one problem each.
func ProblemLines(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}
