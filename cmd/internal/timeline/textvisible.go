package timeline

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Visible returns text with every character escaped that could upset a terminal, or mislead its reader: control
// characters, line breaks, marks of direction, bytes that are no UTF-8. Manifests can hold anything.
func Visible(text string) string {
	for i, r := range text {
		if !shown(r, text[i:]) {
			return visible(text)
		}
	}
	return text
}

// shown says whether the first character of a text may be printed as it is.
func shown(r rune, text string) bool {
	return strconv.IsPrint(r) && (r != utf8.RuneError || strings.HasPrefix(text, "\uFFFD"))
}

func visible(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case shown(r, text[i:]):
			b.WriteRune(r)
		case r == utf8.RuneError:
			b.WriteString(`\x` + strconv.FormatUint(uint64(text[i])|0x100, 16)[1:])
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// inASCII escapes all other characters of a text as well.
func inASCII(text string) string {
	quoted := strconv.QuoteToASCII(text)
	return strings.ReplaceAll(strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`), `\\`, `\`)
}

// middle returns a text that is cut in the middle where it is longer than a width.
func middle(text string, width int, ellipsis string) string {
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	keep := width - 1
	tail := (keep + 1) / 2
	return string(runes[:keep-tail]) + ellipsis + string(runes[len(runes)-tail:])
}
