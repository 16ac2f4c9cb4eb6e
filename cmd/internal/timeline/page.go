package timeline

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/controller"
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
}

type finding struct {
	Kind, Entry, HPA, Place, Since, Message string
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
	p.Facts = d.facts(lanes)
	p.Axis, p.Lanes = d.picture(lanes)
	d.fillFindings(p)
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
func (d *Document) picture(lanes []*lane) (axis, chart template.HTML) {
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

func (d *Document) fillFindings(p *page) {
	for i, f := range d.Findings {
		if i == maxFindings {
			p.MoreFindings = fmt.Sprintf("%s more%s.", counted(len(d.Findings)-i, "finding"), d.remedy())
			break
		}
		told := finding{Kind: string(f.Kind), Entry: plain(f.Entry), Message: plain(f.Message)}
		if f.HPA != nil {
			told.HPA = nameOf(f.HPA)
		}
		if d.Places != nil {
			told.Place = plain(d.Places(f.Entry))
		}
		if d.Forecast != nil {
			told.Entry = plain(d.Forecast.Schedule.Title(f.Entry))
		}
		if !f.From.IsZero() && f.Kind != controller.PastEvent {
			told.Since = exact(d.at(f.From), momentLayout)
		}
		if f.Warning() {
			p.Warnings = append(p.Warnings, told)
		} else {
			p.Notes = append(p.Notes, told)
		}
	}
}

func (d *Document) fillIdle(p *page, idle []*lane) {
	if len(idle) == 0 {
		return
	}
	p.IdleSummary = "Nothing is planned for " + counted(len(idle), "HPA")
	for i, l := range idle {
		if i == maxNames {
			p.MoreIdle = fmt.Sprintf("and %s more%s", counted(len(idle)-i, "HPA"), d.remedy())
			break
		}
		p.Idle = append(p.Idle, idleHPA{l.name, strings.Join(l.notes, "; "), l.baseline})
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

// facts returns what the reader should see first.
func (d *Document) facts(lanes []*lane) []fact {
	facts := []fact{d.nextChange()}
	if held, contested := d.standing(lanes); d.Live && d.inRange() {
		facts = append(facts, fact{Name: "Held now", Value: counted(held, "HPA"), More: contested, Alarm: contested != ""})
	}
	if d.Leader != "" {
		facts = append(facts, fact{Name: "Leader", Value: plain(d.Leader)})
	}
	if sha := d.Revision.SHA256; sha != "" {
		more := ""
		if !d.Revision.LoadedAt.IsZero() {
			more = "loaded " + exact(d.at(d.Revision.LoadedAt).Truncate(time.Minute), momentLayout)
		}
		facts = append(facts, fact{Name: "Schedule revision", Value: plain(sha[:min(12, len(sha))]), More: more})
	}
	return facts
}

// standing counts the HPAs above their baselines now, and says how many are not as planned.
func (d *Document) standing(lanes []*lane) (held int, contested string) {
	differ := 0
	for _, l := range lanes {
		if l.State.Condition == controller.Held {
			held++
		}
		if l.differs {
			differ++
		}
	}
	if differ > 0 {
		contested = counted(differ, "HPA") + " not as planned"
	}
	return held, contested
}

// nextChange says what happens next, and how long that is away.
func (d *Document) nextChange() fact {
	f := fact{Name: "Next change", Value: "none", More: "until " + exact(d.at(d.scale().to), momentLayout)}
	if d.Forecast == nil {
		return fact{Name: "Next change", Value: "unknown", More: "there is no valid schedule"}
	}
	var next []change
	for i := range d.Forecast.Outlooks {
		var before controller.Stretch
		for s := range d.Forecast.Outlooks[i].Stretches() {
			if before.To.Equal(s.From) && s.From.After(d.Now) && s.MinReplicas != before.MinReplicas {
				next = sooner(next, change{i, before, s})
				break
			}
			before = s
		}
	}
	if len(next) == 0 {
		return f
	}
	at := next[0].after.From
	f.Value = "in " + lasting(at.Sub(d.Now))
	r := d.row(next[0], d.at(at))
	f.More = fmt.Sprintf("%s: %s %d → %d (%s)", exact(d.at(at), momentLayout), r.HPA, r.From, r.To, r.Reason)
	if len(next) > 1 {
		f.More += fmt.Sprintf(" and %s", counted(len(next)-1, "more HPA"))
	}
	return f
}

// sooner keeps the changes that happen first.
func sooner(all []change, c change) []change {
	switch {
	case len(all) == 0 || c.after.From.Before(all[0].after.From):
		return []change{c}
	case c.after.From.Equal(all[0].after.From):
		return append(all, c)
	default:
		return all
	}
}
