package text

import (
	"strconv"
	"strings"
)

// Markdown returns s with no character that has a meaning in Markdown or HTML. A space without width follows @ and #, so
// that nobody is mentioned and no issue is linked.
func Markdown(s string) string {
	var b strings.Builder
	for _, r := range Visible(s) {
		switch {
		case r == '@' || r == '#':
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";&#8203;")
		case strings.ContainsRune("\\`*_[]<>!|~&\"'$", r):
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
