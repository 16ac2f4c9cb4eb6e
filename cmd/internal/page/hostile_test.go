package page_test

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// payloads are texts that try to be more than texts.
func payloads() []string {
	return []string{
		`"><script>alert(1)</script>`, `' onfocus=alert(2) autofocus '`, `" style="color:red`, "<img src=x onerror=alert(3)>",
		"javascript:alert(4)", "JaVaScRiPt:alert(5)", "data:text/html,<script>alert(6)</script>", "//evil.example/",
		"</title></style></text></svg>]]><b>", "<!-- ", "&quot;&gt;<i>", "{{.Title}}", "%s%d%!s", "`${7*7}`",
		"\x00\x1b[31mred\x1b[0m\x7f", "\u202egnp.exe", "\u2066left\u2069", "two\r\nlines\u2028more", "\xff\xfe<u>", "+ADw-script+AD4-",
	}
}

// everywhere returns a document with a word in every place where there can be somebody else's.
func everywhere(t *testing.T, word string) *page.Document {
	t.Helper()
	d := sample(t, "forty")
	d.Title, d.Leader, d.Remedy, d.Location = word, word+" ("+word+")", word, time.FixedZone(word, 3600)
	d.Revision.SHA256, d.Peak = word, page.Peak{Pods: 9, At: d.Now, Requests: word}
	d.Refused, d.Unread = []string{word}, []string{word}
	d.Places = func(string) string { return word }
	d.Controls = &page.Query{From: word, For: word, Zone: word, Namespace: word, Name: word}
	for i := range d.Forecast.Outlooks {
		o := &d.Forecast.Outlooks[i]
		o.HPA.Namespace, o.HPA.Name = word+o.HPA.Namespace, word+o.HPA.Name
		if o.Refusal != "" {
			o.Refusal = word
		}
	}
	first, second := d.Forecast.Outlooks[0].HPA, d.Forecast.Outlooks[1].HPA
	d.Findings = forecast.Fold(d.Forecast.Schedule,
		forecast.Finding{Rule: forecast.ClampedFloor, Entry: word, HPA: first, From: d.Now, Message: word},
		forecast.Finding{Rule: forecast.ClampedFloor, Entry: word, HPA: second, From: d.Now, Message: word},
		forecast.Finding{Rule: forecast.Overlap, Entry: "prime-time", HPA: first, From: d.Now, Message: word})
	return d
}

// TestEveryPlace: whatever is written into a page or a picture, it has the elements and attributes that it has with a harmless
// word, and shows the word.
func TestEveryPlace(t *testing.T) {
	t.Parallel()
	for kind, draw := range map[string]func(io.Writer, *page.Document) error{"page": page.HTML, "picture": page.SVG} {
		usual := partsOf(t, drawn(t, everywhere(t, "harmless"), draw))
		for _, payload := range payloads() {
			body := drawn(t, everywhere(t, payload), draw)
			parts := partsOf(t, body)
			parts.compare(t, kind+" with "+payload, usual)
			if n, most := strings.Count(parts.text, shownAs(payload)), strings.Count(usual.text, "harmless"); n < most/3 {
				t.Errorf("the %s shows %q %d times, and a harmless word %d times", kind, payload, n, most)
			}
		}
	}
}

// TestForm: what is typed into the form, or comes with a link, stays a text.
func TestForm(t *testing.T) {
	t.Parallel()
	handler := page.Handler(func(context.Context, page.Query) (*page.Document, error) { return sampleOf("unmatched") }, "2d")
	get := func(key, value string) parts {
		body, err := io.ReadAll(ask(handler, "GET", "/?"+url.Values{key: {value}}.Encode()).Body)
		if err != nil {
			t.Fatal(err)
		}
		return partsOf(t, string(body))
	}
	for _, key := range []string{"from", "for", "tz", "namespace", "name", "unknown"} {
		usual := get(key, "harmless")
		for _, payload := range payloads() {
			got := get(key, payload)
			got.compare(t, key+" of "+payload, usual)
			shown := strings.TrimSpace(shownAs(payload))
			if key == "from" {
				shown = strings.Replace(shown, " ", "T", 1) // as in 2026-12-18 18:00
			}
			if key != "unknown" && !strings.Contains(got.text, shown) && !strings.Contains(payload, "\n") {
				t.Errorf("%s=%q is not shown", key, payload)
			}
		}
	}
}

// shownAs returns what stays of a text: one line without characters that mislead.
func shownAs(payload string) string {
	return strings.NewReplacer("\r\n", " ", "\u2028", "\ufffd", "\x00", "\ufffd", "\x1b", "\ufffd", "\x7f", "\ufffd", "\u202e", "\ufffd",
		"\u2066", "\ufffd", "\u2069", "\ufffd", "\xff", "\ufffd", "\xfe", "\ufffd").Replace(payload)
}

// parts is what a document is made of.
type parts struct {
	markup map[string]bool // elements, each with the names of its attributes
	text   string          // all text, and the values of all attributes
}

// partsOf reads a document, in which no link leads elsewhere and no character misleads.
func partsOf(t *testing.T, body string) parts {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(body))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	all, text := parts{markup: make(map[string]bool)}, strings.Builder{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			all.text = text.String()
			return all
		}
		if err != nil {
			t.Fatalf("%v in %.3000s", err, body)
		}
		switch token := token.(type) {
		case xml.StartElement:
			for _, a := range token.Attr {
				all.markup[token.Name.Local+" "+a.Name.Local] = true
				text.WriteString(a.Value + "\n")
				if a.Name.Local == "href" && a.Value != "icon.svg" && !strings.HasPrefix(a.Value, "#") && !strings.HasPrefix(a.Value, "?") {
					t.Errorf("a link leads to %q", a.Value)
				}
			}
			all.markup[token.Name.Local] = true
		case xml.CharData:
			text.Write(token)
			text.WriteString("\n")
		case xml.Comment:
			t.Errorf("there is a comment: %q", token)
		}
	}
}

func (p parts) compare(t *testing.T, what string, usual parts) {
	t.Helper()
	for _, part := range slices.Sorted(maps.Keys(p.markup)) {
		if !usual.markup[part] {
			t.Errorf("%q: there is <%s>", what, part)
		}
	}
	if at := strings.IndexAny(p.text, "\x00\x1b\x7f\u202e\u2066\u2069\u2028"); at >= 0 {
		t.Errorf("%q: %q", what, p.text[max(0, at-40):at+40])
	}
}
