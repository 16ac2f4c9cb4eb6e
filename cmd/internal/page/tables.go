package page

// beginning is the table of what is in effect when the range begins.
func (c *canvas) beginning() {
	all := c.openings()
	if len(all) == 0 {
		return
	}
	c.putln(`<section aria-labelledby="beginning">
<h2 id="beginning">At the beginning</h2>
<details%s>
<summary>What is in effect when the range begins%s</summary>
<table role="table" class="openings">
<thead role="rowgroup">`, when(len(all) <= 12, " open"), when(c.Live, ", and what minReplicas is now"))
	c.put(`<tr role="row">` +
		`<th role="columnheader" scope="col">HPA</th>` +
		`<th role="columnheader" scope="col" class="amount">Baseline</th>` +
		`<th role="columnheader" scope="col" class="amount">Max</th>` +
		`<th role="columnheader" scope="col" class="amount">minReplicas</th>` +
		`<th role="columnheader" scope="col" class="amount">Floor</th>`)
	c.putln(`%s<th role="columnheader" scope="col">Entry</th></tr>
</thead>
<tbody role="rowgroup">`, when(c.Live, `<th role="columnheader" scope="col" class="amount">Now</th>`))
	for _, o := range all {
		c.opening(o)
	}
	c.putln(`</tbody>
</table>
</details>
</section>`)
}

func (c *canvas) opening(o opening) {
	c.putln(`<tr role="row">
<th role="rowheader" scope="row" class="hpa"><bdi>%s</bdi></th>
<td role="cell" class="amount" data-label="baseline">%s</td>
<td role="cell" class="amount" data-label="max">%s</td>
<td role="cell" class="amount" data-label="minReplicas">%s</td>
<td role="cell" class="amount" data-label="floor">%s</td>`, o.hpa, o.baseline, o.max, o.replicas, o.floor)
	if c.Live {
		c.putln(`<td role="cell" class="amount%s" data-label="now">%s</td>`, when(o.alarm, " alarm"), o.live)
	}
	c.putln(`<td role="cell" class="reason">%s</td>
</tr>`, o.entry)
}

// everyChange is the table of all changes, day by day.
func (c *canvas) everyChange() {
	c.putln(`<section aria-labelledby="changes" class="changes">
<h2 id="changes" tabindex="-1">Every change</h2>`)
	if all := c.table(); len(all.days) > 0 {
		c.dayByDay(all)
	} else {
		c.putln("<p>Nothing changes in this time.</p>")
	}
	c.putln("</section>")
}

func (c *canvas) dayByDay(all table) {
	c.putln(`<table role="table">
<caption>%s</caption>
<thead role="rowgroup">`, all.caption)
	c.putln(`<tr role="row">` +
		`<th role="columnheader" scope="col">Time</th>` +
		`<th role="columnheader" scope="col">UTC</th>` +
		`<th role="columnheader" scope="col">HPA</th>` +
		`<th role="columnheader" scope="col" class="amount">minReplicas</th>` +
		`<th role="columnheader" scope="col" class="amount">Floor</th>` +
		`<th role="columnheader" scope="col">Reason</th></tr>
</thead>`)
	for _, d := range all.days {
		c.put(`<tbody role="rowgroup">
<tr role="row" class="date"><th role="rowheader" scope="rowgroup" colspan="6" aria-colspan="6">%s`, d.name)
		if d.note != "" {
			c.put(" <span>%s</span>", d.note)
		}
		c.putln("</th></tr>")
		for i := range d.rows {
			c.change(&d.rows[i])
		}
		c.putln("</tbody>")
	}
	c.putln("</table>")
	if all.more != "" {
		c.putln(`<p class="more">%s</p>`, all.more)
	}
}

func (c *canvas) change(r *line) {
	c.put(`<tr role="row">
<td role="cell" class="time">`)
	c.time(r.moment)
	c.put(`</td>
<td role="cell" class="utc">%s</td>
<th role="rowheader" scope="row" class="hpa"><bdi>%s</bdi></th>
<td role="cell" class="amount step">`, r.utc, r.hpa)
	if r.stays {
		c.put("stays")
	} else {
		c.put(`%s <span aria-hidden="true">→</span><span class="unseen"> to </span>`, r.from)
	}
	c.put(` <strong>%s</strong></td>
<td role="cell" class="amount floor">%s</td>
<td role="cell" class="reason">%s`, r.to, r.floor, r.reason)
	switch {
	case r.alarm:
		c.put(`, <span class="alarm">▲ %s</span>`, r.note)
	case r.note != "":
		c.put(`, <span class="aside">%s</span>`, r.note)
	}
	if len(r.steps) > 0 {
		c.steps(r)
	}
	c.putln("</td>\n</tr>")
}

func (c *canvas) steps(r *line) {
	c.putln(`
<details><summary>%s</summary><ol class="steps">`, r.until)
	for _, step := range r.steps {
		c.putln("<li>%s</li>", step)
	}
	c.put("</ol></details>")
}
