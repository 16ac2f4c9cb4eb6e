package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// Measures of the axis, in pixels from its top.
const (
	axisHeight  = 44
	dayLine     = 15 // where dates stand
	hourLine    = 33
	flagHeight  = 20 // of the row above for now and for changes of the clock
	daySpace    = 6
	letter      = 12.0 // the size of text
	smallLetter = 11.0
	nameLetter  = 13.5 // of names, which are bold
)

// axis draws the dates and hours from the height y on, and returns where it ends. Over long ranges these are months and
// days, or years and months.
func (c *canvas) axis(d *Document, s scale, y float64) float64 {
	shifts := s.shifts()
	if d.inRange() || len(shifts) > 0 {
		c.flags(d, s, shifts, y)
		y += flagHeight
	}
	ticks := s.ticks()
	large, small := s.forms(ticks)
	c.row(s, y+dayLine, "date", large)
	c.row(s, y+hourLine, "hour", small)
	for _, t := range ticks {
		switch {
		case t.unit >= s.major() && t.at.After(s.from):
			c.upright(share(s.x(t.at)), y+2, axisHeight-2, "day")
		case t.unit < days && t.at.After(s.from):
			c.clock(s, t.at, y)
		}
	}
	return y + axisHeight
}

// flags draws what stands above the dates: now, and where the clock changes.
func (c *canvas) flags(d *Document, s scale, shifts []schedules.Shift, y float64) {
	for _, each := range shifts {
		text := fmt.Sprintf("clock %s", signed(each.By))
		c.flag(s, each.At, y, text, "clock", s.x(each.At) > 0.15)
	}
	if d.inRange() {
		layout := clockLayout
		if hoursOf(d.at(d.Now)) != 24 { // on which an hour may come twice
			layout += " MST"
		}
		c.flag(s, d.Now, y, "now "+d.at(d.Now).Format(layout), "now", s.x(d.Now) > 0.75)
	}
}

// flag draws a word at an instant, to the right or to the left of it. Those of the clock stand to the left where they can,
// so that now has its place beside them.
func (c *canvas) flag(s scale, at time.Time, y float64, text, class string, left bool) {
	x := s.x(at)
	anchor, shift := "start", "4"
	if left {
		anchor, shift = "end", "-4"
	}
	c.open("text", attr{"x", share(x)}, attr{"y", y + 13}, attr{"dx", shift}, attr{"text-anchor", anchor}, attr{"class", class + "-word"})
	c.WriteString(escaped(text))
	c.shut("text")
	c.upright(share(x), y+2, flagHeight-2, class+"-line")
}

// signed returns a change of the clock as "+1 h" or "−30 min".
func signed(by time.Duration) string {
	sign := "+"
	if by < 0 {
		sign, by = "−", -by
	}
	return sign + lasting(by)
}

// clock draws the tick of an hour or of minutes and its time, where there is room for all that are as round.
func (c *canvas) clock(s scale, at time.Time, y float64) {
	const space = 40 // pixels from time to time
	needs := space / s.share(roundness(at))
	if c.hidden(needs) {
		return
	}
	x := share(s.x(at))
	class := c.class(span{class: "hour", needs: needs})
	c.draw("line", attr{"x1", x}, attr{"x2", x}, attr{"y1", y + axisHeight - 6}, attr{"y2", y + axisHeight}, attr{"class", class})
	c.open("text", attr{"x", x}, attr{"y", y + hourLine}, attr{"text-anchor", "middle"}, attr{"class", class})
	c.WriteString(at.Format(clockLayout))
	c.shut("text")
}

// roundness returns the longest of the usual steps that lead from midnight to what a clock shows.
func roundness(at time.Time) time.Duration {
	for _, step := range []int{12 * 60, 6 * 60, 3 * 60, 60, 30, 15, 5} {
		if (at.Hour()*60+at.Minute())%step == 0 {
			return time.Duration(step) * time.Minute
		}
	}
	return time.Minute
}

// grid draws what runs through all lanes: bands for every other day, lines at midnight and changes of the clock.
func (c *canvas) grid(s scale, y, height float64) {
	var bands, lines strings.Builder
	odd, from := false, 0.0
	band := func(to float64) {
		if odd {
			fmt.Fprintf(&bands, "M%.2f 0H%.2fV1H%.2fZ", from, to, from)
		}
		odd, from = !odd, to
	}
	for _, t := range s.ticks() {
		if t.unit >= days && t.at.After(s.from) {
			band(s.x(t.at) * width)
			fmt.Fprintf(&lines, "M%.2f 0V1", from)
		}
	}
	band(width)
	c.open("svg", attr{"x", "0"}, attr{"y", y}, attr{"width", "100%"}, attr{"height", height},
		attr{"viewBox", fmt.Sprintf("0 0 %d 1", width)}, attr{"preserveAspectRatio", "none"})
	c.draw("path", attr{"d", bands.String()}, attr{"class", "band"})
	c.draw("path", attr{"d", lines.String()}, attr{"class", "day"})
	c.shut("svg")
	for _, each := range s.shifts() {
		c.upright(share(s.x(each.At)), y, height, "clock-line")
	}
}

// upright draws a vertical line.
func (c *canvas) upright(x share, y, height float64, class string) {
	c.draw("line", attr{"x1", x}, attr{"x2", x}, attr{"y1", y}, attr{"y2", y + height}, attr{"class", class})
}
