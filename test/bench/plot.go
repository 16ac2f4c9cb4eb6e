package main

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The picture, in pixels.
const (
	panelWidth, panelHeight = 340.0, 190.0
	panelLeft, panelTop     = 62.0, 54.0 // within its cell
	cellWidth, cellHeight   = 440.0, 300.0
)

// panel is one of the plot's diagrams, with a logarithmic scale on both axes.
type panel struct {
	title, of, by, x string
	points           []point
	low, high        [2]float64 // the decades of x and y
}

// plot draws the points of the results.
func (r *results) plot() string {
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%g" height="%g" viewBox="0 0 %g %g" role="img" aria-labelledby="title">`+"\n",
		2*cellWidth, 3*cellHeight, 2*cellWidth, 3*cellHeight)
	out.WriteString("<title id=\"title\">Boundary time, memory and the cost of a decision, by the number of HPAs and of entries</title>\n<style>" + plotStyle + "</style>\n")
	out.WriteString(`<rect width="100%" height="100%" class="paper"/>` + "\n")
	for i, p := range []panel{
		{title: "Boundary, instant to last raise (s)", of: "boundary", by: "HPAs", x: "HPAs, 1 entry"},
		{title: "Boundary, instant to last raise (s)", of: "boundary", by: "entries", x: "entries, 1,000 HPAs"},
		{title: "Resident memory after a boundary (MiB)", of: "memory", by: "HPAs", x: "HPAs, 1 entry"},
		{title: "Resident memory after a boundary (MiB)", of: "memory", by: "entries", x: "entries, 1,000 HPAs"},
		{title: "One decision, At (µs)", of: "at", by: "HPAs", x: "HPAs, 100 entries"},
		{title: "One decision, At (µs)", of: "at", by: "entries", x: "entries, 10,000 HPAs"},
	} {
		p.take(r.Points)
		fmt.Fprintf(&out, `<g transform="translate(%g %g)">`+"\n", float64(i%2)*cellWidth, math.Floor(float64(i)/2)*cellHeight)
		p.draw(&out)
		out.WriteString("</g>\n")
	}
	out.WriteString("</svg>\n")
	return out.String()
}

const plotStyle = `
text { font: 12px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600 } .number { fill: #59636e }
.paper { fill: #fff } .grid { stroke: #d1d9e0; stroke-width: 1 } .frame { stroke: #818b98; fill: none }
path { fill: none; stroke-width: 2 } .s0 { stroke: #0969da } .s1 { stroke: #bc4c00; stroke-dasharray: 5 3 } .s2 { stroke: #1a7f37; stroke-dasharray: 2 3 }
circle.s0 { fill: #0969da } circle.s1 { fill: #bc4c00; stroke-dasharray: none } circle.s2 { fill: #1a7f37; stroke-dasharray: none }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .number { fill: #9198a1 } .paper { fill: #0d1117 } .grid { stroke: #3d444d } .frame { stroke: #9198a1 }
.s0, circle.s0 { stroke: #4493f8 } .s1, circle.s1 { stroke: #db6d28 } .s2, circle.s2 { stroke: #3fb950 }
circle.s0 { fill: #4493f8 } circle.s1 { fill: #db6d28 } circle.s2 { fill: #3fb950 }
}
`

// take keeps the points of the panel and finds its decades.
func (p *panel) take(points []point) {
	p.low, p.high = [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, one := range points {
		if one.Panel != p.of || one.By != p.by || one.X <= 0 || one.Y <= 0 {
			continue
		}
		p.points = append(p.points, one)
		for axis, value := range [2]float64{float64(one.X), one.Y} {
			p.low[axis] = min(p.low[axis], math.Floor(math.Log10(value)))
			p.high[axis] = max(p.high[axis], math.Ceil(math.Log10(value)))
		}
	}
	for axis := range p.low {
		p.high[axis] = max(p.high[axis], p.low[axis]+1)
	}
}

// place returns where a point is.
func (p *panel) place(x, y float64) (float64, float64) {
	across := (math.Log10(x) - p.low[0]) / (p.high[0] - p.low[0])
	up := (math.Log10(y) - p.low[1]) / (p.high[1] - p.low[1])
	return panelLeft + across*panelWidth, panelTop + (1-up)*panelHeight
}

func (p *panel) draw(out *strings.Builder) {
	fmt.Fprintf(out, `<text class="title" x="%g" y="20">%s</text>`+"\n", panelLeft, html.EscapeString(p.title))
	if len(p.points) == 0 {
		fmt.Fprintf(out, `<text x="%g" y="%g">not measured in this run</text>`+"\n", panelLeft, panelTop)
		return
	}
	for decade := p.low[0]; decade <= p.high[0]; decade++ {
		x, _ := p.place(math.Pow(10, decade), 1)
		fmt.Fprintf(out, `<line class="grid" x1="%.1f" y1="%g" x2="%.1f" y2="%g"/><text class="number" text-anchor="middle" x="%.1f" y="%g">%s</text>`+"\n",
			x, panelTop, x, panelTop+panelHeight, x, panelTop+panelHeight+18, number(math.Pow(10, decade)))
	}
	for decade := p.low[1]; decade <= p.high[1]; decade++ {
		_, y := p.place(1, math.Pow(10, decade))
		fmt.Fprintf(out, `<line class="grid" x1="%g" y1="%.1f" x2="%g" y2="%.1f"/><text class="number" text-anchor="end" x="%g" y="%.1f">%s</text>`+"\n",
			panelLeft, y, panelLeft+panelWidth, y, panelLeft-6, y+4, number(math.Pow(10, decade)))
	}
	fmt.Fprintf(out, `<rect class="frame" x="%g" y="%g" width="%g" height="%g"/><text text-anchor="middle" x="%g" y="%g">%s</text>`+"\n",
		panelLeft, panelTop, panelWidth, panelHeight, panelLeft+panelWidth/2, panelTop+panelHeight+36, p.x)
	var names []string
	for _, one := range p.points {
		if !slices.Contains(names, one.Series) {
			names = append(names, one.Series)
		}
	}
	for i, name := range names {
		p.series(out, i, name)
	}
}

// series draws a line with its points, and its name above the panel.
func (p *panel) series(out *strings.Builder, i int, name string) {
	points := slices.DeleteFunc(slices.Clone(p.points), func(one point) bool { return one.Series != name })
	slices.SortStableFunc(points, func(a, b point) int { return a.X - b.X })
	var path strings.Builder
	for j, one := range points {
		x, y := p.place(float64(one.X), one.Y)
		fmt.Fprintf(&path, "%s%.1f %.1f", map[bool]string{true: "M", false: "L"}[j == 0], x, y)
		fmt.Fprintf(out, `<circle class="s%d" cx="%.1f" cy="%.1f" r="3"><title>%s: %s %s, %s</title></circle>`+"\n", i, x, y,
			html.EscapeString(name), number(float64(one.X)), p.by, number(one.Y))
	}
	fmt.Fprintf(out, `<path class="s%d" d="%s"/>`+"\n", i, path.String())
	left := panelLeft + float64(i)*115
	fmt.Fprintf(out, `<path class="s%d" d="M%g 40h18"/><text x="%g" y="44">%s</text>`+"\n", i, left, left+23, html.EscapeString(name))
}

// number returns a number with three digits that matter, for people.
func number(v float64) string {
	switch abs := math.Abs(v); {
	case abs >= 1000:
		whole := fmt.Sprintf("%.0f", v)
		return whole[:len(whole)-3] + "," + whole[len(whole)-3:]
	case v == math.Trunc(v), abs >= 100:
		return fmt.Sprintf("%.0f", v)
	case abs >= 10:
		return fmt.Sprintf("%.1f", v)
	case abs >= 1:
		return fmt.Sprintf("%.2f", v)
	default:
		return strconv.FormatFloat(math.Round(v*10_000)/10_000, 'f', -1, 64)
	}
}
