package timeline

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"net/url"
)

//go:embed page.html
var pageHTML string

// page is what page.html is filled in with.
type page struct {
	Title, Range  string
	Policy        string // of a file; a server sends a header
	Style         template.CSS
	Facts         []fact
	Refused       []string
	Kept          bool // an earlier schedule stays in force
	Standing      []standing
	MoreStanding  string
	Warnings      []finding
	Notes         []finding
	MoreFindings  string
	Axis, Lanes   template.HTML
	LaneCount     int
	Below         []string
	Days          []day
	Caption       string
	MoreRows      string
	Idle          []idleHPA
	IdleSummary   string
	MoreIdle      string
	Controls      *Controls
	Ranges        []rangeLink
	Live, Assumed bool
	Empty         bool
}

// fact is one of the few things that the reader should see first.
type fact struct {
	Name, Value, More string
	Alarm             bool
	Href              string
}

type idleHPA struct {
	Name, Note string
	Baseline   int32
}

// rangeLink leads to the same page over another range.
type rangeLink struct {
	Text    string
	Href    string
	Current bool
}

// Page writes the document as one self-contained HTML document, without scripts.
func Page(w io.Writer, d *Document) error {
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("cannot read the page's template: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, d.page()); err != nil {
		return fmt.Errorf("cannot fill in the page: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

func (d *Document) page() *page {
	lanes, idle, left := d.lanes()
	p := &page{
		Title: d.heading(), Range: d.rangeText(), Style: template.CSS(pageStyle()), //nolint:gosec // it is ours
		Refused: cleaned(d.Refused), Kept: d.Forecast != nil,
		LaneCount: len(lanes), Below: d.below(len(lanes), len(idle), left),
		Controls: d.Controls, Live: d.Live, Assumed: d.Assumed, Empty: d.Forecast == nil,
	}
	if d.Controls == nil {
		p.Policy = filePolicy()
	} else {
		p.Ranges = d.Controls.ranges()
	}
	p.Standing, p.MoreStanding = d.standing(lanes)
	p.Axis, p.Lanes = d.picture(lanes)
	p.Warnings, p.Notes, p.MoreFindings = d.findings()
	p.Facts = d.facts(lanes, len(p.Warnings))
	d.fillIdle(p, idle)
	changes, total := d.changes(maxRows)
	p.Days = d.days(changes)
	p.Caption = fmt.Sprintf("%s of minReplicas, %s", counted(total, "change"), p.Range)
	if total > len(changes) {
		p.MoreRows = fmt.Sprintf("%s more after these%s.", counted(total-len(changes), "change"), d.remedy())
	}
	return p
}

// picture draws axis and lanes. The axis is a picture of its own, so that it can stay in sight.
func (d *Document) picture(lanes []*strip) (axis, chart template.HTML) {
	if d.Forecast == nil || len(lanes) == 0 {
		return "", ""
	}
	draw := func(inner *canvas, height float64, class string, attrs ...attr) template.HTML {
		c := &canvas{}
		c.open("svg", append([]attr{{"class", class}, {"width", "100%"}, {"height", height}}, attrs...)...)
		if class == "lanes" {
			c.describe(d, len(lanes))
			c.hatch()
		}
		c.Write(inner.Bytes())
		c.shut("svg")
		return template.HTML(c.String()) //nolint:gosec // canvas escapes all that it writes
	}
	top, body := &canvas{}, &canvas{}
	axis = draw(top, top.axis(d, d.scale(), 0), "axis", attr{"aria-hidden", "true"})
	chart = draw(body, body.chart(d, d.scale(), lanes, 0), "lanes", attr{"role", "img"}, attr{"aria-labelledby", "picture-title picture-desc"})
	return axis, chart
}

func cleaned(texts []string) []string {
	var all []string
	for _, text := range texts {
		all = append(all, shortened(plain(text), 600))
	}
	return all
}

func (d *Document) fillIdle(p *page, idle []*strip) {
	if len(idle) == 0 {
		return
	}
	p.IdleSummary = "Nothing is planned for " + counted(len(idle), "HPA")
	for i, l := range idle {
		if i == maxNames {
			p.MoreIdle = fmt.Sprintf("and %s more%s", counted(len(idle)-i, "HPA"), d.remedy())
			break
		}
		p.Idle = append(p.Idle, idleHPA{l.name, tell(l.notes), l.baseline})
	}
}

// ranges returns links to the usual lengths, with everything else as it is.
func (c *Controls) ranges() []rangeLink {
	var links []rangeLink
	for _, each := range []struct{ text, length string }{{"1 day", "1d"}, {"2 days", "2d"}, {"1 week", "7d"}, {"31 days", "31d"}} {
		query := url.Values{"for": {each.length}}
		for key, value := range map[string]string{"from": c.From, "tz": c.Zone, "namespace": c.Namespace, "name": c.Name} {
			if value != "" {
				query.Set(key, value)
			}
		}
		links = append(links, rangeLink{each.text, "?" + query.Encode(), c.For == each.length})
	}
	return links
}
