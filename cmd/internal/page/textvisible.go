package page

import (
	"strconv"
	"strings"
)

// inASCII escapes all other characters of a text as well.
func inASCII(text string) string {
	quoted := strconv.QuoteToASCII(text)
	return strings.ReplaceAll(strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`), `\\`, `\`)
}
