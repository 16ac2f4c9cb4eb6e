// Package visible makes text of files and clusters safe to print: on one line, with all that it holds to be seen.
//
// It may import the standard library only.
package visible

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text returns text with every character escaped that could upset a terminal, or mislead its reader: control
// characters, line breaks, marks of direction, bytes that are no UTF-8. Manifests can hold anything.
func Text(text string) string {
	for i, r := range text {
		if !shown(r, text[i:]) {
			return escaped(text)
		}
	}
	return text
}

// shown says whether the first character of a text may be printed as it is.
func shown(r rune, text string) bool {
	return strconv.IsPrint(r) && (r != utf8.RuneError || strings.HasPrefix(text, "\uFFFD"))
}

func escaped(text string) string {
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
