package page

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

type lane struct {
	*forecast.Outlook
	name      string
	baseline  int32
	stretches []forecast.Stretch
	shadows   []shadow
	planned   int32 // at the instant of rendering
	most      int32 // the largest minReplicas
	asked     int32 // the largest floor, even if the HPA does not get it
	refused   bool  // it gets no floor, whatever is asked
	lost      bool  // nobody knows its baseline, nor what is asked that is relative to it
	differs   bool  // live minReplicas is not what is planned
	notes     []note
}

// note is why an HPA is not as the schedule asks for, in a few words, and in more where there is room.
type note struct {
	text, more string
	alarm      bool // nobody wants it so
}

// shadow is an occurrence of an entry over which another one applies, and what it asks for, step by step.
type shadow struct {
	entry, over string
	steps       []request
}

type request struct {
	from, to time.Time
	floor    int32
	ramp     bool
	equal    bool // the entry that applies asks for no more
}

func (d *Document) newLane(o *forecast.Outlook) *lane {
	l := &lane{
		Outlook: o, name: nameOf(o.HPA), baseline: o.State.Baseline(), stretches: slices.Collect(o.Stretches()),
		lost: o.State.Lost(), refused: o.Refusal != "",
	}
	for _, s := range l.stretches {
		l.most, l.asked = max(l.most, s.MinReplicas), max(l.asked, s.Floor)
		if !d.Now.Before(s.From) && d.Now.Before(s.To) {
			l.planned = s.MinReplicas
		}
	}
	l.differs = d.compares() && !l.lost && l.planned != o.State.MinReplicas
	switch {
	case l.lost:
		l.notes = append(l.notes, note{"baseline unknown", ", left as it is: its annotations are damaged", true})
	case l.refused:
		l.notes = append(l.notes, note{"gets no floor", ": " + text.Line(l.Refusal), false})
	}
	if l.differs {
		word, why := "pending", ": minReplicas is not yet what is planned" // nobody leads, perhaps
		if l.State.Condition == autoscaler.Held && l.State.MinReplicas < min(l.State.Mark.Floor, l.planned) {
			word, why = "contested", ": somebody has lowered minReplicas below its floor"
		}
		l.notes = append(l.notes, note{fmt.Sprintf("%s: %s, not %s", word, grouped(l.State.MinReplicas), grouped(l.planned)), why, true})
	}
	return l
}

func (l *lane) noted() string {
	var all []string
	for _, n := range l.notes {
		all = append(all, n.text+n.more)
	}
	return strings.Join(all, "; ")
}

func (l *lane) known() string {
	if l.lost {
		return "unknown"
	}
	return grouped(l.baseline)
}

func (l *lane) clamped(s forecast.Stretch) bool {
	return !l.refused && s.Floor > l.State.Ceiling().Replicas && s.MinReplicas < s.Floor
}

func (l *lane) findShadows() {
	for claims := range l.Claims() {
		for i := 1; i < len(claims.All); i++ {
			if first, c := claims.All[0], claims.All[i]; c.Because != first.Because {
				l.shade(c.Because, first.Because, request{claims.From, claims.To, c.Floor, c.Ramp != "", c.Floor == first.Floor})
			}
		}
	}
}

// shade adds a step to the shadow that it continues, or begins one. Of two occurrences of one entry the larger counts,
// which comes first.
func (l *lane) shade(entry, over string, step request) {
	for i := len(l.shadows) - 1; i >= 0; i-- {
		s := &l.shadows[i]
		last := &s.steps[len(s.steps)-1]
		switch {
		case s.entry != entry || s.over != over:
		case last.from.Equal(step.from):
			return
		case last.to.Equal(step.from) && last.floor == step.floor && last.ramp == step.ramp && last.equal == step.equal:
			last.to = step.to
			return
		case last.to.Equal(step.from):
			s.steps = append(s.steps, step)
			return
		}
	}
	if len(l.shadows) < maxShadows {
		l.shadows = append(l.shadows, shadow{entry, over, []request{step}})
	}
}

func (s shadow) peak() (peak int32) {
	for _, step := range s.steps {
		peak = max(peak, step.floor)
	}
	return peak
}

// under returns the entry that asks for most in full where the one of a stretch applies over it, and "" if none does.
func (l *lane) under(s forecast.Stretch) (entry string) {
	most := int32(0)
	for _, each := range l.shadows {
		for _, step := range each.steps {
			if each.over == s.Because && !step.ramp && step.from.Before(s.To) && step.to.After(s.From) && step.floor > most {
				entry, most = each.entry, step.floor
			}
		}
	}
	return entry
}

// top returns the number of replicas at the upper end of the lane. What is asked for beyond what is given counts up to
// twice what is given, so that the latter stays legible.
func (l *lane) top() int32 {
	top := max(l.State.MinReplicas, l.baseline, 1)
	if l.lost {
		return top
	}
	top = max(top, l.most)
	return max(top, int32(min(int64(l.asked), 2*int64(top))))
}

// Measures of a lane, in pixels.
const (
	nameLine   = 14 // from its top to the line of the name
	noteHeight = 17
	headroom   = 36 // from its top, or from its last note, to the upper end of the scale
	laneGap    = 16
)

// lane draws an HPA from the height y on, and returns where it ends. Its words are over everything that runs through it.
func (c *canvas) lane(l *lane, y float64) float64 {
	tall := 42.0 // the fewer lanes there are, the more room each has
	switch n := len(c.lanes); {
	case n <= 3:
		tall = 96
	case n <= 12:
		tall = 60
	}
	height := headroom + tall + laneGap + float64(noteHeight*len(l.notes))
	p := plot{c, l, y + height - laneGap, tall, l.top()}
	c.grid(y, height)
	c.open("g", attr{"class", "lane"})
	if !p.lost {
		base := p.level(p.baseline)
		p.seen["baseline"] = true
		p.open("g")
		p.title(fmt.Sprintf("%s: baseline %d", p.name, p.baseline))
		p.draw("rect", attr{"x", share(0)}, attr{"width", share(1)}, attr{"y", base}, attr{"height", p.foot - base}, attr{"class", "baseline"})
		p.shut("g")
		p.occurrences()
		p.shades()
	}
	p.curve()
	c.shut("g")
	if c.inRange() {
		c.upright(c.x(c.Now), y, height, "now-line")
	}
	p.words(y)
	if c.compares() {
		p.live()
	}
	return y + height
}

// plot is the part of a lane that shows floors: its height is a number of replicas.
type plot struct {
	*canvas
	*lane
	foot float64 // the height of zero replicas
	tall float64 // how much higher the top is
	top  int32
}

func (p plot) level(replicas int32) float64 {
	share := min(1, float64(max(replicas, 0))/float64(p.top))
	return float64(int((p.foot-share*p.tall)*10)) / 10
}

// occurrences draws the stretches over which an entry applies, those of one entry that follow each other together.
func (p plot) occurrences() {
	all := p.stretches
	for i := 0; i < len(all); {
		end := i + 1
		for end < len(all) && all[end].Because == all[i].Because && all[i].Floor > 0 && all[end].Floor > 0 {
			end++
		}
		if all[i].Floor > 0 {
			p.occurrence(all[i:end])
		}
		i = end
	}
}

func (p plot) occurrence(part []forecast.Stretch) {
	class := p.Forecast.Schedule.Kind(part[0].Because)
	p.open("g", attr{"class", class})
	p.title(p.describe(part))
	beyond := false
	for i, s := range part {
		if !p.refused {
			p.bar(part, i, class)
		}
		if p.refused || s.Floor <= p.baseline {
			p.seen["refused"] = true
		} else {
			p.seen[class] = true
		}
		beyond = beyond || p.clamped(s)
	}
	if beyond {
		p.seen["clamped"], p.limited = true, p.limited || p.State.Ceiling().By != autoscaler.ByMaxReplicas
	}
	if p.refused || peakOf(part).Floor <= p.baseline {
		p.outline("refused", part, func(forecast.Stretch) int32 { return 0 })
	} else if beyond {
		p.outline("clamped", part, func(s forecast.Stretch) int32 { return min(s.Floor, s.MinReplicas) })
	}
	p.shut("g")
}

func (p plot) outline(class string, part []forecast.Stretch, above func(forecast.Stretch) int32) {
	p.path(class, func(path *strings.Builder, level func(int32) string) {
		fmt.Fprintf(path, "M%.2f %s", p.x(part[0].From)*width, level(above(part[0])))
		for _, s := range part {
			fmt.Fprintf(path, "V%sH%.2f", level(s.Floor), p.x(s.To)*width)
		}
		for _, s := range slices.Backward(part) {
			fmt.Fprintf(path, "V%sH%.2f", level(above(s)), p.x(s.From)*width)
		}
		path.WriteString("Z")
	})
}

func fillOf(class string) string {
	if class == "event" {
		return "url(#hatch)"
	}
	return ""
}

func peakOf(part []forecast.Stretch) forecast.Stretch {
	return slices.MaxFunc(part, func(a, b forecast.Stretch) int { return cmp.Compare(a.Floor, b.Floor) })
}

// bar draws the i-th stretch of an occurrence as a rectangle on the baseline. None is so thin that it cannot be seen, and
// each reaches a hair into a neighbour that is as high, so that no gap is between them wherever edges are rounded to.
func (p plot) bar(part []forecast.Stretch, i int, class string) {
	const hair = 0.0006
	s := part[i]
	from, to := p.x(s.From), p.x(s.To)
	top, foot := p.level(s.MinReplicas), p.level(p.baseline)
	if top >= foot {
		return
	}
	if i > 0 && part[i-1].MinReplicas > s.MinReplicas {
		from -= hair
	}
	if i+1 < len(part) && part[i+1].MinReplicas >= s.MinReplicas {
		to += hair
	}
	p.draw("rect", attr{"x", from}, attr{"width", max(hair, to-from)}, attr{"y", top}, attr{"height", float64(int((foot-top)*10)) / 10}, attr{"class", class}, attr{"fill", fillOf(class)})
}

func (p plot) describe(part []forecast.Stretch) string {
	peak, title := peakOf(part), text.Line(p.Forecast.Schedule.Title(part[0].Because))
	if p.refused {
		return fmt.Sprintf("%s, %s; %s asks for %d", p.name, p.notes[0].text+p.notes[0].more, title, peak.Floor)
	}
	sentence := fmt.Sprintf("%s, %s: minReplicas %d from %s to %s", p.name, title, peak.MinReplicas,
		p.moment(part[0].From), p.moment(part[len(part)-1].To))
	if p.clamped(peak) {
		sentence += fmt.Sprintf("; the floor %d is clamped to %s", peak.Floor, p.State.Ceiling())
	}
	return sentence
}

// shades outlines the claims over which others apply, each at its own height above the baseline. Of equal floors the one that
// ends last applies, then the first by name.
func (p plot) shades() {
	for _, s := range p.shadows {
		if s.peak() <= p.baseline {
			continue
		}
		p.seen["shadow"] = true
		p.open("g")
		schedule, why := p.Forecast.Schedule, "which asks for as much and does not end earlier"
		if slices.ContainsFunc(s.steps, func(step request) bool { return !step.equal }) {
			why = "which asks for more"
		}
		p.title(fmt.Sprintf("%s asks for %d as well; %s applies, %s", text.Line(schedule.Title(s.entry)), s.peak(), text.Line(schedule.Title(s.over)), why))
		p.path("shadow", func(path *strings.Builder, level func(int32) string) {
			fmt.Fprintf(path, "M%.2f %s", p.x(s.steps[0].from)*width, level(p.baseline))
			for _, step := range s.steps {
				fmt.Fprintf(path, "V%sH%.2f", level(max(p.baseline, min(step.floor, p.State.Ceiling().Replicas))), p.x(step.to)*width)
			}
			fmt.Fprintf(path, "V%s", level(p.baseline))
		})
		p.shut("g")
	}
}

func (p plot) curve() {
	class := "curve"
	p.seen[class] = true
	if p.smallest() == months { // a thick one would cover what it goes around
		class = "curve fine"
	}
	p.path(class, func(path *strings.Builder, level func(int32) string) {
		fmt.Fprintf(path, "M0 %s", level(p.stretches[0].MinReplicas))
		for _, s := range p.stretches[1:] {
			fmt.Fprintf(path, "H%.2fV%s", p.x(s.From)*width, level(s.MinReplicas))
		}
		fmt.Fprintf(path, "H%d", width)
	})
}

// path draws what steps. It is stretched with the picture, and its stroke is not.
func (p plot) path(class string, steps func(path *strings.Builder, level func(int32) string)) {
	top := p.foot - p.tall
	p.open("svg", attr{"x", "0"}, attr{"y", top - 2}, attr{"width", "100%"}, attr{"height", p.tall + 4},
		attr{"viewBox", fmt.Sprintf("0 -2 %d %g", width, p.tall+4)}, attr{"preserveAspectRatio", "none"})
	var path strings.Builder
	steps(&path, func(replicas int32) string { return strconv.FormatFloat(p.level(replicas)-top, 'f', 1, 64) })
	p.put(`<path class="%s" d="%s"/>`, class, path.String())
	p.shut("svg")
}

// live marks what minReplicas is now, and by shape, colour and note if that is not what is planned.
func (p plot) live() {
	x, y := p.x(p.Now), p.level(min(p.State.MinReplicas, p.top))
	p.seen["differs"], p.seen["live"] = p.seen["differs"] || p.differs, p.seen["live"] || !p.differs
	p.open("g")
	p.title(fmt.Sprintf("%s: minReplicas is %d now, planned is %d", p.name, p.State.MinReplicas, p.planned))
	if p.differs {
		p.open("svg", attr{"x", x}, attr{"y", y}, attr{"width", "1"}, attr{"height", "1"}, attr{"class", "free"})
		p.draw("path", attr{"d", "M0 -7L7 0L0 7L-7 0Z"}, attr{"class", "differs"})
		p.put("</svg>")
	} else {
		p.draw("circle", attr{"cx", x}, attr{"cy", y}, attr{"r", 4.5}, attr{"class", "live"})
	}
	p.shut("g")
}
