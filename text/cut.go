package text

import (
	"strings"
	"unicode/utf8"
)

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
