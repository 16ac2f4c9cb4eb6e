package timeline

import (
	"strconv"
	"strings"
)

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
