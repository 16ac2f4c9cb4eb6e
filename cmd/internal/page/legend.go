package page

import (
	"html/template"
	"slices"
)

const swatchWidth = 28

// symbol is one of the things that lanes are drawn of.
type symbol struct{ class, Text string }

// Symbols returns those that were drawn.
func (p *picture) Symbols() []symbol {
	return slices.DeleteFunc([]symbol{
		{"baseline", "baseline"},
		{"window", "window"},
		{"event", "event"},
		{"curve", "minReplicas"},
		{"shadow", "asked, another entry applies"},
		{"clamped", "cut off by maxReplicas"},
		{"refused", "asked, not given"},
		{"live", "now, as planned"},
		{"differs", "now, not as planned"},
	}, func(s symbol) bool { return !p.seen[s.class] })
}

// Swatch draws the symbol in a picture of its own.
func (s symbol) Swatch() template.HTML {
	c := &canvas{}
	c.swatch(s.class, 0, 0)
	return c.html()
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

// legend writes what the symbols of a picture mean, in one line.
func (c *canvas) legend(x, y float64) {
	for _, each := range c.Symbols() {
		c.swatch(each.class, x, y)
		c.line(x+swatchWidth+6, y+12, "sub", each.Text)
		x += swatchWidth + 22 + em(each.Text, smallLetter)
	}
	c.line(x, y+12, "sub", "each lane has its own scale")
}
