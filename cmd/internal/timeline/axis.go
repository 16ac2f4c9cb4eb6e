package timeline

import (
	"fmt"
	"time"
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

// axis draws the dates and hours from the height y on, and returns where it ends.
func (c *canvas) axis(d *Document, s scale, y float64) float64 {
	shifts := s.shifts()
	if d.inRange() || len(shifts) > 0 {
		c.flags(d, s, shifts, y)
		y += flagHeight
	}
	ticks := s.ticks()
	c.dates(s, ticks, y)
	for _, t := range ticks {
		if t.unit == hours && !t.at.Equal(s.from) {
			c.hour(s, t.at, y)
		}
	}
	return y + axisHeight
}

// flags draws what stands above the dates: now, and where the clock changes.
func (c *canvas) flags(d *Document, s scale, shifts []shift, y float64) {
	for _, each := range shifts {
		text := fmt.Sprintf("clock %s", signed(each.by))
		c.flag(s, each.at, y, text, "clock", s.x(each.at) > 0.15)
	}
	if d.inRange() {
		c.flag(s, d.Now, y, "now "+d.at(d.Now).Format(clockLayout), "now", s.x(d.Now) > 0.75)
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
	c.draw("line", attr{"x1", share(x)}, attr{"x2", share(x)}, attr{"y1", y + 2}, attr{"y2", y + flagHeight}, attr{"class", class + "-line"})
}

// signed returns a change of the clock as "+1 h" or "−30 min".
func signed(by time.Duration) string {
	sign := "+"
	if by < 0 {
		sign, by = "−", -by
	}
	return sign + lasting(by)
}

// dates draws a name for each stretch between ticks larger than hours, in the longest form that there is room for.
func (c *canvas) dates(s scale, ticks []tick, y float64) {
	starts := []time.Time{s.from.In(s.loc)}
	for _, t := range ticks {
		if t.unit > hours && t.at.After(s.from) {
			starts = append(starts, t.at)
		}
	}
	wide, middle, short := forms(s.smallest())
	for i, at := range starts {
		end := s.to
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		part := s.share(end.Sub(at))
		if i > 0 {
			c.draw("line", attr{"x1", share(s.x(at))}, attr{"x2", share(s.x(at))}, attr{"y1", y + 2}, attr{"y2", y + axisHeight}, attr{"class", "day"})
		}
		c.date(share(s.x(at)), y+dayLine, part, at.Format(wide), at.Format(middle), at.Format(short))
	}
}

// forms returns the layouts of dates from long to short.
func forms(smallest unit) (wide, middle, short string) {
	if smallest == months {
		return "January 2006", "Jan 06", "1"
	}
	return "Monday 2 January", "Mon 2", "2"
}

// date writes the longest of three forms that there is room for at each width. Two of them are hidden at any.
func (c *canvas) date(x share, y, part float64, texts ...string) {
	upper := 0.0 // the width from which a longer form stands
	for i, text := range texts {
		needs := (em(text, letter) + 2*daySpace) / part
		c.form(x, y, text, needs, upper)
		if i == 0 || needs < upper {
			upper = needs
		}
		if needs <= narrowest || c.fixed && needs <= width {
			return
		}
	}
}

// form writes a text for widths from needs up to the one from which a longer text stands.
func (c *canvas) form(x share, y float64, text string, needs, upper float64) {
	if c.hidden(needs) {
		return
	}
	class := c.class(span{class: "date", needs: needs})
	if upper > 0 && !c.hidden(upper) {
		class += c.until(upper)
	}
	c.open("text", attr{"x", x}, attr{"dx", daySpace}, attr{"y", y}, attr{"class", class})
	c.WriteString(escaped(text))
	c.shut("text")
}

// until returns the class that hides a text from the given width on.
func (c *canvas) until(upper float64) string {
	for _, each := range roomy() {
		if upper <= float64(each) {
			return fmt.Sprintf(" u%d", each)
		}
	}
	return ""
}

// hour draws the tick of an hour and its number, where there is room for all hours that are as round.
func (c *canvas) hour(s scale, at time.Time, y float64) {
	const space = 40 // pixels from number to number
	step := 1
	for _, each := range []int{12, 6, 3} {
		if at.Hour()%each == 0 {
			step = each
			break
		}
	}
	needs := space / s.share(time.Duration(step)*time.Hour)
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

// grid draws what runs through all lanes: bands for every other day, lines at midnight, now and changes of the clock.
func (c *canvas) grid(s scale, y, height float64) {
	odd, from := false, s.from
	line := func(at time.Time, class string) {
		c.draw("line", attr{"x1", share(s.x(at))}, attr{"x2", share(s.x(at))}, attr{"y1", y}, attr{"y2", y + height}, attr{"class", class})
	}
	band := func(to time.Time) {
		if odd {
			c.draw("rect", attr{"x", share(s.x(from))}, attr{"width", share(s.x(to) - s.x(from))}, attr{"y", y}, attr{"height", height}, attr{"class", "band"})
		}
		odd, from = !odd, to
	}
	for _, t := range s.ticks() {
		if t.unit > hours && t.at.After(s.from) {
			band(t.at)
			line(t.at, "day")
		}
	}
	band(s.to)
	for _, each := range s.shifts() {
		line(each.at, "clock-line")
	}
}
