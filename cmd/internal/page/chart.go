package page

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

// lane draws an HPA from the height y on, and returns where it ends. Its words stand over everything that runs through it.
func (c *canvas) lane(d *Document, s scale, l *strip, tall, y float64) float64 {
	height := l.height(tall)
	p := plot{c, s, l, y + height - laneGap, tall, l.top()}
	c.grid(s, y, height)
	c.open("g", attr{"class", "lane"})
	p.areas(d.Forecast.Schedule)
	c.shut("g")
	if d.inRange() {
		c.upright(share(s.x(d.Now)), y, height, "now-line")
	}
	p.words()
	p.live(d)
	return y + height
}
