package text

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible returns s with every character escaped that could upset a terminal, or mislead its reader: control characters,
// line breaks, marks of direction, bytes that are no UTF-8. Manifests can hold anything.
func Visible(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			b.WriteString(`\x` + strconv.FormatUint(uint64(s[i])|0x100, 16)[1:])
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// Masked returns s with U+FFFD for each character that could upset a terminal or a document, or reorder others: one
// character for one, so that columns stay. Tabs and the joiners of scripts and emoji stay as well.
func Masked(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\u200c', r == '\u200d':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029', r == '\ufffe', r == '\uffff':
			return utf8.RuneError
		}
		return r
	}, s)
}

// Line returns s on one line, as Masked does, with a space for a tab and a line break.
func Line(s string) string {
	return Masked(strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ").Replace(s))
}

// Cut returns s in at most so many characters: a longer one ends with an ellipsis.
func Cut(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}

// CutMiddle returns s in at most so many characters: a longer one has an ellipsis in its middle, as names differ at their
// ends.
func CutMiddle(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	head := (most - 1) / 2
	return string(runes[:head]) + "…" + string(runes[len(runes)-(most-1-head):])
}

// CutBytes returns s in at most so many bytes, as fields of the API count them: a longer one ends with an ellipsis, behind a
// whole character.
func CutBytes(s string, most int) string {
	if len(s) <= most {
		return s
	}
	end := most - len("…")
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// Wrap breaks s at spaces, so that no line has more characters than width where its words allow that. All lines but the first
// begin with indent.
func Wrap(s string, width int, indent string) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Split(s, " ") {
		size := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+size > width:
			b.WriteString("\n" + indent)
			column = utf8.RuneCountInString(indent)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += size
	}
	return b.String()
}
