package page

import "github.com/floorkeeper/floorkeeper/text"

func (c *canvas) atAGlance(warnings int) {
	c.putln(`<section aria-labelledby="facts-heading">
<h2 id="facts-heading" class="unseen">At a glance</h2>
<dl class="facts">`)
	c.facts(c.keyFacts(warnings))
	c.putln("</dl>\n</section>")
}

func (c *canvas) facts(facts []fact) {
	for _, f := range facts {
		c.put("<div><dt>%s</dt><dd><strong>%s</strong>", f.name, f.value)
		switch {
		case f.href != "":
			c.put(`<a href="%s">%s</a>`, f.href, f.more)
		case f.alarm:
			c.put(`<span class="alarm">▲ %s</span>`, f.more)
		case f.more != "":
			c.put("<span>%s</span>", f.more)
		}
		c.putln("</dd></div>")
	}
}

func (c *canvas) timeline() {
	c.putln(`<section aria-labelledby="timeline-heading" class="timeline">
<h2 id="timeline-heading">Timeline</h2>`)
	if len(c.lanes) > 0 {
		c.chart()
	}
	if q := c.Controls; q != nil && len(c.Forecast.Outlooks) == 0 && q.filter() != "" {
		c.putln(`<p class="more">No HPA matches %s. <a href="%s">Show all HPAs</a></p>`, q.filter(), q.unfiltered())
	} else {
		for _, line := range c.below() {
			c.putln(`<p class="more">%s</p>`, line)
		}
	}
	c.putln("</section>")
}

// chart draws the axis and the lanes as pictures of their own: the axis can stay in sight, and paper ends between lanes.
func (c *canvas) chart() {
	var lanes []*markup // which tell what the legend has to explain
	for _, l := range c.lanes {
		lanes = append(lanes, c.part(func(c *canvas) float64 { return c.lane(l, 0) }))
	}
	c.putln(`<svg width="0" height="0" class="hatch" aria-hidden="true">%s</svg>
`, hatch)
	c.putln(`<ul class="legend">`)
	for _, each := range c.symbols() {
		c.put("<li>")
		c.swatch(each.class, 0, 0)
		c.putln("%s</li>", each.text)
	}
	c.putln(`<li>each lane has its own scale</li>
</ul>
<div class="chart" role="img" aria-label="Timeline: %s. %s">`, c.heading(), c.contents())
	axis := c.part(func(c *canvas) float64 { return c.axis(0) }, attr{"class", "axis"}, attr{"aria-hidden", "true"})
	for _, part := range append([]*markup{axis}, lanes...) {
		c.putln("%s", part)
	}
	c.putln("</div>")
}

// part draws a picture that is as high as what is in it.
func (p *picture) part(draw func(*canvas) float64, attrs ...attr) *markup {
	outer, inner := &markup{}, &canvas{picture: p}
	height := draw(inner)
	outer.open("svg", append([]attr{{"width", "100%"}, {"height", height}}, attrs...)...)
	outer.put("%s", &inner.markup)
	outer.shut("svg")
	return outer
}

// standing are the HPAs that are not as the schedule asks for.
func (c *canvas) standing() {
	all := c.deviations()
	if len(all.alarming) > 0 {
		c.putln(`<section class="standing alarming" aria-labelledby="alarming-heading">
<h2 id="alarming-heading"><span aria-hidden="true">▲ </span>Not as planned</h2>
<ul>`)
		c.remarks(all.alarming)
		c.putln("</ul>\n</section>")
	}
	if len(all.calm) > 0 {
		c.putln(`<section class="standing" aria-labelledby="calm-heading">
<h2 id="calm-heading">Left alone</h2>
<ul>`)
		c.remarks(all.calm)
		c.putln("</ul>\n</section>")
	}
	if all.more != "" {
		c.putln(`<p class="more">%s</p>`, all.more)
	}
}

func (c *canvas) remarks(all []remark) {
	for _, r := range all {
		c.putln("<li><bdi>%s</bdi> <span>%s</span></li>", r.hpa, r.text)
	}
}

func (c *canvas) findings(all findings) {
	if len(all.warnings)+len(all.notes) == 0 {
		return
	}
	heading := "Good to know"
	if len(all.warnings) > 0 {
		heading = "Warnings"
	}
	c.putln(`<section aria-labelledby="findings-heading">
<h2 id="findings-heading" tabindex="-1">%s</h2>`, heading)
	if len(all.warnings) > 0 {
		c.putln(`<ul class="findings">`)
		c.items(all.warnings)
		c.putln("</ul>")
	}
	if len(all.notes) > 0 {
		c.putln(`<details%s>
<summary>%s, nothing to do</summary>
<ul class="findings notes">`, when(len(all.warnings) == 0, " open"), text.GroupedCount(len(all.notes), "note"))
		c.items(all.notes)
		c.putln("</ul>\n</details>")
	}
	if all.more != "" {
		c.putln(`<p class="more">%s</p>`, all.more)
	}
	c.putln("</section>")
}

func (c *canvas) items(findings []finding) {
	for _, f := range findings {
		c.put("<li><p><strong><bdi>%s</bdi></strong>", f.entry)
		if f.on != "" {
			c.put(` <span class="of">on <bdi>%s</bdi></span>`, f.on)
		}
		if f.since != "" {
			c.put(` <span class="of">from %s</span>`, f.since)
		}
		c.putln("</p><p>%s</p>", f.message)
		if len(f.others) > 0 {
			c.others(f)
		}
		c.put(`<p class="kind">%s`, f.kind)
		if f.place != "" {
			c.put(" · <code>%s</code>", f.place)
		}
		c.putln("</p></li>")
	}
}

func (c *canvas) others(f finding) {
	c.putln("<details><summary>And on %s</summary><ul>", text.GroupedCount(len(f.others), "more HPA"))
	for _, other := range f.others {
		c.putln("<li><bdi>%s</bdi>: %s</li>", other.hpa, other.text)
	}
	if f.more != "" {
		c.putln("<li>%s</li>", f.more)
	}
	c.putln("</ul></details>")
}

// withoutPlan are the HPAs that have no lane.
func (c *canvas) withoutPlan() {
	if len(c.idle) == 0 {
		return
	}
	c.putln(`<section aria-labelledby="idle-heading">
<h2 id="idle-heading">Without a plan</h2>
<details>
<summary>%s</summary>
<ul class="idle">`, c.planless())
	for _, l := range c.idle[:min(len(c.idle), maxNames)] {
		about := l.known()
		if len(l.notes) > 0 {
			about += " · " + l.noted()
		}
		c.remarks([]remark{{l.name, about}})
	}
	if more := len(c.idle) - maxNames; more > 0 {
		c.putln("<li>and %s more%s</li>", text.GroupedCount(more, "HPA"), c.remedy())
	}
	c.putln(`</ul>
</details>
</section>`)
}

// background is where the page comes from.
func (c *canvas) background() {
	facts := c.sources()
	if len(facts) == 0 {
		return
	}
	c.putln(`<section aria-labelledby="background-heading">
<h2 id="background-heading" class="unseen">Where this comes from</h2>
<dl class="facts background">`)
	c.facts(facts)
	c.putln("</dl>\n</section>")
}
