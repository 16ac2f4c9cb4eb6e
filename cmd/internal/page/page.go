package page

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"time"

	"github.com/floorkeeper/floorkeeper/text"
)

//go:embed page.html
var pageHTML string

// page is what page.html is filled in with.
type page struct {
	Tab, Title, Range string
	AsOf              moment
	Policy            string // of a file; a server sends a header
	Style             template.CSS
	Mistake           string
	Facts, Background []fact
	Refused, Unread   []string
	Kept              bool // an earlier schedule stays in force
	Alarming, Calm    []standing
	MoreStanding      string
	Warnings          []finding
	Notes             []finding
	MoreFindings      string
	Picture           string // what the lanes show, in words
	Hatch, Axis       template.HTML
	Lanes             []template.HTML
	Legend            []key
	Scales            string
	NoMatch, NoFilter string // what is asked for and is not there, and the address without it
	Below             []string
	Openings          []opening
	OpeningsOpen      bool
	Days              []day
	Caption           string
	MoreRows          string
	Idle              []idleHPA
	IdleSummary       string
	MoreIdle          string
	Controls          *Controls
	Ranges            []rangeLink
	Live, Assumed     bool
	Empty             bool
}

// fact is one of the few things that the reader should see first.
type fact struct {
	Name, Value, More string
	Alarm             bool
	Href              string
}

type idleHPA struct{ Name, Note, Baseline string }

// rangeLink leads to the same page over another range.
type rangeLink struct {
	Text    string
	Href    string
	Current bool
}

// HTML writes the document as one self-contained HTML document, without scripts.
func HTML(w io.Writer, d *Document) error {
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
	p := &page{
		Tab: d.heading(), Title: d.heading(), AsOf: moment{d.Now.UTC().Format(time.RFC3339), text.Moment(d.at(d.Now).Truncate(time.Minute))},
		Style: template.CSS(pageStyle()), Mistake: text.Line(d.Mistake), //nolint:gosec // it is ours
		Refused: cleaned(d.Refused), Unread: cleaned(d.Unread), Kept: d.Forecast != nil,
		Controls: d.Controls, Live: d.Live, Assumed: d.Assumed, Empty: d.Forecast == nil, Background: d.background(),
	}
	if len(p.Refused) > 0 {
		p.Tab = "▲ Refused: " + p.Tab
	}
	if d.Controls == nil {
		p.Policy = filePolicy()
	} else if !p.Empty || p.Mistake != "" {
		p.Ranges = d.Controls.ranges()
	}
	if p.Empty {
		p.Facts = d.facts(nil, 0)
		return p
	}
	d.fill(p)
	return p
}

// fill fills in what a forecast tells.
func (d *Document) fill(p *page) {
	lanes, idle, left := d.lanes()
	p.Range = d.rangeText()
	p.Below = d.below(len(lanes), left)
	if len(d.Forecast.Outlooks) == 0 {
		if p.NoMatch, p.NoFilter = d.Controls.filter(); p.NoMatch != "" {
			p.Below = nil
		}
	}
	p.Alarming, p.Calm, p.MoreStanding = d.standing(lanes)
	d.picture(p, lanes)
	p.Openings, p.OpeningsOpen = d.openings(lanes), len(lanes) <= fewLanes
	p.Warnings, p.Notes, p.MoreFindings = d.findings()
	p.Facts = d.facts(lanes, len(p.Warnings))
	d.fillIdle(p, idle)
	changes, total := d.changes(maxRows)
	p.Days = d.days(changes)
	p.Caption = total.String() + ", " + p.Range
	if more := total.all() - len(changes); more > 0 {
		p.MoreRows = fmt.Sprintf("%s more after these%s.", text.GroupedCount(more, "row"), d.remedy())
	}
}

// picture draws axis and lanes. Each is a picture of its own: the axis can stay in sight, and paper ends between lanes.
func (d *Document) picture(p *page, lanes []*strip) {
	if len(lanes) == 0 {
		return
	}
	draw := func(wide string, height float64, inner *canvas, attrs ...attr) template.HTML {
		c := &canvas{}
		c.open("svg", append([]attr{{"width", wide}, {"height", height}}, attrs...)...)
		c.Write(inner.Bytes())
		c.shut("svg")
		return template.HTML(c.String()) //nolint:gosec // canvas escapes all that it writes
	}
	s, hatch, axis := d.scale(), &canvas{}, &canvas{}
	hatch.hatch()
	p.Hatch = draw("0", 0, hatch, attr{"class", "hatch"}, attr{"aria-hidden", "true"})
	p.Axis = draw("100%", axis.axis(d, s, 0), axis, attr{"class", "axis"}, attr{"aria-hidden", "true"})
	for _, l := range lanes {
		lane := &canvas{}
		p.Lanes = append(p.Lanes, draw("100%", lane.lane(d, s, l, plotHeight(len(lanes)), 0), lane))
	}
	p.Picture = "Timeline: " + d.heading() + ". " + d.shown(len(lanes))
	p.Legend, p.Scales = keys(d.symbols(lanes)), scales
}

func cleaned(texts []string) []string {
	var all []string
	for _, each := range texts {
		all = append(all, text.CutMiddle(text.Line(each), 600))
	}
	return all
}

func (d *Document) fillIdle(p *page, idle []*strip) {
	if len(idle) == 0 {
		return
	}
	p.IdleSummary = planless(len(idle), len(p.Lanes))
	for i, l := range idle {
		if i == maxNames {
			p.MoreIdle = fmt.Sprintf("and %s more%s", text.GroupedCount(len(idle)-i, "HPA"), d.remedy())
			break
		}
		p.Idle = append(p.Idle, idleHPA{l.name, tell(l.notes), l.known()})
	}
}

// ranges returns links to the usual lengths, with everything else as it is.
func (c *Controls) ranges() []rangeLink {
	var links []rangeLink
	for _, each := range []struct{ text, length string }{{"1 day", "1d"}, {"2 days", "2d"}, {"1 week", "7d"}, {"31 days", "31d"}} {
		asked := *c
		asked.For = each.length
		links = append(links, rangeLink{each.text, asked.address(), c.For == each.length})
	}
	return links
}

// address returns the query that asks for the controls.
func (c *Controls) address() string {
	query := make(url.Values)
	for key, value := range map[string]string{"from": c.From, "for": c.For, "tz": c.Zone, "namespace": c.Namespace, "name": c.Name} {
		if value != "" {
			query.Set(key, value)
		}
	}
	return "?" + query.Encode()
}

// filter says which HPAs are asked for, and returns the address at which all are.
func (c *Controls) filter() (asked, without string) {
	if c == nil {
		return "", ""
	}
	switch namespace, name := text.Line(c.Namespace), text.Line(c.Name); {
	case namespace != "" && name != "":
		asked = namespace + "/" + name
	case namespace != "":
		asked = "namespace " + namespace
	case name != "":
		asked = "name " + name
	}
	all := *c
	all.Namespace, all.Name = "", ""
	return asked, all.address()
}
