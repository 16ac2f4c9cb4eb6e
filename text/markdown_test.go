package text_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/text"
)

// TestMarkdownRefersToNothing: what GitHub and GitLab would link is in no text, when its escapes are resolved.
func TestMarkdownRefersToNothing(t *testing.T) {
	references := regexp.MustCompile(`[@#!$&%~^]["\w-]|://|(?i)www\.|\b[A-Z]+-\d|\bgh-\d|\b[0-9a-f]{7,40}\b|\[\w`)
	for _, s := range []string{
		"@octocat", "ask @org/team-a.", "fixes #1", "org/repo#1", "see org/repo@0123abc", "GH-12", "gh-7", "OPS-451",
		"https://example.org/a", "http://[::1]", "HTTPS://EXAMPLE.ORG", "ftp://x", "www.example.org", "WWW.EXAMPLE.ORG", "me@example.org",
		"mailto:me@example.org", "0123456789abcdef0123456789abcdef01234567", "commit deadbee, 1234567", "!12 &3 $4 %5 ~bug ^alert#1 %\"v 1\" ~\"a b\"",
		"[x](javascript:alert(1))", "<a href=\"https://x\">x</a>", "[vulnerability:3]", "![](http://x/y.png)", "<!-- @a -->", "\\@a", "&#64;a", "&commat;a",
	} {
		got := text.Markdown(s)
		shown := html.UnescapeString(got)
		if found := references.FindString(shown); found != "" {
			t.Errorf("%q becomes %q, which refers to %q", s, shown, found)
		}
		if strings.ContainsAny(got, "\\`*_[]<>!|~\"'$@%^") {
			t.Errorf("%q becomes %q", s, got)
		}
		if bare := strings.ReplaceAll(shown, "\u200b", ""); bare != s {
			t.Errorf("%q reads as %q", s, bare)
		}
	}
	for _, s := range []string{"video/images-12", "150% of 4", "24:00", "2026-12-18 20:00 CET", "front-1234567-x", "R & D", "raise 4 → 25"} {
		if got := html.UnescapeString(text.Markdown(s)); got != s {
			t.Errorf("%q becomes %q", s, got)
		}
	}
}
