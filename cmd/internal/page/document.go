package page

import (
	"time"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// Document is what a picture or a page shows. Everything in it that comes from a cluster or a file is taken to be
// hostile.
type Document struct {
	Title    string                // what the first heading says
	Forecast *forecast.Forecast    // nil while there is no valid schedule
	Location *time.Location        // in which times are shown
	Now      time.Time             // the instant of rendering
	Live     bool                  // the HPAs are a cluster's, so that their minReplicas can be compared with the plan
	Assumed  bool                  // the HPAs are stand-ins for the targets of the schedule
	Revision Revision              // the schedule that the forecast is made of
	Peak     Peak                  // what floors add at their peak; zero if nothing or not known
	Refused  []string              // what is wrong with a later edit, each with file:line:column
	Unread   []string              // what can no longer be read; what was read of it before is shown
	Mistake  string                // what is wrong with what the reader asked for; there is no forecast then
	Leader   string                // who acts, in words, of which those in brackets are less important; empty if that is not known
	Findings []forecast.Finding    // what people want to know before the night
	Places   func(e string) string // where an entry stands, as file:line; nil if that is not known
	Controls *Controls             // how to see another range; nil in a file
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

// Controls are the values of the form with which a page asks for another range, as the reader typed them.
type Controls struct {
	From, For, Zone, Namespace, Name string
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

// inRange says whether the document's range contains the instant of rendering.
func (d *Document) inRange() bool {
	return d.Forecast != nil && !d.Now.Before(d.Forecast.From) && d.Now.Before(d.Forecast.To)
}

// at returns an instant in the document's zone.
func (d *Document) at(t time.Time) time.Time { return t.In(d.Location) }
