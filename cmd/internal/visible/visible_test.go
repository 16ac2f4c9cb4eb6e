package visible_test

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/cmd/internal/visible"
)

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"video/images":         "video/images",
		"événement 決勝 → …":     "événement 決勝 → …",
		"a\nb\tc":              `a\nb\tc`,
		"\x1b[31mred":          `\x1b[31mred`,
		"abc\u202edef":         `abc\u202edef`,
		"\xff\xfe":             `\xff\xfe`,
		"\ufffd":               "\ufffd",
		"<script>|`":           "<script>|`",
		"no\u00a0break\u2028x": `no\u00a0break\u2028x`,
	} {
		if got := visible.Text(text); got != want {
			t.Errorf("Text(%q) is %q, want %q", text, got, want)
		}
	}
}

// FuzzText: whatever comes in, what goes out is on one line and can be printed.
func FuzzText(f *testing.F) {
	f.Add("video/images")
	f.Add("\x1b\xff\u202e")
	f.Fuzz(func(t *testing.T, text string) {
		got := visible.Text(text)
		if !utf8.ValidString(got) || strings.IndexFunc(got, func(r rune) bool { return !strconv.IsPrint(r) }) >= 0 {
			t.Errorf("Text(%q) is %q", text, got)
		}
	})
}
