package page

import (
	"fmt"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
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
	Findings []forecast.Finding    // what people want to know before the night
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
	maxRows      = 2_000
	maxFindings  = 200
	maxOthers    = 100 // HPAs of one finding
	maxNames     = 500 // of HPAs without a lane
	fewLanes     = 12  // whose numbers at the beginning are seen at once
)

// inRange reports whether the document's range contains the instant of rendering.
func (d *Document) inRange() bool {
	return d.Forecast != nil && !d.Now.Before(d.Forecast.From) && d.Now.Before(d.Forecast.To)
}

// at returns an instant in the document's zone.
func (d *Document) at(t time.Time) time.Time { return t.In(d.Location) }

// scale returns the time axis. Without a forecast it is that of a day.
func (d *Document) scale() scale {
	if d.Forecast == nil || !d.Forecast.From.Before(d.Forecast.To) {
		return scale{d.Now, d.Now.Add(24 * time.Hour), d.Location}
	}
	return scale{d.Forecast.From, d.Forecast.To, d.Location}
}

func (d *Document) heading() string {
	if d.Title == "" {
		return "floorkeeper"
	}
	return text.Line(d.Title)
}

func (d *Document) rangeText() string {
	s := d.scale()
	return text.Moment(d.at(s.from)) + " to " + text.Moment(d.at(s.to)) + ", times in " + text.Line(d.Location.String())
}

// contents describes a picture to those who do not see it.
func (d *Document) contents(lanes int) string {
	return fmt.Sprintf("minReplicas of %s, %s, as steps over time: baselines grey, windows plain, events hatched.", text.GroupedCount(lanes, "HPA"), d.rangeText())
}

// planless counts the HPAs for which nothing is planned, beside those that have a lane.
func planless(n, lanes int) string {
	noun := "HPA"
	if lanes > 0 {
		noun = "other HPA"
	}
	return "Nothing is planned for " + text.GroupedCount(n, noun)
}

// below returns the lines below the lanes.
func (d *Document) below(lanes, left int) []string {
	var lines []string
	switch {
	case d.Forecast != nil && len(d.Forecast.Outlooks) == 0 && !d.Assumed:
		lines = append(lines, "There is no HPA to look at.")
	case lanes == 0:
		lines = append(lines, "No entry covers any HPA in this time.")
	}
	if left > 0 {
		lines = append(lines, fmt.Sprintf("%s more are not drawn%s.", text.GroupedCount(left, "HPA"), d.remedy()))
	}
	for _, shift := range d.scale().shifts() {
		lines = append(lines, shiftText(shift))
	}
	return lines
}

func (d *Document) remedy() string {
	if d.Remedy == "" {
		return ""
	}
	return ": " + d.Remedy
}

// dayLayout is that of dates which have a line of their own.
const dayLayout = "Monday 2 January 2006"

func shiftText(s schedules.Shift) string {
	verb := "goes forward"
	if s.By < 0 {
		verb = "goes back"
	}
	return fmt.Sprintf("On %s at %s the clock %s to %s: that day has %v hours.", s.Before.Format(dayLayout), text.Clock(s.Before), verb,
		text.Clock(s.At), hoursOf(s.At))
}
