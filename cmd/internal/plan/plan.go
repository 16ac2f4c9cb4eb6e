// Package plan shows a forecast: every change of every HorizontalPodAutoscaler, the findings, and what the floors add to the
// cluster at their peak; as text, Markdown, JSON, iCalendar, and as a picture or page by cmd/internal/page.
package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/sums"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// Plan is a forecast by time, with its findings and sums. Times are shown in Zone.
type Plan struct {
	Forecast *forecast.Forecast
	Zone     *time.Location
	Now      time.Time
	Steps    bool // in text and Markdown, show each step of a ramp, and not only where it begins and ends

	findings *forecast.Findings
	assumed  bool       // the HPAs are placeholders for the targets of the schedule
	sums     *sums.Sums // nil for placeholders
	names    []string   // of the HPAs, as NAMESPACE/NAME, safe for a terminal
	changes  int        // how many there are, each step of a ramp counted
	changing int        // how many HPAs change
}

// New returns the plan of a forecast, whose findings are computed meanwhile. Without a snapshot the HPAs are placeholders.
func New(f *forecast.Forecast, snapshot *cluster.Snapshot, zone *time.Location) *Plan {
	p := &Plan{Forecast: f, Zone: zone, Now: f.Now, assumed: snapshot == nil}
	for i := range f.Outlooks {
		o := &f.Outlooks[i]
		p.names = append(p.names, o.Name())
		if steps := o.Len() - 1; steps > 0 && o.Refusal == "" {
			p.changes, p.changing = p.changes+steps, p.changing+1
		}
	}
	found := make(chan *forecast.Findings)
	go func() { found <- f.Findings() }()
	if snapshot != nil {
		p.sums = sums.Of(f, snapshot)
	}
	p.findings = <-found
	return p
}

func (p *Plan) span() string {
	return "From " + p.moment(p.Forecast.From) + " to " + p.moment(p.Forecast.To) + " (" + p.Zone.String() + ")"
}

func (p *Plan) moment(t time.Time) string { return text.Moment(t.In(p.Zone)) }

// timetable holds changes by instant, in nanoseconds since 1970, and those of an instant by HPA. A year of 1,000 HPAs can
// have millions, of few kinds.
type timetable struct {
	instants []int64
	at       map[int64][]place
	rows     []*row
	index    map[rowKey]int32 // in rows
	last     *row             // of the change that was added last
}

// place is a change: of the HPA of this number, and of the kind of this row.
type place struct{ hpa, row int32 }

// row is one line of text or of a table: HPAs of a namespace with the same change at the same time. It is used again for
// other instants at which they change alike.
type row struct {
	key    rowKey
	next   int32           // the row of the change that was added after the last one of this row
	change forecast.Change // of the first HPA at the first instant
	reason string
	at     int64
	hpas   []int32

	effect string  // in text
	named  []int32 // the HPAs that names are of
	names  string
}

type rowKey struct {
	namespace, before, after     string
	floorBefore, floor, from, to int32
	clamp                        autoscaler.Ceiling
	ramp                         schedules.Ramp
	steps                        int
	lasts                        time.Duration
	held                         bool
}

// timetable returns every change up to an instant, and when there are later ones. A ramp is one change, unless each of its
// steps is wanted.
func (p *Plan) timetable(steps bool, until time.Time) *timetable {
	t := &timetable{at: make(map[int64][]place), index: make(map[rowKey]int32), last: &row{}}
	end := until.UnixNano()
	for i := range p.Forecast.Outlooks {
		o := &p.Forecast.Outlooks[i]
		changes := o.Changes()
		if steps {
			changes = o.Steps()
		}
		for c := range changes {
			if at := c.After.From.UnixNano(); at <= end {
				p.add(t, at, i, &c)
			} else {
				t.at[at] = nil
			}
		}
	}
	t.instants = slices.Sorted(maps.Keys(t.at))
	return t
}

// shown returns the changes up to an instant for text and Markdown. At the first instant, the beginning, are the HPAs that an entry covers
// then, as if they became what they are.
func (p *Plan) shown(until time.Time) *timetable {
	t, begin := p.timetable(p.Steps, until), p.Forecast.From.UnixNano()
	t.instants = slices.Insert(t.instants, 0, begin)
	for i := range p.Forecast.Outlooks {
		o := &p.Forecast.Outlooks[i]
		if first := o.Stretch(0); first.Floor > 0 && o.Refusal == "" {
			p.add(t, begin, i, &forecast.Change{Verdict: &o.Verdict, Before: first, After: first})
		}
	}
	return t
}

func (p *Plan) add(t *timetable, at int64, hpa int, c *forecast.Change) {
	key := rowKey{
		namespace: c.HPA.Namespace, before: c.Before.Because, after: c.After.Because,
		floorBefore: c.Before.Floor, floor: c.After.Floor, from: c.Before.MinReplicas, to: c.After.MinReplicas,
		ramp: c.After.Ramp, steps: len(c.Steps), lasts: c.Last().Sub(c.After.From), held: c.Before == c.After,
	}
	if c.Clamped() {
		key.clamp = c.State.Ceiling()
	}
	index := t.last.next // as days are mostly alike
	if len(t.rows) == 0 || t.rows[index].key != key {
		known := false
		if index, known = t.index[key]; !known {
			reason := c.Reason(p.Forecast.Schedule)
			if key.held {
				reason = p.Forecast.Schedule.Title(c.After.Because) + " is open" + c.After.Course()
			}
			index = int32(len(t.rows))
			t.index[key], t.rows = index, append(t.rows, &row{key: key, change: *c, reason: reason})
		}
		t.last.next = index
	}
	t.last = t.rows[index]
	t.at[at] = append(t.at[at], place{int32(hpa), index})
}

func (t *timetable) rowsAt(at int64) []*row {
	var rows []*row
	for _, place := range t.at[at] {
		r := t.rows[place.row]
		if r.at != at || len(r.hpas) == 0 {
			r.at, r.hpas = at, r.hpas[:0]
			rows = append(rows, r)
		}
		r.hpas = append(r.hpas, place.hpa)
	}
	slices.SortFunc(rows, func(a, b *row) int {
		return cmp.Or(
			cmp.Compare(a.reason, b.reason), cmp.Compare(a.change.HPA.Namespace, b.change.HPA.Namespace),
			cmp.Compare(a.change.After.MinReplicas, b.change.After.MinReplicas),
			cmp.Compare(a.change.Before.MinReplicas, b.change.Before.MinReplicas), cmp.Compare(a.hpas[0], b.hpas[0]),
		)
	})
	return rows
}

// description returns that of an event that begins to apply, on one line of at most so many characters.
func (p *Plan) description(c *forecast.Change, most int) string {
	event := p.Forecast.Schedule.Event(c.After.Because)
	if event == nil || c.After.Because == c.Before.Because {
		return ""
	}
	return text.Cut(text.Visible(strings.Join(strings.Fields(event.Description), " ")), most)
}

func (r *row) verb() forecast.Verb {
	if r.key.held {
		return "held"
	}
	return r.change.Verb()
}

// note returns how long a ramp takes, and what keeps the HPAs from the floor.
func (r *row) note(zone *time.Location) string {
	note, c, at := "", &r.change, time.Unix(0, r.at).In(zone)
	if n := len(c.Steps); n > 1 {
		note = fmt.Sprintf(", in %d steps until %s", n, text.MomentAfter(at.Add(c.Last().Sub(c.After.From)), at))
	}
	switch {
	case c.Clamped():
		note += fmt.Sprintf(", clamped: floor %d, %s", c.After.Floor, c.State.Ceiling())
	case c.After.Floor > 0 && c.Verb() == forecast.Hold:
		note += fmt.Sprintf(": the baseline is above floor %d", c.After.Floor)
	}
	return note
}

// list returns the HPAs of a row, mostly those of the instant before.
func (p *Plan) list(r *row, width int) string {
	if !slices.Equal(r.named, r.hpas) {
		r.named, r.names = slices.Clone(r.hpas), p.braced(r, width)
	}
	return r.names
}

// braced returns the HPAs within braces where there are several. Lines break at the width.
func (p *Plan) braced(r *row, width int) string {
	if len(r.hpas) == 1 {
		return p.names[r.hpas[0]]
	}
	namespace := text.Visible(r.change.HPA.Namespace) + "/"
	var b strings.Builder
	b.WriteString(namespace + "{")
	column := len(continued) + len(namespace) + 1
	for i, hpa := range r.hpas {
		name := p.names[hpa][len(namespace):]
		if i > 0 {
			b.WriteByte(',')
		}
		if column += len(name) + 1; i > 0 && column > max(width, len(continued)+20) {
			b.WriteString("\n" + continued)
			column = len(continued) + len(name) + 1
		}
		b.WriteString(name)
	}
	return b.String() + "}"
}
