package page

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/floorkeeper/floorkeeper/text"
)

//go:embed page.html
var pageHTML string

// page is what page.html is filled in with.
type page struct {
	*Document
	Tab, Title, Range string
	AsOf              moment
	Policy            string // of a file; a server sends a header
	Style             template.CSS
	Mistake           string
	Facts, Background []fact
	Refused, Unread   []string
	Alarming, Calm    []remark
	MoreDeviations    string
	Warnings, Notes   []finding
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
	Idle              []remark
	IdleSummary       string
	MoreIdle          string
	Ranges            []rangeLink
	Empty             bool
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
		Document: d, Tab: d.heading(), Title: d.heading(), AsOf: moment{d.Now.UTC().Format(time.RFC3339), text.Moment(d.at(d.Now).Truncate(time.Minute))},
		Style: template.CSS(pageStyle()), Mistake: text.Line(d.Mistake), //nolint:gosec // it is ours
		Refused: cleaned(d.Refused), Unread: cleaned(d.Unread), Empty: d.Forecast == nil, Background: d.background(),
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
	} else {
		p.fill()
	}
	return p
}

// fill fills in what depends on a forecast.
func (p *page) fill() {
	lanes, idle, left := p.lanes()
	p.Range, p.Below = p.rangeText(), p.below(len(lanes), left)
	if len(p.Forecast.Outlooks) == 0 && p.Controls != nil {
		if p.NoMatch, p.NoFilter = p.Controls.filter(); p.NoMatch != "" {
			p.Below = nil
		}
	}
	p.Alarming, p.Calm, p.MoreDeviations = p.deviations(lanes)
	p.draw(lanes)
	p.Openings, p.OpeningsOpen = p.openings(lanes), len(lanes) <= fewLanes
	p.Warnings, p.Notes, p.MoreFindings = p.findings()
	p.Facts = p.facts(lanes, len(p.Warnings))
	if len(idle) > 0 {
		p.IdleSummary = planless(len(idle), len(lanes))
	}
	if more := len(idle) - maxNames; more > 0 {
		idle, p.MoreIdle = idle[:maxNames], fmt.Sprintf("and %s more%s", text.GroupedCount(more, "HPA"), p.remedy())
	}
	for _, l := range idle {
		about := l.known()
		if len(l.notes) > 0 {
			about += " · " + l.noted()
		}
		p.Idle = append(p.Idle, remark{l.name, about})
	}
	changes, total := p.changes(maxRows)
	p.Days, p.Caption = p.days(changes), total.String()+", "+p.Range
	if more := total.changes + total.stays - len(changes); more > 0 {
		p.MoreRows = fmt.Sprintf("%s more after these%s.", text.GroupedCount(more, "row"), p.remedy())
	}
}

// draw draws axis and lanes. Each is a picture of its own: the axis can stay in sight, and paper ends between lanes.
func (p *page) draw(lanes []*lane) {
	if len(lanes) == 0 {
		return
	}
	picture := func(wide string, height float64, inner *canvas, attrs ...attr) template.HTML {
		c := &canvas{}
		c.open("svg", append([]attr{{"width", wide}, {"height", height}}, attrs...)...)
		c.Write(inner.Bytes())
		c.shut("svg")
		return c.html()
	}
	s, hatch, axis := p.scale(), &canvas{}, &canvas{}
	hatch.hatch()
	p.Hatch = picture("0", 0, hatch, attr{"class", "hatch"}, attr{"aria-hidden", "true"})
	p.Axis = picture("100%", axis.axis(p.Document, s, 0), axis, attr{"class", "axis"}, attr{"aria-hidden", "true"})
	for _, l := range lanes {
		c := &canvas{}
		p.Lanes = append(p.Lanes, picture("100%", c.lane(p.Document, s, l, plotHeight(len(lanes)), 0), c))
	}
	p.Picture = "Timeline: " + p.heading() + ". " + p.contents(len(lanes))
	p.Legend, p.Scales = keys(p.symbols(lanes)), scales
}

func cleaned(texts []string) (all []string) {
	for _, each := range texts {
		all = append(all, text.CutMiddle(text.Line(each), 600))
	}
	return all
}
