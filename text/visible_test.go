package text_test

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/text"
)

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
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
		if got := text.Visible(in); got != want {
			t.Errorf("Visible(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestMasked(t *testing.T) {
	for in, want := range map[string]string{
		"a\tb\nc":                 "a\tb\ufffdc",
		"\x1b[31mred\x07":         "\ufffd[31mred\ufffd",
		"abc\u202edef\u2028":      "abc\ufffddef\ufffd",
		"no\u00a0break\ufeff":     "no\u00a0break\ufffd",
		"\xffé":                   "\ufffdé",
		"👩\u200d🚒, می\u200cخواهم": "👩\u200d🚒, می\u200cخواهم",
	} {
		if got := text.Masked(in); got != want {
			t.Errorf("Masked(%q) is %q, want %q", in, got, want)
		}
	}
	if got, want := text.Line("a\tb\r\nc\x00"), "a b c\ufffd"; got != want {
		t.Errorf("Line is %q, want %q", got, want)
	}
}

// FuzzVisible: whatever comes in, what goes out is on one line and can be printed.
func FuzzVisible(f *testing.F) {
	f.Add("video/images")
	f.Add("\x1b\xff\u202e")
	f.Fuzz(func(t *testing.T, in string) {
		got := text.Visible(in)
		if !utf8.ValidString(got) || strings.IndexFunc(got, func(r rune) bool { return !strconv.IsPrint(r) }) >= 0 {
			t.Errorf("Visible(%q) is %q", in, got)
		}
	})
}
