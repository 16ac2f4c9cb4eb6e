package page_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
)

// says compares a sample's page with what it has to say, and with what it must not say, which begins with an exclamation
// mark. White space is as one blank.
func says(t *testing.T, name string, told ...string) {
	t.Helper()
	body := strings.Join(strings.Fields(drawn(t, sample(t, name), page.HTML)), " ")
	for _, text := range told {
		text, absent := strings.CutPrefix(text, "!")
		if strings.Contains(body, text) == absent {
			t.Errorf("the page of %s says %q: %v, want %v", name, text, absent, !absent)
		}
	}
}

// hasFullRows: every row of every table names its HPA and, where it is a change, its instant.
func hasFullRows(t *testing.T, body string) {
	t.Helper()
	hpa, utc := regexp.MustCompile(`class="hpa"><bdi>[^<]+`), regexp.MustCompile(`class="utc">\d{4}-`)
	for _, row := range regexp.MustCompile(`(?s)<tr role="row">\n.*?</tr>`).FindAllString(body, -1) {
		changes := strings.Contains(row, "<time")
		if !hpa.MatchString(row) || changes && !utc.MatchString(row) {
			t.Fatal(row)
		}
	}
}

func TestRampIsOneRow(t *testing.T) {
	says(t, "one", `<summary>in 10 steps until 19:20 CET</summary>`, `<li>19:20 CET: 16</li>`, "window prime-time, ramp up", "7 changes of minReplicas, Fri")
}

// TestNothingChanges: what the picture shows of an hour in which nothing changes is also in text.
func TestNothingChanges(t *testing.T) {
	says(t, "held", "Nothing changes in this time.", ">At the beginning<",
		`<bdi>video/images</bdi></th> <td role="cell" class="amount" data-label="baseline">4</td> <td role="cell" class="amount" data-label="max">40</td> `+
			`<td role="cell" class="amount" data-label="minReplicas">16</td> <td role="cell" class="amount" data-label="floor">16</td> <td role="cell" class="reason">window prime-time</td>`,
		"window late-shift asks for 16 as well; window prime-time applies, which asks for as much and does not end earlier",
		`<rect class="refused"`, "asked, not given")
}

// TestDamaged: nothing is shown that follows from a baseline which nobody knows.
func TestDamaged(t *testing.T) {
	says(t, "held", `<bdi>video/damaged</bdi></th> <td role="cell" class="amount" data-label="baseline">unknown</td>`, "minReplicas 25 · baseline unknown · max 400",
		"!video/damaged: baseline", "!100 asked", "!gets no floor", "!prime-time asks for 100")
}

// TestStays counts only changes of minReplicas as such, and gives the reason of a row without any.
func TestStays(t *testing.T) {
	says(t, "wide", "of minReplicas, and 4 times that it stays as it is", `>stays <strong>600</strong>`, "the baseline is above the floor", `>stays <strong>10</strong>`)
}

func TestUnmatched(t *testing.T) {
	says(t, "unmatched", `No HPA matches namespace vide0. <a href="?for=2d">Show all HPAs</a>`, "!No entry covers")
}

// TestCalm: an HPA that its owner keeps to himself is no cause for alarm.
func TestCalm(t *testing.T) {
	says(t, "forty", `▲ </span>Not as planned</h2> <ul> <li><bdi>office/images`, `Left alone</h2> <ul> <li><bdi>api/images`, "as of <time datetime=", "<title>floorkeeper in cluster north</title>")
	says(t, "refused", "<title>▲ Refused: floorkeeper in cluster north</title>")
	says(t, "unread", "!<nav", "!times in")
	says(t, "mistaken", "This cannot be shown", "yesterday", `value="2d"`, "!no valid schedule")
}

// TestCaptions: the highest step has its number and its entry at every width, and only what is asked in full is told to be
// under something.
func TestCaptions(t *testing.T) {
	says(t, "one", `class="number">16<tspan class="entry"> prime-time</tspan>`, "!> over prime-time</tspan>")
	says(t, "held", `class="number">20<tspan class="entry"> of 24 prime-time</tspan>`)
	wide := regexp.MustCompile(`class="number">900,000<tspan class="entry n\d+"> of 999,999</tspan>` +
		`<tspan class="entry u(\d+)"> ever[^<]*…[^<]*</tspan><tspan class="entry n(\d+)"> everything-that-there-is</tspan>`)
	if found := wide.FindStringSubmatch(drawn(t, sample(t, "wide"), page.HTML)); found == nil || found[1] != found[2] {
		t.Errorf("a long name is not shortened where there is no room for it: %q", found)
	}
}
