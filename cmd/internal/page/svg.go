package page

import (
	"fmt"
	"io"
	"strconv"

	"github.com/floorkeeper/floorkeeper/text"
)

// SVG writes the document as a picture in a file of its own.
func SVG(w io.Writer, d *Document) error {
	const top, margin = 88, 24
	c, body := &canvas{fixed: true}, &canvas{fixed: true}
	lanes, idle, left := d.lanes()
	scale := d.scale()
	height := body.axis(d, scale, 0) + 8
	for _, l := range lanes {
		height = body.lane(d, scale, l, plotHeight(len(lanes)), height)
	}
	below := d.below(len(lanes), left)
	if len(idle) > 0 {
		below = append(below, planless(len(idle), len(lanes))+".")
	}

	total := top + height + margin + float64(len(below))*18
	c.open("svg", attr{"xmlns", "http://www.w3.org/2000/svg"}, attr{"width", width + 2*margin}, attr{"height", total},
		attr{"viewBox", fmt.Sprintf("0 0 %d %s", width+2*margin, strconv.FormatFloat(total, 'f', 1, 64))},
		attr{"role", "img"}, attr{"aria-labelledby", "picture-title picture-desc"})
	c.WriteString(`<title id="picture-title">` + escaped("Timeline: "+d.heading()) + "</title>\n")
	c.WriteString(`<desc id="picture-desc">` + escaped(d.contents(len(lanes))) + "</desc>\n")
	c.WriteString("<style>" + escaped(pictureStyle()) + "</style>\n")
	c.hatch()
	c.draw("rect", attr{"width", "100%"}, attr{"height", "100%"}, attr{"class", "paper"})
	c.line(margin, 30, "heading", text.Line(d.Title))
	c.line(margin, 50, "sub", d.rangeText())
	if len(lanes) > 0 {
		c.legend(d.symbols(lanes), margin, 62)
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

// line writes a line of text at a place in pixels.
func (c *canvas) line(x, y float64, class, text string) {
	c.write(text, attr{"x", x}, attr{"y", y}, attr{"class", class})
}

// hatch defines how events are filled.
func (c *canvas) hatch() {
	c.WriteString(`<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
		`<rect width="7" height="7" class="hatch-ground"/><line x1="0" x2="0" y1="0" y2="7" class="hatch-line"/></pattern></defs>` + "\n")
}
