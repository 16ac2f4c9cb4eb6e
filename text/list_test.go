package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/text"
)

func TestCountsAndLists(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e"}
	for _, c := range []struct{ got, want string }{
		{text.Count(0, "HPA"), "0 HPAs"},
		{text.Count(1, "HPA"), "1 HPA"},
		{text.Count(1204, "HPA"), "1204 HPAs"},
		{text.GroupedCount(1, "HPA"), "1 HPA"},
		{text.GroupedCount(1204, "HPA"), "1,204 HPAs"},
		{text.Grouped(999), "999"},
		{text.Grouped(1204567), "1,204,567"},
		{text.List(nil, ", ", 3), ""},
		{text.List(names[:4], ", ", 3), "a, b, c, d"},
		{text.List(names, ", ", 3), "a, b, c and 2 more"},
		{text.List(names, "; ", 2), "a; b and 3 more"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestCuts(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{text.Cut("événement", 9), "événement"},
		{text.Cut("événement", 4), "évé…"},
		{text.CutMiddle("événement", 9), "événement"},
		{text.CutMiddle("événement", 6), "év…ent"},
		{text.CutBytes("événement", 11), "événement"},
		{text.CutBytes("événement", 10), "événe…"},
		{text.CutBytes("ééé", 5), "é…"},
		{text.CutBytes("ééé", 4), "…"},
		{text.CutBytes("\x80\x80\x80\x80\x80", 4), "…"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for in, want := range map[string]string{
		"":                     "",
		"short":                "short",
		"one two three":        "one two\n  three",
		"  one two three four": "  one two\n  three\n  four",
		"averyverylongword ab": "averyverylongword\n  ab",
		"über größe é":         "über\n  größe é",
	} {
		if got := text.Wrap(in, 9, "  "); got != want {
			t.Errorf("Wrap(%q) is %q, want %q", in, got, want)
		}
	}
}

// FuzzCuts: nothing is longer than asked for, and what is short enough stays.
func FuzzCuts(f *testing.F) {
	f.Add("événement", 5)
	f.Fuzz(func(t *testing.T, in string, most int) {
		if most = 3 + (most & 0xff); len(in) <= most && text.CutBytes(in, most) != in {
			t.Errorf("CutBytes(%q, %d) is not all of it", in, most)
		}
		if got := text.CutBytes(in, most); len(got) > most {
			t.Errorf("CutBytes(%q, %d) is %q", in, most, got)
		}
		for _, got := range []string{text.Cut(in, most), text.CutMiddle(in, most)} {
			if utf8.RuneCountInString(got) > most || !strings.Contains(got, "…") && got != in {
				t.Errorf("of %q, %d characters are %q", in, most, got)
			}
		}
	})
}
