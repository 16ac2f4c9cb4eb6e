package page

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

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
	below := c.below()
	if len(c.idle) > 0 {
		below = append(below, c.planless()+".")
	}

	total := top + height + margin + float64(len(below))*18
	c.open("svg", attr{"xmlns", "http://www.w3.org/2000/svg"}, attr{"width", width + 2*margin}, attr{"height", total},
		attr{"viewBox", fmt.Sprintf("0 0 %d %s", width+2*margin, strconv.FormatFloat(total, 'f', 1, 64))},
		attr{"role", "img"}, attr{"aria-labelledby", "picture-title picture-desc"})
	c.putln(`<title id="picture-title">Timeline: %s</title>`, c.heading())
	c.putln(`<desc id="picture-desc">%s</desc>`, c.contents())
	c.putln("<style>%s</style>", pictureStyle())
	c.put(hatch)
	c.draw("rect", attr{"width", "100%"}, attr{"height", "100%"}, attr{"class", "paper"})
	c.line(margin, 30, "heading", text.Line(d.Title))
	c.line(margin, 50, "sub", c.times())
	if len(c.lanes) > 0 {
		c.legend(margin, 62)
	}
	c.open("svg", attr{"x", margin}, attr{"y", top}, attr{"width", width}, attr{"height", height}, attr{"class", "free"})
	c.put("%s", &body.markup)
	c.shut("svg")
	for i, text := range below {
		c.line(margin, top+height+float64(i+1)*18, "sub", text)
	}
	c.shut("svg")
	_, err := io.WriteString(w, c.String())
	return err
}

func (c *canvas) line(x, y float64, class, text string) {
	c.write(text, attr{"x", x}, attr{"y", y}, attr{"class", class})
}

const hatch literal = `<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
	`<rect width="7" height="7" class="hatch-ground"/><line x1="0" x2="0" y1="0" y2="7" class="hatch-line"/></pattern></defs>` + "\n"

const swatchWidth = 28

type symbol struct{ class, text string }

// symbols are those that were drawn.
func (p *picture) symbols() []symbol {
	clamped := "cut off by maxReplicas"
	if p.limited {
		clamped += " or a limit"
	}
	return slices.DeleteFunc([]symbol{
		{"baseline", "baseline"},
		{"window", "window"},
		{"event", "event"},
		{"curve", "minReplicas"},
		{"shadow", "asked, another entry applies"},
		{"clamped", clamped},
		{"refused", "asked, not given"},
		{"live", "now, as planned"},
		{"differs", "now, not as planned"},
	}, func(s symbol) bool { return !p.seen[s.class] })
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
	for _, each := range c.symbols() {
		c.swatch(each.class, x, y)
		c.line(x+swatchWidth+6, y+12, "sub", each.text)
		x += swatchWidth + 22 + em(each.text, smallLetter)
	}
	c.line(x, y+12, "sub", "each lane has its own scale")
}

// width is that of a picture in a file. Within a page a picture is as wide as there is room, so that all places on its
// horizontal axis are percentages.
const width = 1200

// canvas writes a picture or a page, or a part of one.
type canvas struct {
	markup
	*picture
}

func (c *canvas) write(text string, attrs ...attr) {
	c.open("text", attrs...)
	c.put("%s", text)
	c.shut("text")
}

func (c *canvas) title(text string) { c.put("<title>%s</title>", text) }

func (c *canvas) upright(x share, y, height float64, class string) {
	c.draw("line", attr{"x1", x}, attr{"x2", x}, attr{"y1", y}, attr{"y2", y + height}, attr{"class", class})
}

// span is a part of a line of text that is shown where there is room for it.
type span struct {
	text, class string
	needs       float64 // how wide the picture has to be
	upper       float64 // from which width on something else replaces it; 0 for none
}

// text writes a line of text of spans, each of which needs the ones before it.
func (c *canvas) text(at share, y float64, anchor string, spans ...span) {
	if len(spans) == 0 || c.hidden(spans[0].needs) {
		return
	}
	c.open("text", attr{"x", at}, attr{"y", y}, attr{"text-anchor", anchor}, attr{"class", c.class(spans[0])})
	c.put("%s", spans[0].text)
	for _, s := range spans[1:] {
		if s.text != "" && !c.hidden(s.needs) {
			c.open("tspan", attr{"class", c.class(s)})
			c.put("%s</tspan>", s.text)
		}
	}
	c.shut("text")
}

// roomy are the widths of a page at which more is shown. chart.css has a rule for each.
func roomy() []int { return []int{320, 400, 500, 600, 700, 850, 1000, 1200} }

// narrowest is the width that a picture has at least: that of a page of 320 pixels, without its margins and a
// scroll bar.
const narrowest = 270

func (c *canvas) hidden(needs float64) bool {
	if c.fixed {
		return needs > width
	}
	return needs > float64(roomy()[len(roomy())-1])
}

// class returns the classes of a span, with those that hide it on pages that are too narrow or too wide.
func (c *canvas) class(s span) string {
	limit := func(kind string, width float64) string {
		for _, each := range roomy() {
			if width <= float64(each) {
				return " " + kind + strconv.Itoa(each)
			}
		}
		return ""
	}
	class := s.class
	if !c.fixed && s.needs > narrowest {
		class += limit("n", s.needs)
	}
	if s.upper > 0 && !c.hidden(s.upper) {
		class += limit("u", s.upper)
	}
	return strings.TrimSpace(class)
}

// em estimates how wide a text is, in pixels, in a font of the given size. It errs on the wide side.
func em(text string, size float64) float64 {
	wide := 0.0
	for _, r := range text {
		switch {
		case r >= 0x1100:
			wide++
		case strings.ContainsRune("iljtfrI.,:/' |", r):
			wide += 0.4
		case strings.ContainsRune("mwMW%—", r):
			wide += 0.95
		default:
			wide += 0.65
		}
	}
	return wide * size
}

func fitted(full string, room, size float64) string {
	most := 60
	for most > 8 && em(text.CutMiddle(full, most), size) > room {
		most--
	}
	return text.CutMiddle(full, most)
}
