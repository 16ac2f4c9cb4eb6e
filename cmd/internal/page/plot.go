package page

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

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
	if p.lost {
		p.curve()
		return
	}
	p.baselineArea()
	p.occurrences(schedule)
	p.shades(schedule)
	p.curve()
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

func (p plot) occurrence(schedule *schedules.Schedule, part []forecast.Stretch) {
	class := "window"
	if schedule.Event(part[0].Because) != nil {
		class = "event"
	}
	p.open("g", attr{"class", class})
	p.title(p.telling(schedule, part))
	beyond := false
	for i, s := range part {
		if !p.unheeded {
			p.bar(part, i, class)
		}
		beyond = beyond || p.clamped(s)
	}
	if p.unheeded || peakOf(part).Floor <= p.baseline {
		p.outline("refused", part, func(forecast.Stretch) int32 { return 0 })
	} else if beyond {
		p.outline("clamped", part, func(s forecast.Stretch) int32 { return min(s.Floor, s.MinReplicas) })
	}
	p.shut("g")
}

// outline draws around the floors of an occurrence, above another number of replicas.
func (p plot) outline(class string, part []forecast.Stretch, above func(forecast.Stretch) int32) {
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
func peakOf(part []forecast.Stretch) forecast.Stretch {
	return slices.MaxFunc(part, func(a, b forecast.Stretch) int { return cmp.Compare(a.Floor, b.Floor) })
}

// bar draws the i-th stretch of an occurrence as a rectangle on the baseline. None is so thin that it cannot be seen, and
// each reaches a hair into a neighbour that is as high, so that no gap is between them wherever edges are rounded to.
func (p plot) bar(part []forecast.Stretch, i int, class string) {
	const hair = 0.0006
	s, fill := part[i], ""
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
	if class == "event" {
		fill = "url(#hatch)"
	}
	p.draw("rect", attr{"x", share(from)}, attr{"width", share(max(hair, to-from))}, attr{"y", top}, attr{"height", float64(int((foot-top)*10)) / 10}, attr{"class", class}, attr{"fill", fill})
}

// telling says what an occurrence does, in a sentence.
func (p plot) telling(schedule *schedules.Schedule, part []forecast.Stretch) string {
	first, last, peak := part[0], part[len(part)-1], peakOf(part)
	said := fmt.Sprintf("%s, %s: minReplicas %d from %s to %s", p.name, text.Line(schedule.Title(first.Because)), peak.MinReplicas,
		text.Moment(first.From.In(p.loc)), text.Moment(last.To.In(p.loc)))
	if p.clamped(peak) {
		said += fmt.Sprintf("; the floor %d is clamped to maxReplicas %d", peak.Floor, p.State.MaxReplicas)
	}
	if p.unheeded {
		said = fmt.Sprintf("%s, %s; %s asks for %d", p.name, p.notes[0], text.Line(schedule.Title(first.Because)), peak.Floor)
	}
	return said
}

// shades outlines the claims over which others apply, each at its own height above the baseline.
func (p plot) shades(schedule *schedules.Schedule) {
	for _, s := range p.shadows {
		if s.peak() <= p.baseline {
			continue
		}
		p.open("g")
		p.title(s.telling(schedule))
		p.path("shadow", func(level func(int32) string) {
			fmt.Fprintf(p, "M%.2f %s", p.x(s.steps[0].from)*width, level(p.baseline))
			for _, step := range s.steps {
				fmt.Fprintf(p, "V%sH%.2f", level(max(p.baseline, min(step.floor, p.State.MaxReplicas))), p.x(step.to)*width)
			}
			fmt.Fprintf(p, "V%s", level(p.baseline))
		})
		p.shut("g")
	}
}

// telling says what is asked for, and why something else applies: of equal floors the one that ends last, then the first
// by name.
func (s shadow) telling(schedule *schedules.Schedule) string {
	why := "which asks for more"
	if s.equal() {
		why = "which asks for as much and does not end earlier"
	}
	return fmt.Sprintf("%s asks for %d as well; %s applies, %s", text.Line(schedule.Title(s.entry)), s.peak(), text.Line(schedule.Title(s.over)), why)
}

// curve draws minReplicas as steps.
func (p plot) curve() {
	class := "curve"
	if p.smallest() == months { // a thick one would cover what it goes around
		class = "curve fine"
	}
	p.path(class, func(level func(int32) string) {
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
