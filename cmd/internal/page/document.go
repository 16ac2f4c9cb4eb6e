package page

import (
	"cmp"
	"fmt"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

// Document is what a picture or a page shows. Everything in it that comes from a cluster or a file is taken to be
// hostile.
type Document struct {
	Title    string                // the first heading
	Forecast *forecast.Forecast    // nil while there is no valid schedule
	Location *time.Location        // in which times are shown
	Now      time.Time             // the instant of rendering
	Live     bool                  // the HPAs are a cluster's, so that their minReplicas can be compared with the plan
	Assumed  bool                  // the HPAs are placeholders for the targets of the schedule
	Revision Revision              // the schedule that the forecast is made of
	Peak     Peak                  // what floors add at their peak; zero if nothing or not known
	Refused  []string              // what is wrong with a later edit, each with file:line:column
	Unread   []string              // what can no longer be read; what was read of it before is shown
	Mistake  string                // what is wrong with what the reader asked for; there is no forecast then
	Leader   string                // who leads, less important words in brackets; empty if that is not known
	Findings *forecast.Findings    // what people want to know before the night
	Places   func(e string) string // where an entry is, as file:line; nil if that is not known
	Controls *Query                // the values of the form that asks for another range, as typed; nil in a file
	Remedy   string                // how to see what did not fit, such as "use --namespace"
}

// Revision is a schedule as it was read. Its zero value is one that nothing is known of.
type Revision struct {
	SHA256   string
	LoadedAt time.Time
}

// Peak is the most that floors add over the baselines, and when.
type Peak struct {
	Pods     int64
	At       time.Time
	Requests string // CPU and memory, in words; empty if not known
}

// The most that a page shows, whatever is in the cluster. A browser still scrolls it without effort, and beyond it nobody
// reads on.
const (
	maxLanes     = 200
	maxStretches = 30_000 // in all lanes together
	maxShadows   = 100    // of one lane
	maxRows      = 2_000
	maxFindings  = 200 // altogether
	maxOfRule    = 100
	maxNames     = 500 // of HPAs without a lane
)

func (d *Document) inRange() bool {
	return d.Forecast != nil && !d.Now.Before(d.Forecast.From) && d.Now.Before(d.Forecast.To)
}

func (d *Document) compares() bool { return d.Live && d.inRange() }

func (d *Document) at(t time.Time) time.Time { return t.In(d.Location) }

func (d *Document) moment(t time.Time) string { return text.Moment(d.at(t)) }

// scale returns the time axis. Without a forecast it is that of a day.
func (d *Document) scale() scale {
	if d.Forecast == nil || !d.Forecast.From.Before(d.Forecast.To) {
		return scale{d.Now, d.Now.Add(24 * time.Hour), d.Location}
	}
	return scale{d.Forecast.From, d.Forecast.To, d.Location}
}

func (d *Document) remedy() string {
	if d.Remedy == "" {
		return ""
	}
	return ": " + d.Remedy
}

// picture is a document with what its axis and lanes have in common, in a file or in a page.
type picture struct {
	*Document
	scale
	fixed       bool    // it is a file and has its width
	lanes, idle []*lane // the HPAs to draw, and those without a plan
	left        int     // how many HPAs there was no room for
	marks       []tick
	seen        map[string]bool // the classes of symbols that were drawn
	limited     bool            // something was cut off by another limit than maxReplicas
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
		case !l.differs && l.asked == 0:
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

func (p *picture) heading() string { return cmp.Or(text.Line(p.Title), "floorkeeper") }

func (p *picture) times() string {
	return p.moment(p.from) + " to " + p.moment(p.to) + ", times in " + text.Line(p.loc.String())
}

// contents describes the picture to those who do not see it.
func (p *picture) contents() string {
	return fmt.Sprintf("minReplicas of %s, %s, as steps over time: baselines grey, windows plain, events hatched.",
		text.GroupedCount(len(p.lanes), "HPA"), p.times())
}

// planless counts the HPAs for which nothing is planned, beside those that have a lane.
func (p *picture) planless() string {
	noun := "HPA"
	if len(p.lanes) > 0 {
		noun = "other HPA"
	}
	return "Nothing is planned for " + text.GroupedCount(len(p.idle), noun)
}

func (p *picture) below() (lines []string) {
	switch {
	case p.Forecast != nil && len(p.Forecast.Outlooks) == 0 && !p.Assumed:
		lines = append(lines, "There are no HPAs.")
	case len(p.lanes) == 0:
		lines = append(lines, "No entry covers any HPA in this time.")
	}
	if p.left > 0 {
		lines = append(lines, fmt.Sprintf("%s more are not drawn%s.", text.GroupedCount(p.left, "HPA"), p.remedy()))
	}
	for _, shift := range p.shifts() {
		verb := "goes forward"
		if shift.By < 0 {
			verb = "goes back"
		}
		lines = append(lines, fmt.Sprintf("On %s at %s the clock %s to %s: that day has %v hours.",
			shift.Before.Format(dayLayout), text.Clock(shift.Before), verb, text.Clock(shift.At), hoursOf(shift.At)))
	}
	return lines
}
