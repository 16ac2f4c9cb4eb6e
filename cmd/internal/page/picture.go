package page

import (
	"cmp"
	"fmt"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// picture is a document with what its axis and lanes have in common, in a file or in a page.
type picture struct {
	*Document
	scale
	fixed       bool    // it is a file and has its width
	lanes, idle []*lane // the HPAs to draw, and those without a plan
	left        int     // how many HPAs there was no room for
	marks       []tick
	seen        map[string]bool // the classes of symbols that were drawn
}

func (d *Document) picture(fixed bool) *picture {
	p := &picture{Document: d, scale: d.scale(), fixed: fixed, seen: make(map[string]bool)}
	p.marks = p.ticks(p.smallest())
	if d.Forecast == nil {
		return p
	}
	stretches := 0
	for i := range d.Forecast.Outlooks {
		l := d.newLane(&d.Forecast.Outlooks[i])
		switch {
		case !l.differs && !l.hasRequests():
			p.idle = append(p.idle, l)
		case len(p.lanes) == maxLanes || stretches+len(l.stretches) > maxStretches && len(p.lanes) > 0:
			p.left++
		default:
			stretches += len(l.stretches)
			if !l.refused && len(d.Forecast.Schedule.Covering(l.Subject())) > 1 {
				l.findShadows()
			}
			p.lanes = append(p.lanes, l)
		}
	}
	return p
}

func (p *picture) Heading() string { return cmp.Or(text.Line(p.Title), "floorkeeper") }

func (p *picture) Range() string {
	return p.moment(p.from) + " to " + p.moment(p.to) + ", times in " + text.Line(p.loc.String())
}

// Contents describes the picture to those who do not see it.
func (p *picture) Contents() string {
	return fmt.Sprintf("minReplicas of %s, %s, as steps over time: baselines grey, windows plain, events hatched.",
		text.GroupedCount(len(p.lanes), "HPA"), p.Range())
}

// Planless counts the HPAs for which nothing is planned, beside those that have a lane.
func (p *picture) Planless() string {
	noun := "HPA"
	if len(p.lanes) > 0 {
		noun = "other HPA"
	}
	return "Nothing is planned for " + text.GroupedCount(len(p.idle), noun)
}

// Below returns the lines below the lanes.
func (p *picture) Below() (lines []string) {
	switch {
	case p.Forecast != nil && len(p.Forecast.Outlooks) == 0 && !p.Assumed:
		lines = append(lines, "There is no HPA to look at.")
	case len(p.lanes) == 0:
		lines = append(lines, "No entry covers any HPA in this time.")
	}
	if p.left > 0 {
		lines = append(lines, fmt.Sprintf("%s more are not drawn%s.", text.GroupedCount(p.left, "HPA"), p.remedy()))
	}
	for _, shift := range p.shifts() {
		lines = append(lines, shiftText(shift))
	}
	return lines
}

func shiftText(s schedules.Shift) string {
	verb := "goes forward"
	if s.By < 0 {
		verb = "goes back"
	}
	return fmt.Sprintf("On %s at %s the clock %s to %s: that day has %v hours.", s.Before.Format(dayLayout), text.Clock(s.Before), verb,
		text.Clock(s.At), hoursOf(s.At))
}
