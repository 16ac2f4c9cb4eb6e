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

// HTML writes the document as one self-contained HTML document, without scripts.
func HTML(w io.Writer, d *Document) error {
	t, err := template.New("page").Funcs(template.FuncMap{"line": text.Line, "clean": clean, "style": pageStyle, "policy": filePolicy}).Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("cannot read the page's template: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, d.picture(false)); err != nil {
		return fmt.Errorf("cannot fill in the page: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// clean returns a text that may be long and hostile on one line.
func clean(s string) string { return text.CutMiddle(text.Line(s), 600) }

// AsOf returns the instant of rendering.
func (p *picture) AsOf() moment {
	return moment{p.Now.UTC().Format(time.RFC3339), p.moment(p.Now.Truncate(time.Minute))}
}

// Hatch, Axis and Lanes are pictures of their own: the axis can stay in sight, and paper ends between lanes.
func (p *picture) Hatch() template.HTML {
	return p.part("0", (*canvas).hatch, attr{"class", "hatch"}, attr{"aria-hidden", "true"})
}

func (p *picture) Axis() template.HTML {
	return p.part("100%", func(c *canvas) float64 { return c.axis(0) }, attr{"class", "axis"}, attr{"aria-hidden", "true"})
}

func (p *picture) Lanes() (all []template.HTML) {
	for _, l := range p.lanes {
		all = append(all, p.part("100%", func(c *canvas) float64 { return c.lane(l, 0) }))
	}
	return all
}

// part returns what draw draws as a picture of the height that it returns.
func (p *picture) part(wide string, draw func(*canvas) float64, attrs ...attr) template.HTML {
	outer, inner := &canvas{}, &canvas{picture: p}
	height := draw(inner)
	outer.open("svg", append([]attr{{"width", wide}, {"height", height}}, attrs...)...)
	outer.Write(inner.Bytes())
	outer.shut("svg")
	return outer.html()
}

// Idle returns the first of the HPAs without a plan.
func (p *picture) Idle() (all []remark) {
	for _, l := range p.idle[:min(len(p.idle), maxNames)] {
		about := l.known()
		if len(l.notes) > 0 {
			about += " · " + l.noted()
		}
		all = append(all, remark{l.name, about})
	}
	return all
}

func (p *picture) MoreIdle() string {
	if len(p.idle) <= maxNames {
		return ""
	}
	return fmt.Sprintf("and %s more%s", text.GroupedCount(len(p.idle)-maxNames, "HPA"), p.remedy())
}
