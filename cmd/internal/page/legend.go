package page

import (
	"html/template"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// symbol is one of the things that lanes are drawn of.
type symbol struct{ class, text string }

// key is a symbol as a page explains it.
type key struct {
	Swatch template.HTML
	Text   string
}

const swatchWidth = 28

// symbols returns those that the lanes have.
func (d *Document) symbols(lanes []*lane) (found []symbol) {
	seen := make(map[string]bool)
	for _, l := range lanes {
		l.see(d.Forecast.Schedule, seen)
	}
	if d.Live && d.inRange() {
		for _, l := range lanes {
			seen["differs"], seen["live"] = seen["differs"] || l.differs, seen["live"] || !l.differs
		}
	}
	for _, each := range []symbol{
		{"baseline", "baseline"},
		{"window", "window"},
		{"event", "event"},
		{"curve", "minReplicas"},
		{"shadow", "asked, another entry applies"},
		{"clamped", "cut off by maxReplicas"},
		{"refused", "asked, not given"},
		{"live", "now, as planned"},
		{"differs", "now, not as planned"},
	} {
		if seen[each.class] {
			found = append(found, each)
		}
	}
	return found
}

func (l *lane) see(schedule *schedules.Schedule, seen map[string]bool) {
	seen["curve"] = true
	if l.lost {
		return
	}
	seen["baseline"] = true
	for _, s := range l.stretches {
		switch {
		case s.Floor == 0:
		case l.refused || s.Floor <= l.baseline:
			seen["refused"] = true
		case schedule.Event(s.Because) != nil:
			seen["event"] = true
		default:
			seen["window"] = true
		}
		seen["clamped"] = seen["clamped"] || l.clamped(s)
	}
	for _, s := range l.shadows {
		seen["shadow"] = seen["shadow"] || s.peak() > l.baseline
	}
}

// swatch draws a symbol at a place in pixels.
func (c *canvas) swatch(class string, x, y float64) {
	c.open("svg", attr{"x", x}, attr{"y", y}, attr{"width", swatchWidth}, attr{"height", 16}, attr{"aria-hidden", "true"})
	switch class {
	case "baseline":
		c.draw("rect", attr{"class", class}, attr{"y", 6}, attr{"width", swatchWidth}, attr{"height", 10})
	case "window", "event":
		c.draw("rect", attr{"class", class}, attr{"fill", fillOf(class)}, attr{"y", 1}, attr{"width", swatchWidth}, attr{"height", 15})
	case "curve":
		c.draw("path", attr{"class", class}, attr{"d", "M0 14H9V3H19V14H28"})
	case "live":
		c.draw("circle", attr{"class", class}, attr{"cx", 14}, attr{"cy", 8}, attr{"r", 4.5})
	case "differs":
		c.draw("path", attr{"class", class}, attr{"d", "M14 1L21 8L14 15L7 8Z"})
	default:
		c.draw("rect", attr{"class", class}, attr{"x", 1}, attr{"y", 3}, attr{"width", 26}, attr{"height", 12})
	}
	c.shut("svg")
}

// scales is what the heights of lanes have in common.
const scales = "each lane has its own scale"

// legend writes what the symbols of a picture mean, in one line.
func (c *canvas) legend(symbols []symbol, x, y float64) {
	for _, each := range symbols {
		c.swatch(each.class, x, y)
		c.line(x+swatchWidth+6, y+12, "sub", each.text)
		x += swatchWidth + 22 + em(each.text, smallLetter)
	}
	c.line(x, y+12, "sub", scales)
}

// keys returns what the symbols of a page mean.
func keys(symbols []symbol) (all []key) {
	for _, each := range symbols {
		c := &canvas{}
		c.swatch(each.class, 0, 0)
		all = append(all, key{c.html(), each.text})
	}
	return all
}
