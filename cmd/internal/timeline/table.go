package timeline

import (
	"fmt"
	"time"

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
func (d *Document) days(changes []change) []day {
	var all []day
	for _, c := range changes {
		at := d.at(c.first().From)
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

func (d *Document) row(c change, at time.Time) line {
	r := line{
		moment: d.moment(at, at), UTC: exact(at.UTC(), utcLayout), HPA: nameOf(c.HPA),
		From: grouped(int(c.before().MinReplicas)), To: grouped(int(c.after.MinReplicas)), Floor: amount(c.after.Floor),
		Stays: c.stays(), Reason: d.reason(c), Steps: d.steps(c, at),
	}
	if n := len(r.Steps); n > 0 {
		r.Until = fmt.Sprintf("in %d steps until %s", n, r.Steps[n-1].At)
	}
	switch {
	case c.after.Floor > c.after.MinReplicas:
		r.Note, r.Alarm = fmt.Sprintf("clamped to maxReplicas %s", amount(c.State.MaxReplicas)), true
	case c.after.Floor > 0 && c.after.Floor < c.after.MinReplicas:
		r.Note = "the baseline is above the floor"
	}
	return r
}

// steps returns those of a ramp that change minReplicas, and none of what is no ramp.
func (d *Document) steps(c change, since time.Time) (all []step) {
	for k := c.told; k < c.end; k++ {
		before, after := c.Stretch(k-1), c.Stretch(k)
		if before.MinReplicas != after.MinReplicas {
			all = append(all, step{d.moment(after.From, since).Local, grouped(int(after.MinReplicas))})
		}
	}
	if len(all) < 2 {
		return nil
	}
	return all
}

// moment returns an instant as people read it who were told of an earlier one: with its day where that is another.
func (d *Document) moment(t, since time.Time) moment {
	t = d.at(t)
	layout := clockLayout + " MST"
	if t.YearDay() != since.YearDay() {
		layout = "Mon 2 Jan " + layout
	}
	return moment{t.UTC().Format(machine), exact(t, layout)}
}

// amount returns a floor or a limit, and a dash for none.
func amount(replicas int32) string {
	if replicas == 0 {
		return "–"
	}
	return grouped(int(replicas))
}

// Course says on which ramp a floor is, behind what is said of its entry; "" for none.
func Course(ramp schedules.Ramp) string {
	switch ramp {
	case schedules.Climbing:
		return ", ramp up"
	case schedules.Descending:
		return ", ramp down"
	default:
		return ""
	}
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
		o := opening{HPA: l.name, Baseline: l.known(), Max: "–", Replicas: grouped(int(first.MinReplicas)), Floor: "–", Alarm: l.differs}
		if l.State.MaxReplicas < schedules.MaxReplicas {
			o.Max = amount(l.State.MaxReplicas)
		}
		switch {
		case l.unheeded:
			o.Entry = l.notes[0].text
		case first.Floor > 0:
			o.Floor, o.Entry = amount(first.Floor), text.Line(d.Forecast.Schedule.Title(first.Because))+Course(first.Ramp)
		}
		if d.Live && d.inRange() {
			o.Live = grouped(int(l.State.MinReplicas))
		}
		all[i] = o
	}
	return all
}
