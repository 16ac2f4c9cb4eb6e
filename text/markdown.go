package text

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Markdown returns s with no character that has a meaning in Markdown or HTML, and so that nobody is mentioned and nothing
// is linked. GitHub and GitLab look for references when all escapes are resolved, so that an escape alone does not help: a
// space without width tears each apart.
func Markdown(s string) string {
	const apart = "&#8203;"
	s = Visible(s)
	var b strings.Builder
	for i, r := range s {
		if strings.ContainsRune("\\`*_[]<>!|~&\"'$@#%^", r) {
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		} else {
			b.WriteRune(r)
		}
		if before, after := s[:i], s[i+utf8.RuneLen(r):]; refers(before, r, after) {
			b.WriteString(apart)
		}
	}
	return b.String()
}

// refers reports whether a reference may have its middle behind r: a mention, an issue, a label, a URL or a commit.
func refers(before string, r rune, after string) bool {
	next, _ := utf8.DecodeRuneInString(after)
	switch r {
	case '@', '#', '!', '$', '&', '%', '~', '^', '[', '*': // GitLab has a meaning for each
		return wordly(next) || next == '"'
	case ':':
		return strings.HasPrefix(after, "//")
	case 'w', 'W':
		return next == '.' && len(before) >= 2 && strings.EqualFold(before[len(before)-2:], "ww")
	case '-': // GH-1 of GitHub, and OPS-1 of a tracker
		last, _ := utf8.DecodeLastRuneInString(before)
		return unicode.IsDigit(next) && (unicode.IsUpper(last) || strings.HasSuffix(strings.ToLower(before), "gh"))
	}
	return hex(r) && tears(before, after)
}

func wordly(r rune) bool {
	return r == '_' || r == '-' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func hex(r rune) bool { return '0' <= r && r <= '9' || 'a' <= r && r <= 'f' }

// tears reports whether a hexadecimal digit is each sixth of a word that may be the hash of a commit, which has 7 to 40.
func tears(before, after string) bool {
	const least, most = 7, 40
	start := strings.TrimRightFunc(before, hex)
	end := strings.TrimLeftFunc(after, hex)
	last, _ := utf8.DecodeLastRuneInString(start)
	next, _ := utf8.DecodeRuneInString(end)
	digits := len(before) - len(start) + 1
	all := digits + len(after) - len(end)
	return least <= all && all <= most && digits < all && digits%(least-1) == 0 && !wordly(last) && !wordly(next)
}
