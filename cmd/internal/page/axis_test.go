package page

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/zones"
)

// word is a text of a picture that is seen at a width, with where it begins and how wide it is, in pixels.
type word struct {
	text, class string
	left, wide  float64
}

// seen reads the texts of a picture as a browser shows them at a width.
func seen(t *testing.T, picture string, width int) (all []word) {
	t.Helper()
	for _, found := range regexp.MustCompile(`<text x="([0-9.]+)%"(?: dx="([0-9]+)")? y="[^"]+"(?: text-anchor="(\w*)")? class="([^"]*)">([^<]*)`).FindAllStringSubmatch(picture, -1) {
		classes := strings.Fields(found[4])
		hidden := slices.ContainsFunc(classes, func(class string) bool {
			limit, err := strconv.Atoi(class[1:])
			return err == nil && (class[0] == 'n' && width < limit || class[0] == 'u' && width >= limit)
		})
		x, err := strconv.ParseFloat(found[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		if hidden {
			continue
		}
		w := word{found[5], classes[0], x / 100 * float64(width), em(found[5], smallLetter)}
		if found[3] == "middle" {
			w.left -= w.wide / 2
		}
		all = append(all, w)
	}
	return all
}

// TestAxis looks at ranges of all lengths on pages of all widths: the labels of a row are in one form and do not touch,
// and a month and, over some hours, a clock are always shown.
func TestAxis(t *testing.T) {
	zone, err := zones.Load("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	month := regexp.MustCompile(`\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)`)
	for _, from := range []time.Time{time.Date(2026, 12, 1, 0, 0, 0, 0, zone), time.Date(2026, 12, 14, 22, 15, 7, 0, zone), time.Date(2026, 10, 24, 9, 0, 0, 0, zone)} {
		for _, hours := range []float64{0.004, 80. / 3600, 0.25, 1, 2, 6, 24, 48, 7 * 24, 10 * 24, 31 * 24, 60 * 24, 366 * 24, 3 * 366 * 24} {
			s := scale{from, from.Add(time.Duration(hours * float64(time.Hour))), zone}
			c := &canvas{picture: &picture{Document: &Document{Location: zone}, scale: s, marks: s.ticks(s.smallest())}}
			c.axis(0)
			for _, width := range []int{narrowest, 360, 500, 714, 900, 1344} {
				rows := make(map[string][]word)
				told := ""
				for _, w := range seen(t, c.String(), width) {
					rows[w.class] = append(rows[w.class], w)
					told += w.text + " "
				}
				for _, class := range []string{"date", "hour"} {
					checkRow(t, rows[class], from, hours, width)
				}
				if !month.MatchString(told) || hours <= 6 && !strings.Contains(told, ":") || hours > 366*24 && !strings.Contains(told, "2027") {
					t.Errorf("%v hours from %s at %d pixels: the axis says %q", hours, from, width, told)
				}
			}
		}
	}
}

func checkRow(t *testing.T, row []word, from time.Time, hours float64, width int) {
	t.Helper()
	for i := 1; i < len(row); i++ {
		a, b := row[i-1], row[i]
		if len(strings.Fields(a.text)) != len(strings.Fields(b.text)) {
			t.Errorf("%v hours from %s at %d pixels: %q beside %q", hours, from, width, a.text, b.text)
		}
		if a.left+a.wide > b.left {
			t.Errorf("%v hours from %s at %d pixels: %q touches %q", hours, from, width, a.text, b.text)
		}
	}
}
