package page

import (
	"fmt"
	"html"
	"html/template"
	"io"
	"slices"
	"strconv"

	"github.com/floorkeeper/floorkeeper/text"
)

// SVG writes the document as a picture in a file of its own.
func SVG(w io.Writer, d *Document) error {
	const top, margin = 88, 24
	picture := d.picture(true)
	c, body := &canvas{picture: picture}, &canvas{picture: picture}
	height := body.axis(0) + 8
	for _, l := range c.lanes {
		height = body.lane(l, height)
	}
	below := c.Below()
	if len(c.idle) > 0 {
		below = append(below, c.Planless()+".")
	}

	total := top + height + margin + float64(len(below))*18
	c.open("svg", attr{"xmlns", "http://www.w3.org/2000/svg"}, attr{"width", width + 2*margin}, attr{"height", total},
		attr{"viewBox", fmt.Sprintf("0 0 %d %s", width+2*margin, strconv.FormatFloat(total, 'f', 1, 64))},
		attr{"role", "img"}, attr{"aria-labelledby", "picture-title picture-desc"})
	c.WriteString(`<title id="picture-title">` + html.EscapeString("Timeline: "+c.Heading()) + "</title>\n")
	c.WriteString(`<desc id="picture-desc">` + html.EscapeString(c.Contents()) + "</desc>\n")
	c.WriteString("<style>" + html.EscapeString(pictureStyle()) + "</style>\n")
	c.WriteString(string(hatch()))
	c.draw("rect", attr{"width", "100%"}, attr{"height", "100%"}, attr{"class", "paper"})
	c.line(margin, 30, "heading", text.Line(d.Title))
	c.line(margin, 50, "sub", c.Range())
	if len(c.lanes) > 0 {
		c.legend(margin, 62)
	}
	c.open("svg", attr{"x", margin}, attr{"y", top}, attr{"width", width}, attr{"height", height}, attr{"class", "free"})
	c.Write(body.Bytes())
	c.shut("svg")
	for i, text := range below {
		c.line(margin, top+height+float64(i+1)*18, "sub", text)
	}
	c.shut("svg")
	_, err := w.Write(c.Bytes())
	return err
}

func (c *canvas) line(x, y float64, class, text string) {
	c.write(text, attr{"x", x}, attr{"y", y}, attr{"class", class})
}

// hatch defines how events are filled.
func hatch() template.HTML {
	return `<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
		`<rect width="7" height="7" class="hatch-ground"/><line x1="0" x2="0" y1="0" y2="7" class="hatch-line"/></pattern></defs>` + "\n"
}

const swatchWidth = 28

// symbol is one of the things that lanes are drawn of.
type symbol struct{ class, Text string }

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

func (s symbol) Swatch() template.HTML {
	c := &canvas{}
	c.swatch(s.class, 0, 0)
	return c.html()
}

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

func (c *canvas) legend(x, y float64) {
	for _, each := range c.Symbols() {
		c.swatch(each.class, x, y)
		c.line(x+swatchWidth+6, y+12, "sub", each.Text)
		x += swatchWidth + 22 + em(each.Text, smallLetter)
	}
	c.line(x, y+12, "sub", "each lane has its own scale")
}
