package page

import (
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

// Terminal is what a picture in text may use.
type Terminal struct {
	Width  int // in characters; what is too narrow to draw in is exceeded
	Colour bool
	ASCII  bool
}

// The narrowest parts of a picture that can be read.
const (
	narrowestBar  = 10
	narrowestName = 8
)

// Lanes draws one line for each HPA that an entry covers within the forecast: its name, its baseline, a bar and the
// largest minReplicas. Every column means the same time in all lanes and as much of it as any other, also on days of 23
// and 25 hours; the hours below are those of the zone.
func Lanes(w io.Writer, forecast *forecast.Forecast, zone *time.Location, now time.Time, t Terminal) error {
	p := newPicture(forecast, zone, t)
	if len(p.lanes) == 0 {
		return nil
	}
	p.head(now)
	for _, lane := range p.lanes {
		p.draw(lane)
	}
	p.scaleBelow()
	p.legend()
	_, err := w.Write(p.out)
	return err
}

// picture is a text in the making.
type picture struct {
	Terminal
	forecast         *forecast.Forecast
	zone             *time.Location
	lanes            []lane
	names, low, high int // the widths of what stands beside the bars
	columns          int
	clamped          bool
	out              []byte
}

// lane is one HPA. Low is its baseline, high the largest minReplicas.
type lane struct {
	name      string
	outlook   *forecast.Outlook
	low, high int32
	clamped   bool
}

func newPicture(forecast *forecast.Forecast, zone *time.Location, t Terminal) *picture {
	p := &picture{Terminal: t, forecast: forecast, zone: zone, names: len("HPA"), low: len("base"), high: len("max")}
	for i := range forecast.Outlooks {
		lane, covered := laneOf(&forecast.Outlooks[i])
		if !covered {
			continue
		}
		if lane.name = text.Visible(lane.outlook.HPA.Namespace) + "/" + text.Visible(lane.outlook.HPA.Name); t.ASCII {
			lane.name = inASCII(lane.name)
		}
		p.names = max(p.names, utf8.RuneCountInString(lane.name))
		p.low = max(p.low, len(strconv.Itoa(int(lane.low))))
		p.high = max(p.high, len(strconv.Itoa(int(lane.high)))+1)
		p.clamped = p.clamped || lane.clamped
		p.lanes = append(p.lanes, lane)
	}
	p.names = min(p.names, max(narrowestName, t.Width/3))
	p.columns = max(narrowestBar, t.Width-p.names-p.low-p.high-len("    "))
	return p
}

// laneOf returns the lane of an HPA, and whether any entry covers it within the forecast.
func laneOf(o *forecast.Outlook) (l lane, covered bool) {
	low := min(o.State.Baseline(), o.State.MaxReplicas)
	l = lane{outlook: o, low: low, high: low}
	if o.Refusal != "" {
		return l, false
	}
	for s := range o.Stretches() {
		covered = covered || s.Floor > 0
		l.high = max(l.high, s.MinReplicas)
		l.clamped = l.clamped || s.Floor > o.State.MaxReplicas
	}
	return l, covered
}

// head draws the line above the lanes: what the columns are, and where now is.
func (p *picture) head(now time.Time) {
	line := newRow(p.columns)
	if !now.Before(p.forecast.From) && now.Before(p.forecast.To) {
		if at := p.column(now); at+len("v now") <= p.columns {
			line.put(at, p.choose("▼ now", "v now"))
		} else {
			line.put(at-len("now "), p.choose("now ▼", "now v"))
		}
	}
	p.padded("HPA", p.names)
	p.numbered("base", p.low)
	p.out = append(p.out, ' ', ' ')
	p.out = append(p.out, line.String()...)
	p.numbered("max", p.high-1)
	p.out = append(p.out, '\n')
}

// draw draws a lane.
func (p *picture) draw(l lane) {
	p.padded(strings.Replace(text.CutMiddle(l.name, p.names), "…", p.choose("…", "~"), 1), p.names)
	p.numbered(strconv.Itoa(int(l.low)), p.low)
	p.out = append(p.out, ' ', ' ')
	p.bar(l)
	p.numbered(strconv.Itoa(int(l.high)), p.high-1)
	if l.clamped {
		p.out = append(p.out, '!')
	}
	p.out = append(p.out, '\n')
}

// column returns the column in which an instant lies.
func (p *picture) column(t time.Time) int {
	length := p.forecast.To.Sub(p.forecast.From) / time.Millisecond // five years of nanoseconds times columns are too many
	return int(time.Duration(p.columns) * (t.Sub(p.forecast.From) / time.Millisecond) / max(1, length))
}

// choose returns the first text, or the second where only ASCII may be used.
func (p *picture) choose(text, ascii string) string {
	if p.ASCII {
		return ascii
	}
	return text
}

// padded appends a text with blanks up to a width.
func (p *picture) padded(text string, width int) {
	p.out = append(p.out, text...)
	for range width - utf8.RuneCountInString(text) {
		p.out = append(p.out, ' ')
	}
}

// numbered appends a blank and a number that ends at a width.
func (p *picture) numbered(text string, width int) {
	for range width - len(text) + 1 {
		p.out = append(p.out, ' ')
	}
	p.out = append(p.out, text...)
}
