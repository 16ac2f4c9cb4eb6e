package page

import (
	"fmt"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// day is a local date of the table of changes.
type day struct {
	Name string
	Note string // that it has not 24 hours
	Rows []line
}

// line is one line of that table. Numbers are as they are shown.
type line struct {
	moment
	UTC, HPA        string
	From, To, Floor string
	Stays           bool
	Reason          string
	Steps           []step // of a ramp that has several
	Until           string
	Note            string
	Alarm           bool
}

// moment is an instant, for programs and for people.
type moment struct{ Machine, Local string }

// step is one of a ramp: when it is, and what minReplicas is from then on.
type step struct{ At, To string }

// days returns the rows of the table, by local date.
func (d *Document) days(changes []forecast.Change) []day {
	var all []day
	for i := range changes {
		c := &changes[i]
		at := d.at(c.After.From)
		name := at.Format(dayLayout)
		if len(all) == 0 || all[len(all)-1].Name != name {
			next := day{Name: name}
			if h := hoursOf(at); h != 24 {
				next.Note = fmt.Sprintf("a day of %v hours", h)
			}
			all = append(all, next)
		}
		last := &all[len(all)-1]
		last.Rows = append(last.Rows, d.row(c, at))
	}
	return all
}

func (d *Document) row(c *forecast.Change, at time.Time) line {
	r := line{
		moment: d.moment(at, at), UTC: text.UTC(at), HPA: nameOf(c.HPA),
		From: text.Grouped(int(c.Before.MinReplicas)), To: text.Grouped(int(c.After.MinReplicas)), Floor: amount(c.End.Floor),
		Stays: !c.Moves(), Reason: d.reason(c), Steps: d.steps(c, at),
	}
	if n := len(r.Steps); n > 0 {
		r.Until = fmt.Sprintf("in %d steps until %s", n, r.Steps[n-1].At)
	}
	switch {
	case c.End.Floor > c.End.MinReplicas:
		r.Note, r.Alarm = fmt.Sprintf("clamped to maxReplicas %s", amount(c.State.MaxReplicas)), true
	case c.End.Floor > 0 && c.End.Floor < c.End.MinReplicas:
		r.Note = "the baseline is above the floor"
	}
	return r
}

// steps returns those of a ramp, and none of what is no ramp.
func (d *Document) steps(c *forecast.Change, since time.Time) (all []step) {
	for i := 0; i < len(c.Steps) && len(c.Steps) > 1; i++ {
		all = append(all, step{d.moment(c.Steps[i].At, since).Local, text.Grouped(int(c.Steps[i].MinReplicas))})
	}
	return all
}

// moment returns an instant as people read it who were told of an earlier one: with its day where that is another.
func (d *Document) moment(t, since time.Time) moment {
	t = d.at(t)
	return moment{t.UTC().Format(time.RFC3339), text.MomentAfter(t, since)}
}

// amount returns a floor or a limit, and a dash for none.
func amount(replicas int32) string {
	if replicas == 0 {
		return "–"
	}
	return text.Grouped(int(replicas))
}

// opening is what stands for an HPA at the beginning of the range, and what minReplicas is at the instant of rendering.
type opening struct {
	HPA                            string
	Baseline, Max, Replicas, Floor string
	Entry                          string
	Live                           string
	Alarm                          bool
}

// openings returns those of the lanes.
func (d *Document) openings(lanes []*strip) []opening {
	all := make([]opening, len(lanes))
	for i, l := range lanes {
		first := l.stretches[0]
		o := opening{HPA: l.name, Baseline: l.known(), Max: "–", Replicas: text.Grouped(int(first.MinReplicas)), Floor: "–", Alarm: l.differs}
		if l.State.MaxReplicas < schedules.MaxReplicas {
			o.Max = amount(l.State.MaxReplicas)
		}
		switch {
		case l.unheeded:
			o.Entry = l.notes[0].text
		case first.Floor > 0:
			o.Floor, o.Entry = amount(first.Floor), text.Line(d.Forecast.Schedule.Title(first.Because))+first.Course()
		}
		if d.Live && d.inRange() {
			o.Live = text.Grouped(int(l.State.MinReplicas))
		}
		all[i] = o
	}
	return all
}
