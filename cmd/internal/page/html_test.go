package page_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/test/kit/golden"
)

func sample(t *testing.T, name string) *page.Document {
	t.Helper()
	d, err := sampleOf(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func drawn(t *testing.T, d *page.Document, draw func(io.Writer, *page.Document) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := draw(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestGolden compares small pages and pictures with those that people have looked at. Their style is left out.
func TestGolden(t *testing.T) {
	style := regexp.MustCompile(`(?s)<style>.*?</style>|sha256-.*?&#39;`)
	one := sample(t, "one")
	begin := one.Forecast.From
	one.Findings = forecast.Fold(one.Forecast.Schedule, // of all kinds of words but the controller's own
		forecast.Finding{Rule: forecast.Overlap, Entry: "prime-time", HPA: one.Forecast.Outlooks[0].HPA, From: begin, Message: "it is under something"},
		forecast.Finding{Rule: forecast.ClampedFloor, Entry: "prime-time", HPA: one.Forecast.Outlooks[0].HPA, From: begin, Message: "the floor is <high>"},
		forecast.Finding{Rule: forecast.ClampedFloor, Entry: "prime-time", HPA: one.Forecast.Outlooks[0].HPA, From: begin, Message: "the floor is higher"},
		forecast.Finding{Rule: forecast.ClockChange, Entry: "prime-time", From: begin, Message: "in spring it is shorter"},
		forecast.Finding{Rule: forecast.ClockChange, Entry: "prime-time", From: begin.AddDate(0, 7, 0), Message: "in autumn it is longer"},
		forecast.Finding{Rule: forecast.PastEntry, Entry: "gone", Message: "it is over"},
	)
	for file, d := range map[string]string{
		"one.svg":    drawn(t, one, page.SVG),
		"one.html":   drawn(t, one, page.HTML),
		"empty.html": drawn(t, sample(t, "empty"), page.HTML),
		"clocks.svg": drawn(t, sample(t, "clocks"), page.SVG),
	} {
		golden.Compare(t, filepath.Join("testdata", file), style.ReplaceAllString(d, "…"))
	}
}

// TestSamples draws every sample once, as a page and as a picture, and looks at what must hold for each.
func TestSamples(t *testing.T) {
	t.Parallel()
	for _, name := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := sample(t, name)
			picture, body := drawn(t, d, page.SVG), drawn(t, d, page.HTML)
			isWellFormed(t, picture, body)
			hasNoScript(t, body)
			hasFullRows(t, body)
		})
	}
}

// isWellFormed reads the picture as XML, and within the page every picture and table.
func isWellFormed(t *testing.T, picture, body string) {
	t.Helper()
	if strings.Contains(picture, "var(--") {
		t.Error("a colour of the picture is a variable, which programs other than browsers do not know")
	}
	for _, part := range append(regexp.MustCompile(`(?s)<div class="chart">.*?</div>|<table.*?</table>`).FindAllString(body, -1), picture) {
		if err := readXML(part); err != nil {
			t.Error(err)
		}
	}
}

func readXML(text string) error {
	d := xml.NewDecoder(strings.NewReader("<all>" + text + "</all>"))
	d.Entity = xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// TestHostileNames looks for what names must not become. test/browser tests what a browser makes of the page.
func TestHostileNames(t *testing.T) {
	for kind, draw := range map[string]func(io.Writer, *page.Document) error{"page": page.HTML, "picture": page.SVG} {
		text := drawn(t, sample(t, "hostile"), draw)
		for _, bad := range []string{"<script", "<img", "<b>", "<i>", "onload=alert(3)>", "\x1b", "\x00", "\u202e", "\u2028"} {
			if strings.Contains(text, bad) {
				t.Errorf("the %s contains %q", kind, bad)
			}
		}
		if !strings.Contains(text, "&lt;script&gt;alert(1)&lt;/script&gt;") {
			t.Errorf("the %s does not show the name as it is", kind)
		}
	}
}

// hasNoScript keeps a page to what its policy allows: no script and no style attribute.
func hasNoScript(t *testing.T, body string) {
	t.Helper()
	values, forbidden := regexp.MustCompile(`"[^"]*"`), regexp.MustCompile(`(?i)<script|<[a-z][^>]*\s(style|on[a-z]+)=`)
	if found := forbidden.FindString(values.ReplaceAllString(body, `""`)); found != "" {
		t.Errorf("%q", found)
	}
}

// TestBounds draws a thousand HPAs, and more changes than anybody reads.
func TestBounds(t *testing.T) {
	d := sample(t, "crowd")
	begin := time.Now()
	body := drawn(t, d, page.HTML)
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("a thousand HPAs took %s", took)
	}
	if n := strings.Count(body, `<g class="lane">`); n != 200 {
		t.Errorf("%d lanes, want 200", n)
	}
	if n := strings.Count(body, `class="utc"`); n != 2000 {
		t.Errorf("%d rows, want 2000", n)
	}
	for _, told := range []string{`HPAs more are not drawn: filter by namespace or name\.`, `rows more after these: filter by namespace or name\.`} {
		if !regexp.MustCompile(`[0-9,]+ ` + told).MatchString(body) {
			t.Errorf("the page does not say %q", told)
		}
	}
	if len(body) > 8<<20 {
		t.Errorf("the page has %d bytes", len(body))
	}
}

// TestNow compares the live state with the plan.
func TestNow(t *testing.T) {
	d := sample(t, "forty")
	body := drawn(t, d, page.HTML)
	for _, told := range []string{"in 2 h 45 min", "Contested: 9, not 24", "its annotations are damaged", "KEDA ScaledObject player", "floorkeeper.dev/ignore is set", "now 21:14"} {
		if !strings.Contains(body, told) {
			t.Errorf("the page does not say %q", told)
		}
	}
	if n := strings.Count(body, `class="differs"`); n != 2 { // and the legend's
		t.Errorf("%d HPAs are marked, want 1", n-1)
	}
	for i := range d.Forecast.Outlooks {
		if o := &d.Forecast.Outlooks[i]; o.State.MinReplicas == 9 { // nothing was taken from it
			o.State.Condition = autoscaler.Free
		}
	}
	if body := drawn(t, d, page.HTML); strings.Contains(body, "Contested") || !strings.Contains(body, "Pending: 9, not 24") {
		t.Error("an HPA that was not raised yet is not pending")
	}
	d.Live = false
	if body := drawn(t, d, page.HTML); strings.Contains(body, "Pending") || strings.Contains(body, `class="live"`) {
		t.Error("HPAs from files are compared with the plan")
	}
	for name, now := range map[string]time.Time{"before": d.Forecast.From.Add(-time.Hour), "after": d.Forecast.To.Add(time.Hour)} {
		d.Now = now
		if body := drawn(t, d, page.HTML); strings.Contains(body, "Next change") || !strings.Contains(body, "First change") {
			t.Errorf("the page of a range that is looked at %s it does not tell of its first change", name)
		}
	}
}

// TestClockChange holds the axis to elapsed time: the day of 25 hours is as much wider, and an hour comes twice.
func TestClockChange(t *testing.T) {
	picture := drawn(t, sample(t, "clocks"), page.SVG)
	days := regexp.MustCompile(`<line x1="([0-9.]+)%" x2="[0-9.]+%" y1="[0-9]+" y2="[0-9]+" class="day"/>`).FindAllStringSubmatch(picture, 3)
	var at []float64
	for _, day := range days {
		var x float64
		if _, err := fmt.Sscan(day[1], &x); err != nil {
			t.Fatal(err)
		}
		at = append(at, x)
	}
	if len(at) != 3 {
		t.Fatalf("%d midnights, want 3", len(at))
	}
	if ratio := (at[2] - at[1]) / (at[1] - at[0]); ratio < 25/24.0-0.001 || ratio > 25/24.0+0.001 {
		t.Errorf("the day of 25 hours is %.4f times as wide as the one before, want %.4f", ratio, 25/24.0)
	}
	if !strings.Contains(picture, "clock −1 h") || !strings.Contains(picture, "that day has 25 hours") {
		t.Error("the change of the clock is not marked")
	}
}
