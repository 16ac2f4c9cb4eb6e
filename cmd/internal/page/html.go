package page

import (
	"io"
	"time"

	"github.com/floorkeeper/floorkeeper/text"
)

// HTML writes the document as one self-contained HTML document, without scripts. Its sections are in sections.go and
// tables.go, in the order of the page.
func HTML(w io.Writer, d *Document) error {
	c := &canvas{picture: d.picture(false)}
	c.head()
	c.putln("<body>")
	c.header()
	c.main()
	c.putln("<footer><p>Drawn by floorkeeper%s.</p></footer>", when(c.Live, ". Reload for the current state"))
	c.putln("</body>\n</html>")
	_, err := io.WriteString(w, c.String())
	return err
}

func (c *canvas) head() {
	c.putln(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">`)
	if c.Controls == nil {
		c.putln(`<meta http-equiv="Content-Security-Policy" content="%s">`, policy(fileDirectives))
	}
	c.putln(`<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>%s%s</title>`, when(len(c.Refused) > 0, "▲ Refused: "), c.heading())
	if c.Controls != nil {
		c.putln(`<link rel="icon" type="image/svg+xml" href="icon.svg">`)
	}
	c.putln("<style>%s</style>\n</head>", pageStyle())
}

func (c *canvas) header() {
	if c.Forecast != nil {
		c.putln(`<a class="skip" href="#changes">Skip to the table of changes</a>`)
	} else {
		c.putln(`<a class="skip" href="#content">Skip to the content</a>`)
	}
	c.putln("<header>\n<h1>%s</h1>", c.heading())
	if c.Forecast != nil {
		c.put(`<p class="range">%s, as of `, c.times())
	} else {
		c.put(`<p class="range">As of `)
	}
	c.time(c.asOf())
	c.putln("</p>")
	if c.Assumed {
		c.putln(`<p class="range">No HPAs were given: each lane represents a target of the schedule, with an assumed baseline.</p>`)
	}
	if c.Controls != nil && (c.Forecast != nil || c.Mistake != "") {
		c.ranges()
	}
	c.putln("</header>")
}

func (p *picture) asOf() moment {
	return moment{p.Now.UTC().Format(time.RFC3339), p.moment(p.Now.Truncate(time.Minute))}
}

func (c *canvas) time(m moment) { c.put(`<time datetime="%s">%s</time>`, m.machine, m.local) }

// ranges is the way to other ranges: the usual ones, and a form.
func (c *canvas) ranges() {
	c.putln(`<nav aria-label="Range">
<ul class="ranges">`)
	for _, link := range c.links() {
		c.putln(`<li><a href="%s"%s>%s</a></li>`, link.href, when(link.current, ` aria-current="page"`), link.text)
	}
	q := c.Controls
	c.putln(`</ul>
<details%s>
<summary>Another range or fewer HPAs</summary>
<form method="get">
<p><label for="from">From</label><input id="from" name="from" value="%s" placeholder="2026-12-18T18:00" maxlength="40" autocomplete="off"></p>
<p><label for="for">For</label><input id="for" name="for" value="%s" placeholder="36h, 7d" maxlength="20" autocomplete="off"></p>
<p><label for="tz">Time zone</label><input id="tz" name="tz" value="%s" placeholder="Europe/Paris" maxlength="64" autocomplete="off"></p>
<p><label for="namespace">Namespace</label><input id="namespace" name="namespace" value="%s" maxlength="253" autocomplete="off"></p>
<p><label for="name">HPA</label><input id="name" name="name" value="%s" maxlength="253" autocomplete="off"></p>
<p><button type="submit">Show</button></p>
</form>
</details>
</nav>`, when(c.Mistake != "" || q.Namespace != "" || q.Name != "", " open"), q.From, q.For, q.Zone, q.Namespace, q.Name)
}

func (c *canvas) main() {
	c.putln(`<main id="content" tabindex="-1">`)
	c.problems()
	found := c.found()
	if c.Mistake == "" {
		c.atAGlance(len(found.warnings))
	}
	if c.Forecast != nil {
		c.timeline()
		c.standing()
		c.findings(found)
		c.beginning()
		c.everyChange()
		c.withoutPlan()
	}
	c.background()
	c.putln("</main>")
}

// problems are what is wrong with what was to be shown.
func (c *canvas) problems() {
	if len(c.Refused) > 0 {
		sentence := "There is no valid schedule yet, so nothing is touched."
		if c.Forecast != nil {
			sentence = "A later edit is invalid. The last good schedule stays in force, and is what this page shows."
		}
		c.problem("refused", "The schedule was refused", sentence, c.Refused)
	}
	if len(c.Unread) > 0 {
		c.problem("unread", "Not everything can be read", "What was read before is what this page shows.", c.Unread)
	}
	if c.Mistake != "" {
		c.problem("mistake", "This cannot be shown", text.Line(c.Mistake), nil)
	}
}

func (c *canvas) problem(id, heading literal, sentence string, lines []string) {
	c.putln(`<section class="refused" aria-labelledby="%s-heading">
<h2 id="%s-heading"><span aria-hidden="true">▲ </span>%s</h2>
<p>%s</p>`, id, id, heading, sentence)
	if len(lines) > 0 {
		c.putln("<ul>")
		for _, line := range lines {
			c.putln("<li><code>%s</code></li>", clean(line))
		}
		c.putln("</ul>")
	}
	c.putln("</section>")
}

func clean(s string) string { return text.CutMiddle(text.Line(s), 600) }
