package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// Measures of a lane, in pixels.
const (
	nameLine   = 14 // from its top to the line on which the name stands
	noteHeight = 17
	headroom   = 36 // from its top, or from its last note, to the upper end of the scale
	laneGap    = 16
)

// plotHeight returns how tall the scale of a lane is: the fewer there are, the more room each has.
func plotHeight(lanes int) float64 {
	switch {
	case lanes <= 3:
		return 96
	case lanes <= 12:
		return 60
	default:
		return 42
	}
}

// height returns how tall a lane is around its scale.
func (l *strip) height(plot float64) float64 {
	return headroom + plot + laneGap + float64(noteHeight*len(l.notes))
}

// chart draws the lanes from the height y on, and returns where they end.
func (c *canvas) chart(d *Document, s scale, lanes []*strip, y float64) float64 {
	height, tall := 0.0, plotHeight(len(lanes))
	for _, l := range lanes {
		height += l.height(tall)
	}
	c.grid(d, s, y, height)
	plots := make([]plot, len(lanes))
	for i, l := range lanes {
		plots[i] = plot{c, s, l, y + l.height(tall) - laneGap, tall, l.top()}
		c.open("g", attr{"class", "lane"})
		plots[i].areas(d.Forecast.Schedule)
		c.shut("g")
		y += l.height(tall)
	}
	if d.inRange() {
		x := share(s.x(d.Now))
		c.draw("line", attr{"x1", x}, attr{"x2", x}, attr{"y1", y - height}, attr{"y2", y}, attr{"class", "now-line"})
	}
	for _, p := range plots {
		p.words()
		p.live(d)
	}
	return y
}

// plot is the part of a lane in which floors stand: its height says how many replicas.
type plot struct {
	*canvas
	scale
	*strip
	foot float64 // the height of zero replicas
	tall float64 // how much higher the top is
	top  int32
}

// level returns the height at which so many replicas stand.
func (p plot) level(replicas int32) float64 {
	share := min(1, float64(max(replicas, 0))/float64(p.top))
	return float64(int((p.foot-share*p.tall)*10)) / 10
}

// areas draws what has no words.
func (p plot) areas(schedule *schedules.Schedule) {
	p.baselineArea()
	p.occurrences(schedule)
	p.shades(schedule)
	p.curve()
}

// words writes what the areas of a lane are about. They stand over everything that runs through all lanes.
func (p plot) words() {
	y := p.foot + laneGap - p.height(p.tall)
	p.head(p.strip, y)
	for i, note := range p.notes {
		p.text(0, y+nameLine+noteHeight*float64(i+1), "", span{text: "▲ " + note.text, class: "note"},
			span{note.more, "", em("▲ "+note.String(), letter+1)})
	}
	p.numbers()
}

// head writes the name of a lane and, where there is room, what the HPA is.
func (c *canvas) head(l *strip, y float64) {
	name := c.called(l.name, y+nameLine)
	about := "baseline " + strconv.Itoa(int(l.baseline))
	if l.State.MaxReplicas < schedules.MaxReplicas {
		about += " · max " + strconv.Itoa(int(l.State.MaxReplicas))
	}
	c.text(1, y+nameLine, "end", span{about, "about", em(name, nameLetter) + em(about, smallLetter) + 16})
}

// called writes a name, without its middle where a picture is too narrow for it, and returns the longest form.
func (c *canvas) called(full string, y float64) string {
	const long = 120
	write := func(text, class string) {
		c.open("text", attr{"x", "0"}, attr{"y", y}, attr{"class", strings.TrimSpace("name " + class)})
		c.WriteString(escaped(text))
		c.shut("text")
	}
	short, name := fitting(full, narrowest), shortened(full, long)
	needs := em(name, nameLetter)
	switch {
	case short == name || c.fixed:
		write(name, "")
	case c.hidden(needs):
		write(short, "")
		return short
	default:
		write(short, strings.TrimSpace(c.until(needs)))
		write(name, strings.TrimPrefix(c.class(span{class: "", needs: needs}), " "))
	}
	return name
}

// fitting returns as much of a name as there is room for.
func fitting(name string, room float64) string {
	for most := 60; most > 8; most-- {
		if short := shortened(name, most); em(short, nameLetter) <= room {
			return short
		}
	}
	return shortened(name, 8)
}

// baselineArea fills the lane up to the baseline.
func (p plot) baselineArea() {
	y := p.level(p.baseline)
	p.open("g")
	p.title(fmt.Sprintf("%s: baseline %d", p.name, p.baseline))
	p.draw("rect", attr{"x", share(0)}, attr{"width", share(1)}, attr{"y", y}, attr{"height", p.foot - y}, attr{"class", "baseline"})
	p.shut("g")
}

// occurrences draws the stretches over which an entry applies, those of one entry that follow each other together.
func (p plot) occurrences(schedule *schedules.Schedule) {
	all := p.stretches
	for i := 0; i < len(all); {
		end := i + 1
		for end < len(all) && all[end].Because == all[i].Because && all[i].Floor > 0 && all[end].Floor > 0 {
			end++
		}
		if all[i].Floor > 0 {
			p.occurrence(schedule, all[i:end])
		}
		i = end
	}
}

func (p plot) occurrence(schedule *schedules.Schedule, part []controller.Stretch) {
	class := "window"
	if isEvent(schedule, part[0].Because) {
		class = "event"
	}
	p.open("g", attr{"class", class})
	p.title(p.telling(schedule, part))
	beyond := false
	for _, s := range part {
		if !p.unheeded {
			p.bar(s.From, s.To, p.level(s.MinReplicas), p.level(p.baseline), class)
		}
		beyond = beyond || p.clamped(s)
	}
	if p.unheeded || peakOf(part).Floor <= p.baseline {
		p.outline("refused", part, func(controller.Stretch) int32 { return 0 })
	} else if beyond {
		p.outline("clamped", part, func(s controller.Stretch) int32 { return min(s.Floor, s.MinReplicas) })
	}
	p.shut("g")
}

// outline draws around the floors of an occurrence, above another number of replicas.
func (p plot) outline(class string, part []controller.Stretch, above func(controller.Stretch) int32) {
	p.path(class, func(level func(int32) string) {
		fmt.Fprintf(p, "M%.2f %s", p.x(part[0].From)*width, level(above(part[0])))
		for _, s := range part {
			fmt.Fprintf(p, "V%sH%.2f", level(s.Floor), p.x(s.To)*width)
		}
		for _, s := range slices.Backward(part) {
			fmt.Fprintf(p, "V%sH%.2f", level(above(s)), p.x(s.From)*width)
		}
		p.WriteString("Z")
	})
}

// peakOf returns the stretch of an occurrence that asks for most.
func peakOf(part []controller.Stretch) controller.Stretch {
	return slices.MaxFunc(part, func(a, b controller.Stretch) int { return cmp.Compare(a.Floor, b.Floor) })
}

// isEvent says whether an entry is an event. What is no longer in the schedule is drawn as a window.
func isEvent(schedule *schedules.Schedule, entry string) bool {
	return strings.HasPrefix(schedule.Title(entry), "event ")
}

// bar draws a rectangle over a part of the range, between two heights. None is so thin that it cannot be seen.
func (p plot) bar(from, to time.Time, top, foot float64, class string) {
	const hair = 0.0006
	x, fill := p.x(from), ""
	if class == "event" {
		fill = "url(#hatch)"
	}
	if top < foot {
		p.draw("rect", attr{"x", share(x)}, attr{"width", share(max(hair, p.x(to)-x))}, attr{"y", top}, attr{"height", float64(int((foot-top)*10)) / 10}, attr{"class", class}, attr{"fill", fill})
	}
}

// telling says what an occurrence does, in a sentence.
func (p plot) telling(schedule *schedules.Schedule, part []controller.Stretch) string {
	first, last, peak := part[0], part[len(part)-1], peakOf(part)
	text := fmt.Sprintf("%s, %s: minReplicas %d from %s to %s", p.name, plain(schedule.Title(first.Because)), peak.MinReplicas,
		exact(first.From.In(p.loc), momentLayout), exact(last.To.In(p.loc), momentLayout))
	if p.clamped(peak) {
		text += fmt.Sprintf("; the floor %d is clamped to maxReplicas %d", peak.Floor, p.State.MaxReplicas)
	}
	if p.unheeded {
		text = fmt.Sprintf("%s, %s; %s asks for %d", p.name, p.notes[0], plain(schedule.Title(first.Because)), peak.Floor)
	}
	return text
}

// shades outlines the claims over which others apply, each at its own height.
func (p plot) shades(schedule *schedules.Schedule) {
	for _, s := range p.shadows {
		p.open("g")
		p.title(fmt.Sprintf("%s asks for %d as well; %s applies, for it asks for more", plain(schedule.Title(s.entry)), s.peak(), plain(schedule.Title(s.over))))
		p.path("shadow", func(level func(int32) string) {
			fmt.Fprintf(p, "M%.2f %s", p.x(s.steps[0].from)*width, level(0))
			for _, step := range s.steps {
				fmt.Fprintf(p, "V%sH%.2f", level(min(step.floor, p.State.MaxReplicas)), p.x(step.to)*width)
			}
			fmt.Fprintf(p, "V%sZ", level(0))
		})
		p.shut("g")
	}
}

// curve draws minReplicas as steps.
func (p plot) curve() {
	p.path("curve", func(level func(int32) string) {
		fmt.Fprintf(p, "M0 %s", level(p.stretches[0].MinReplicas))
		for _, s := range p.stretches[1:] {
			fmt.Fprintf(p, "H%.2fV%s", p.x(s.From)*width, level(s.MinReplicas))
		}
		fmt.Fprintf(p, "H%d", width)
	})
}

// path draws what steps. It is stretched with the picture, and its stroke is not.
func (p plot) path(class string, steps func(level func(int32) string)) {
	top := p.foot - p.tall
	p.open("svg", attr{"x", "0"}, attr{"y", top - 2}, attr{"width", "100%"}, attr{"height", p.tall + 4},
		attr{"viewBox", fmt.Sprintf("0 -2 %d %g", width, p.tall+4)}, attr{"preserveAspectRatio", "none"})
	p.WriteString(`<path class="` + class + `" d="`)
	steps(func(replicas int32) string { return strconv.FormatFloat(p.level(replicas)-top, 'f', 1, 64) })
	p.WriteString(`"/>`)
	p.shut("svg")
}

// numbers writes minReplicas and the entry above each step at which a floor stands in full, where there is room up to
// the next step that is as high.
func (p plot) numbers() {
	for i, s := range p.stretches {
		if s.Floor == 0 || s.Ramp != schedules.Steady {
			continue
		}
		end := p.clear(i)
		part := p.share(end.Sub(s.From))
		number, of, more := strconv.Itoa(int(s.MinReplicas)), "", ""
		level := p.level(s.MinReplicas)
		if p.unheeded || s.Floor <= p.baseline {
			number, level = strconv.Itoa(int(s.Floor))+" asked", min(p.level(s.Floor), p.level(s.MinReplicas))
		} else if p.clamped(s) {
			of, level = fmt.Sprintf(" of %d", s.Floor), p.level(s.Floor)
		}
		if under := p.under(s); under != "" {
			more = " over " + shortened(plain(under), 40)
		}
		p.label(share(p.x(s.From)), level-5, part, number, of, " "+shortened(plain(s.Because), 40), more)
	}
}

// label writes as many words as there is room for over a part of the range, the first of which is a number.
func (p plot) label(x share, y, part float64, number string, words ...string) {
	needs := em(number, letter) + 4
	spans := []span{{number, "number", needs / part}}
	for _, word := range words {
		needs += em(word, smallLetter)
		spans = append(spans, span{word, "entry", needs / part})
	}
	p.text(x, y, "", spans...)
}

// clear returns up to where there is room above the i-th stretch: to the next one that is as high or has a number itself.
func (p plot) clear(i int) time.Time {
	here := p.stretches[i]
	for _, s := range p.stretches[i+1:] {
		if s.Floor > 0 && s.Ramp == schedules.Steady || s.MinReplicas >= here.MinReplicas {
			return s.From
		}
	}
	return p.to
}

// live marks what minReplicas is now, and by shape, colour and note if that is not what is planned.
func (p plot) live(d *Document) {
	if !d.Live || !d.inRange() {
		return
	}
	x, y := share(p.x(d.Now)), p.level(min(p.State.MinReplicas, p.top))
	p.open("g")
	p.title(fmt.Sprintf("%s: minReplicas is %d now, planned is %d", p.name, p.State.MinReplicas, p.planned))
	if p.differs {
		p.open("svg", attr{"x", x}, attr{"y", y}, attr{"width", "1"}, attr{"height", "1"}, attr{"class", "free"})
		p.draw("path", attr{"d", "M0 -7L7 0L0 7L-7 0Z"}, attr{"class", "differs"})
		p.WriteString("</svg>")
	} else {
		p.draw("circle", attr{"cx", x}, attr{"cy", y}, attr{"r", 4.5}, attr{"class", "live"})
	}
	p.shut("g")
}
