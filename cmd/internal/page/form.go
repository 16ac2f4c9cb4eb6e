package page

import (
	"slices"
	"strconv"
	"time"
)

// form is one way to label a row of the axis: all in the same layout, and as many as there is room for at some width.
type form struct {
	labels  []label
	padding float64
}

// label stands at an instant and has room until the next.
type label struct {
	text string
	at   time.Time
	room time.Duration
}

// major returns the unit of the upper row of the axis.
func (s scale) major() unit { return max(days, s.smallest()+1) }

// forms returns the ways to label the upper and the lower row of the axis, the richest first. The lower row of short
// ranges is not among them: it shows clock times.
func (s scale) forms(ticks []tick) (large, small []form) {
	label := func(u unit, layout string, padding float64, keep func(nth int, t time.Time) bool) form {
		return s.form(ticks, u, layout, padding, keep)
	}
	each := func(int, time.Time) bool { return true }
	nth := func(n int) func(int, time.Time) bool { return func(i int, _ time.Time) bool { return i%n == 0 } }
	on := func(dates ...int) func(int, time.Time) bool {
		return func(_ int, t time.Time) bool { return slices.Contains(dates, t.Day()) }
	}
	every := func(n int) func(int, time.Time) bool {
		return func(_ int, t time.Time) bool { return (int(t.Month())-1)%n == 0 }
	}
	const wide, narrow = 2 * daySpace, daySpace + 2
	switch s.smallest() {
	case days:
		return []form{label(months, "January 2006", wide, each), label(months, "Jan 2006", wide, each)}, []form{
			label(days, "Mon 2", narrow, each), label(days, "2", narrow, each), label(days, "2", narrow, on(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29)),
			label(days, "2", narrow, on(1, 8, 15, 22)), label(days, "2", narrow, on(1, 15)),
		}
	case months:
		return []form{label(years, "2006", wide, each)}, []form{
			label(months, "January", narrow, each), label(months, "Jan", narrow, each), label(months, "Jan", narrow, every(3)), label(months, "Jan", narrow, every(6)),
		}
	default:
		return []form{
			label(days, "Monday 2 January", wide, each), label(days, "Mon 2 Jan", wide, each), label(days, "2 Jan", wide, each),
			label(days, "2 Jan", wide, nth(2)), label(days, "2 Jan", wide, nth(4)),
		}, nil
	}
}

// form labels the stretches between ticks of a unit at least, those of them that are kept. What begins before the range is
// labelled at its left edge.
func (s scale) form(ticks []tick, u unit, layout string, padding float64, keep func(nth int, t time.Time) bool) form {
	f := form{padding: padding}
	starts := []time.Time{s.from.In(s.loc)}
	for _, t := range ticks {
		if t.unit >= u && t.at.After(s.from) {
			starts = append(starts, t.at)
		}
	}
	for i, at := range starts {
		if keep(i, at) {
			f.labels = append(f.labels, label{text: at.Format(layout), at: at})
		}
	}
	for i := range f.labels {
		end := s.to
		if i+1 < len(f.labels) {
			end = f.labels[i+1].at
		}
		f.labels[i].room = end.Sub(f.labels[i].at)
	}
	return f
}

// needs returns how wide a picture has to be for all labels: for its tightest one, those aside that the edges of the range
// leave less room than any other has.
func (f form) needs(s scale) float64 {
	inner := f.labels
	if n := len(inner); n > 2 {
		inner = inner[1 : n-1]
	}
	least, most := time.Duration(1<<63-1), time.Duration(0)
	for _, l := range inner {
		least, most = min(least, l.room), max(most, l.room)
	}
	if len(f.labels) <= 2 {
		least = most
	}
	needs := 0.0
	for _, l := range f.labels {
		if l.room >= least {
			needs = max(needs, f.width(s, l))
		}
	}
	return needs
}

// width returns how wide a picture has to be for one label.
func (f form) width(s scale, l label) float64 {
	return (em(l.text, letter) + f.padding) / s.share(l.room)
}

// row writes the labels of the richest form that there is room for at each width, and of it those that the edges of the
// range leave room for. All other forms are hidden at that width.
func (c *canvas) row(s scale, y float64, class string, forms []form) {
	upper := 0.0 // the width from which a richer form stands
	for _, f := range forms {
		needs := f.needs(s)
		if len(f.labels) == 0 || upper > 0 && needs >= upper {
			continue
		}
		for _, l := range f.labels {
			if own := max(needs, f.width(s, l)); upper == 0 || own < upper {
				c.between(share(s.x(l.at)), y, class, l.text, own, upper)
			}
		}
		if upper = needs; needs <= narrowest || c.fixed && needs <= width {
			return
		}
	}
}

// between writes a text for widths from needs up to the one from which a richer form stands.
func (c *canvas) between(x share, y float64, class, text string, needs, upper float64) {
	if c.hidden(needs) {
		return
	}
	class = c.class(span{class: class, needs: needs})
	class += c.until(upper)
	c.open("text", attr{"x", x}, attr{"dx", daySpace}, attr{"y", y}, attr{"class", class})
	c.WriteString(escaped(text))
	c.shut("text")
}

// until returns the class that hides a text from the given width on, and "" if that is 0 or never reached.
func (c *canvas) until(upper float64) string {
	if upper == 0 || c.hidden(upper) {
		return ""
	}
	for _, each := range roomy() {
		if upper <= float64(each) {
			return " u" + strconv.Itoa(each)
		}
	}
	return ""
}
