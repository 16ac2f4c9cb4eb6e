package page

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
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
	c.describe(d, len(lanes))
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
	c.open("text", attr{"x", x}, attr{"y", y}, attr{"class", class})
	c.WriteString(escaped(text))
	c.shut("text")
}

// describe writes what the picture is called and what it shows, for those who do not see it.
func (c *canvas) describe(d *Document, lanes int) {
	c.WriteString(`<title id="picture-title">` + escaped("Timeline: "+d.heading()) + "</title>\n")
	c.WriteString(`<desc id="picture-desc">` + escaped(d.shown(lanes)) + "</desc>\n")
}

// shown says what a picture shows.
func (d *Document) shown(lanes int) string {
	return fmt.Sprintf("minReplicas of %s, %s, as steps over time: baselines grey, windows plain, events hatched.", text.GroupedCount(lanes, "HPA"), d.rangeText())
}

// hatch defines how events are filled.
func (c *canvas) hatch() {
	c.WriteString(`<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
		`<rect width="7" height="7" class="hatch-ground"/><line x1="0" x2="0" y1="0" y2="7" class="hatch-line"/></pattern></defs>` + "\n")
}

// scale returns the time axis. Without a forecast it is that of a day.
func (d *Document) scale() scale {
	if d.Forecast == nil || !d.Forecast.From.Before(d.Forecast.To) {
		return scale{d.Now, d.Now.Add(24 * time.Hour), d.Location}
	}
	return scale{d.Forecast.From, d.Forecast.To, d.Location}
}

func (d *Document) heading() string {
	if d.Title == "" {
		return "floorkeeper"
	}
	return text.Line(d.Title)
}

// rangeText says which time is shown.
func (d *Document) rangeText() string {
	s := d.scale()
	return text.Moment(d.at(s.from)) + " to " + text.Moment(d.at(s.to)) + ", times in " + text.Line(d.Location.String())
}

// planless says for how many HPAs nothing is planned, beside those that have a lane.
func planless(n, lanes int) string {
	if lanes > 0 {
		return "Nothing is planned for " + text.GroupedCount(n, "other HPA")
	}
	return "Nothing is planned for " + text.GroupedCount(n, "HPA")
}

// below returns what there is to say of the lanes.
func (d *Document) below(lanes, left int) []string {
	var lines []string
	switch {
	case d.Forecast != nil && len(d.Forecast.Outlooks) == 0 && !d.Assumed:
		lines = append(lines, "There is no HPA to look at.")
	case lanes == 0:
		lines = append(lines, "No entry covers any HPA in this time.")
	}
	if left > 0 {
		lines = append(lines, fmt.Sprintf("%s more are not drawn%s.", text.GroupedCount(left, "HPA"), d.remedy()))
	}
	for _, each := range d.scale().shifts() {
		lines = append(lines, d.shiftText(each))
	}
	return lines
}

func (d *Document) remedy() string {
	if d.Remedy == "" {
		return ""
	}
	return ": " + d.Remedy
}

// shiftText says what the clock does, and how long that day is.
func (d *Document) shiftText(s schedules.Shift) string {
	verb := "goes forward"
	if s.By < 0 {
		verb = "goes back"
	}
	return fmt.Sprintf("On %s at %s the clock %s to %s: that day has %s hours.", s.Before.Format(dayLayout), text.Clock(s.Before), verb,
		text.Clock(s.At), strconv.FormatFloat(hoursOf(s.At), 'f', -1, 64))
}
