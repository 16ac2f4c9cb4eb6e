package page

import (
	"fmt"
	"html"
	"io"
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
	c.hatch()
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
func (c *canvas) hatch() (height float64) {
	c.WriteString(`<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
		`<rect width="7" height="7" class="hatch-ground"/><line x1="0" x2="0" y1="0" y2="7" class="hatch-line"/></pattern></defs>` + "\n")
	return 0
}
