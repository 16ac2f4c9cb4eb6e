package timeline

// Measures of a lane, in pixels.
const (
	nameLine   = 14 // from its top to the line on which the name stands
	noteHeight = 17
	headroom   = 36 // from its top, or from its last note, to the upper end of the scale
	laneGap    = 16
)

// plotHeight returns how tall the scale of a lane is: the fewer there are, the more room each has.
func plotHeight(lanes int) float64 {
	switch {
	case lanes <= 3:
		return 96
	case lanes <= 12:
		return 60
	default:
		return 42
	}
}

// height returns how tall a lane is around its scale.
func (l *strip) height(plot float64) float64 {
	return headroom + plot + laneGap + float64(noteHeight*len(l.notes))
}

// chart draws the lanes from the height y on, and returns where they end.
func (c *canvas) chart(d *Document, s scale, lanes []*strip, y float64) float64 {
	height, tall := 0.0, plotHeight(len(lanes))
	for _, l := range lanes {
		height += l.height(tall)
	}
	c.grid(s, y, height)
	plots := make([]plot, len(lanes))
	for i, l := range lanes {
		plots[i] = plot{c, s, l, y + l.height(tall) - laneGap, tall, l.top()}
		c.open("g", attr{"class", "lane"})
		plots[i].areas(d.Forecast.Schedule)
		c.shut("g")
		y += l.height(tall)
	}
	if d.inRange() {
		x := share(s.x(d.Now))
		c.draw("line", attr{"x1", x}, attr{"x2", x}, attr{"y1", y - height}, attr{"y2", y}, attr{"class", "now-line"})
	}
	for _, p := range plots {
		p.words()
		p.live(d)
	}
	return y
}
