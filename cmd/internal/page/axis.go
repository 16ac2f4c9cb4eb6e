package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// Measures of the axis, in pixels from its top.
const (
	axisHeight  = 44
	dayLine     = 15 // the line of dates
	hourLine    = 33
	flagHeight  = 20 // of the row above for now and for clock shifts
	daySpace    = 6
	letter      = 12.0 // the size of text
	smallLetter = 11.0
	nameLetter  = 13.5 // of names, which are bold
)

const clockLayout = "15:04"

// axis draws the dates and hours from the height y on, and returns where it ends. Over long ranges these are months and
// days, or years and months.
func (c *canvas) axis(y float64) float64 {
	const space = 40 // pixels from clock time to clock time
	if shifts := c.shifts(); c.inRange() || len(shifts) > 0 {
		c.flags(shifts, y)
		y += flagHeight
	}
	large, small := c.forms(c.marks)
	c.row(y+dayLine, "date", large)
	c.row(y+hourLine, "hour", small)
	if len(small) == 0 && !slices.ContainsFunc(c.marks, func(t tick) bool { return t.at.After(c.from) }) { // there is a minute at most
		from := c.at(c.from)
		c.label(label{from.Format(time.TimeOnly), from, c.length()}, y+hourLine, span{class: "hour"})
	}
	for _, t := range c.marks {
		switch major := max(days, c.smallest()+1); {
		case t.unit >= major && t.at.After(c.from):
			c.upright(c.x(t.at), y+2, axisHeight-2, "day")
		case t.unit < days && t.at.After(c.from):
			needs := space / float64(c.share(roundness(t.at))) // for all that are as round
			if c.hidden(needs) {
				continue
			}
			x, class := c.x(t.at), c.class(span{class: "hour", needs: needs})
			c.upright(x, y+axisHeight-6, 6, class)
			c.write(t.at.Format(clockLayout), attr{"x", x}, attr{"y", y + hourLine}, attr{"text-anchor", "middle"}, attr{"class", class})
		}
	}
	return y + axisHeight
}

// flags draws what is above the dates: now, and where the clock shifts. Flags of the clock are to the left of their line
// where they can be, so that now has its place beside them.
func (c *canvas) flags(shifts []schedules.Shift, y float64) {
	flag := func(at time.Time, text, class string, left bool) {
		x, anchor, distance := c.x(at), "start", "4"
		if left {
			anchor, distance = "end", "-4"
		}
		c.write(text, attr{"x", x}, attr{"y", y + 13}, attr{"dx", distance}, attr{"text-anchor", anchor}, attr{"class", class + "-word"})
		c.upright(x, y+2, flagHeight-2, class+"-line")
	}
	for _, shift := range shifts {
		sign := "+"
		if shift.By < 0 {
			sign = "−"
		}
		flag(shift.At, "clock "+sign+lasting(shift.By.Abs()), "clock", c.x(shift.At) > 0.15)
	}
	if c.inRange() {
		layout := clockLayout
		if hoursOf(c.at(c.Now)) != 24 { // on which an hour may come twice
			layout += " MST"
		}
		flag(c.Now, "now "+c.at(c.Now).Format(layout), "now", c.x(c.Now) > 0.75)
	}
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

// grid draws what runs through all lanes: bands for every other day, lines at midnight and at clock shifts.
func (c *canvas) grid(y, height float64) {
	var bands, lines strings.Builder
	odd, from := false, share(0)
	band := func(to share) {
		if odd {
			fmt.Fprintf(&bands, "M%.2f 0H%.2fV1H%.2fZ", from, to, from)
		}
		odd, from = !odd, to
	}
	for _, t := range c.marks {
		if t.unit >= days && t.at.After(c.from) {
			band(c.x(t.at) * width)
			fmt.Fprintf(&lines, "M%.2f 0V1", from)
		}
	}
	band(width)
	c.open("svg", attr{"x", "0"}, attr{"y", y}, attr{"width", "100%"}, attr{"height", height},
		attr{"viewBox", fmt.Sprintf("0 0 %d 1", width)}, attr{"preserveAspectRatio", "none"})
	c.draw("path", attr{"d", bands.String()}, attr{"class", "band"})
	c.draw("path", attr{"d", lines.String()}, attr{"class", "day"})
	c.shut("svg")
	for _, shift := range c.shifts() {
		c.upright(c.x(shift.At), y, height, "clock-line")
	}
}

// form is one way to label a row of the axis: all in the same layout, and as many as there is room for at some width.
type form struct {
	labels  []label
	padding float64
}

type label struct {
	text string
	at   time.Time
	room time.Duration
}

// forms returns the ways to label the upper and the lower row of the axis, the richest first. The lower row of short
// ranges is not among them: it shows clock times.
func (s scale) forms(ticks []tick) (large, small []form) {
	const wide, narrow = 2 * daySpace, daySpace + 2
	each := func(u unit, padding float64, layouts ...string) (all []form) {
		for _, layout := range layouts {
			all = append(all, s.form(ticks, u, layout, padding, func(int, time.Time) bool { return true }))
		}
		return all
	}
	on := func(dates ...int) form {
		return s.form(ticks, days, "2", narrow, func(_ int, t time.Time) bool { return slices.Contains(dates, t.Day()) })
	}
	every := func(n int) form {
		return s.form(ticks, months, "Jan", narrow, func(_ int, t time.Time) bool { return (int(t.Month())-1)%n == 0 })
	}
	nth := func(n int) form {
		return s.form(ticks, days, "2 Jan", wide, func(i int, _ time.Time) bool { return i%n == 0 })
	}
	switch s.smallest() {
	case days:
		return each(months, wide, "January 2006", "Jan 2006"),
			append(each(days, narrow, "Mon 2", "2"), on(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29), on(1, 8, 15, 22), on(1, 15))
	case months:
		return each(years, wide, "2006"), append(each(months, narrow, "January", "Jan"), every(3), every(6))
	default:
		return append(each(days, wide, "Monday 2 January", "Mon 2 Jan", "2 Jan"), nth(2), nth(4)), nil
	}
}

// form labels the stretches between ticks of a unit at least, those of them that are kept. What begins before the range is
// labelled at its left edge.
func (s scale) form(ticks []tick, u unit, layout string, padding float64, keep func(nth int, t time.Time) bool) form {
	f, nth := form{padding: padding}, 0
	add := func(at time.Time) {
		if keep(nth, at) {
			if n := len(f.labels); n > 0 {
				f.labels[n-1].room = at.Sub(f.labels[n-1].at)
			}
			f.labels = append(f.labels, label{at.Format(layout), at, s.to.Sub(at)})
		}
		nth++
	}
	add(s.from.In(s.loc))
	for _, t := range ticks {
		if t.unit >= u && t.at.After(s.from) {
			add(t.at)
		}
	}
	return f
}

// needs returns how wide a picture has to be for all labels: for its tightest one, except those that the edges of the range
// leave less room than any other has.
func (f form) needs(s scale) float64 {
	byRoom := func(a, b label) int { return cmp.Compare(a.room, b.room) }
	var least time.Duration
	switch n := len(f.labels); {
	case n > 2:
		least = slices.MinFunc(f.labels[1:n-1], byRoom).room
	case n > 0:
		least = slices.MaxFunc(f.labels, byRoom).room
	}
	needs := 0.0
	for _, l := range f.labels {
		if l.room >= least {
			needs = max(needs, f.width(s, l))
		}
	}
	return needs
}

func (f form) width(s scale, l label) float64 {
	return (em(l.text, letter) + f.padding) / float64(s.share(l.room))
}

// row writes the labels of the richest form that there is room for at each width, and of it those that the edges of the
// range leave room for. All other forms are hidden at that width.
func (c *canvas) row(y float64, class string, forms []form) {
	upper := 0.0 // the width from which a richer form is shown
	for _, f := range forms {
		needs := f.needs(c.scale)
		if len(f.labels) == 0 || upper > 0 && needs >= upper {
			continue
		}
		for _, l := range f.labels {
			c.label(l, y, span{class: class, needs: max(needs, f.width(c.scale, l)), upper: upper})
		}
		if upper = needs; needs <= narrowest || c.fixed && needs <= width {
			return
		}
	}
}

func (c *canvas) label(l label, y float64, shown span) {
	if (shown.upper == 0 || shown.needs < shown.upper) && !c.hidden(shown.needs) {
		c.write(l.text, attr{"x", c.x(l.at)}, attr{"dx", daySpace}, attr{"y", y}, attr{"class", c.class(shown)})
	}
}

// scale maps instants to places on the time axis, from 0 to 1. It is linear in elapsed time, so that every place is the
// same instant in all lanes and an hour is as wide as any other, also on days of 23 and 25 hours.
type scale struct {
	from, to time.Time
	loc      *time.Location
}

func (s scale) length() time.Duration { return s.to.Sub(s.from) }

// x returns the place of an instant; what lies outside is put on the edge.
func (s scale) x(t time.Time) share { return min(1, max(0, s.share(t.Sub(s.from)))) }

func (s scale) share(d time.Duration) share { return share(d) / share(s.length()) }

type unit int

const (
	minutes unit = iota
	hours
	days
	months
	years
)

type tick struct {
	at   time.Time
	unit unit
}

// ticks returns where a unit, or a larger one, begins by local clocks. An hour that happens twice has two ticks, and one that
// the clock skips has none.
func (s scale) ticks(smallest unit) (all []tick) {
	pace := 15 * time.Minute // divides every offset from UTC and every change of a clock
	switch length := s.length(); {
	case length <= 20*time.Minute:
		pace = time.Minute
	case length <= 2*time.Hour:
		pace = 5 * time.Minute
	}
	before := s.from.Add(-1).In(s.loc)
	for t := s.from.Truncate(pace); t.Before(s.to); t = t.Add(pace) {
		if t.Before(s.from) {
			continue
		}
		local := t.In(s.loc)
		if u := begins(before, local); u >= smallest {
			all = append(all, tick{local, u})
		}
		before = local
	}
	return all
}

// smallest returns the unit of the smallest ticks that an axis shows.
func (s scale) smallest() unit {
	switch length := s.length(); {
	case length <= 6*time.Hour:
		return minutes
	case length <= 8*24*time.Hour:
		return hours
	case length <= 63*24*time.Hour:
		return days
	default:
		return months
	}
}

// begins returns the largest unit that begins with an instant, given the one before.
func begins(before, t time.Time) unit {
	switch {
	case t.Year() != before.Year():
		return years
	case t.Month() != before.Month():
		return months
	case t.Day() != before.Day():
		return days
	case t.Minute() == 0:
		return hours
	default:
		return minutes
	}
}

func (s scale) shifts() []schedules.Shift { return schedules.Shifts(s.loc, s.from, s.to) }

// hoursOf returns the length in hours of the local day that contains t, which is not always 24.
func hoursOf(t time.Time) float64 {
	date, loc := schedules.DateOf(t, t.Location()), t.Location()
	return math.Round(schedules.DayStart(date+1, loc).Sub(schedules.DayStart(date, loc)).Hours()*100) / 100
}
