package page

import (
	"fmt"
	"slices"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

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
	Steps           []string // of a ramp that has several
	Until           string
	Note            string
	Alarm           bool
}

// moment is an instant, for programs and for people.
type moment struct{ Machine, Local string }

type table struct {
	Days          []day
	Caption, More string
}

func (p *picture) Table() table {
	changes, moves, stays := p.changes(maxRows)
	t := table{Days: p.days(changes), Caption: text.GroupedCount(moves, "change") + " of minReplicas"}
	if stays > 0 {
		t.Caption += fmt.Sprintf(", and %s that it stays as it is", text.GroupedCount(stays, "time"))
	}
	t.Caption += ", " + p.Range()
	if more := moves + stays - len(changes); more > 0 {
		t.More = fmt.Sprintf("%s more after these%s.", text.GroupedCount(more, "row"), p.remedy())
	}
	return t
}

// changes returns the first changes of all HPAs in order of time, those of an instant in order of the HPAs, and how many
// there are altogether: those of minReplicas, and those at which it stays.
func (d *Document) changes(most int) (first []forecast.Change, moves, stays int) {
	var beyond time.Time // changes from here on are certainly not among the first
	cut := func() {
		slices.SortStableFunc(first, func(a, b forecast.Change) int { return a.After.From.Compare(b.After.From) })
		first = first[:min(len(first), most)]
	}
	for i := range d.Forecast.Outlooks {
		for c := range d.Forecast.Outlooks[i].Changes() {
			switch {
			case c.Moves():
				moves++
			case c.Before.Floor != c.End.Floor || c.Before.Because != c.End.Because:
				stays++
			default:
				continue
			}
			if beyond.IsZero() || c.After.From.Before(beyond) {
				first = append(first, c)
			}
		}
		if len(first) > 4*most {
			cut()
			beyond = first[most-1].After.From.Add(1)
		}
	}
	cut()
	return first, moves, stays
}

// dayLayout is that of dates which have a line of their own.
const dayLayout = "Monday 2 January 2006"

func (d *Document) days(changes []forecast.Change) (all []day) {
	for i := range changes {
		at := d.at(changes[i].After.From)
		name := at.Format(dayLayout)
		if len(all) == 0 || all[len(all)-1].Name != name {
			next := day{Name: name}
			if h := hoursOf(at); h != 24 {
				next.Note = fmt.Sprintf("a day of %v hours", h)
			}
			all = append(all, next)
		}
		last := &all[len(all)-1]
		last.Rows = append(last.Rows, d.row(&changes[i], at))
	}
	return all
}

func (d *Document) row(c *forecast.Change, at time.Time) line {
	r := line{
		moment: moment{at.UTC().Format(time.RFC3339), text.Clock(at)}, UTC: text.UTC(at), HPA: nameOf(c.HPA),
		From: grouped(c.Before.MinReplicas), To: grouped(c.After.MinReplicas), Floor: amount(c.End.Floor),
		Stays: !c.Moves(), Reason: d.reason(c),
	}
	if n := len(c.Steps); n > 1 {
		for _, step := range c.Steps {
			r.Steps = append(r.Steps, text.MomentAfter(d.at(step.At), at)+": "+grouped(step.MinReplicas))
		}
		r.Until = fmt.Sprintf("in %d steps until %s", n, text.MomentAfter(d.at(c.Last()), at))
	}
	switch {
	case c.End.Floor > c.End.MinReplicas:
		r.Note, r.Alarm = "clamped to maxReplicas "+amount(c.State.MaxReplicas), true
	case c.End.Floor > 0 && c.End.Floor < c.End.MinReplicas:
		r.Note = "the baseline is above the floor"
	}
	return r
}

func (d *Document) reason(c *forecast.Change) string {
	return text.Line(c.ShortReason(d.Forecast.Schedule))
}

// nameOf returns the HPA's namespace and name, as they are shown. Kubernetes' own have at most 253 characters.
func nameOf(hpa *autoscalingv2.HorizontalPodAutoscaler) string {
	return text.CutMiddle(text.Line(hpa.Namespace+"/"+hpa.Name), 260)
}

func grouped(replicas int32) string { return text.Grouped(int(replicas)) }

// amount returns a floor or a limit, and a dash for none.
func amount(replicas int32) string {
	if replicas == 0 {
		return "–"
	}
	return grouped(replicas)
}

// opening is what is in effect for an HPA at the beginning of the range, and minReplicas at the instant of rendering.
type opening struct {
	HPA                            string
	Baseline, Max, Replicas, Floor string
	Entry                          string
	Live                           string
	Alarm                          bool
}

func (p *picture) Openings() (all []opening) {
	for _, l := range p.lanes {
		first := l.stretches[0]
		o := opening{HPA: l.name, Baseline: l.known(), Max: "–", Replicas: grouped(first.MinReplicas), Floor: "–", Alarm: l.differs}
		if l.State.MaxReplicas < schedules.MaxReplicas {
			o.Max = amount(l.State.MaxReplicas)
		}
		switch {
		case l.refused:
			o.Entry = l.notes[0].text
		case first.Floor > 0:
			o.Floor, o.Entry = amount(first.Floor), text.Line(p.Forecast.Schedule.Title(first.Because))+first.Course()
		}
		if p.compares() {
			o.Live = grouped(l.State.MinReplicas)
		}
		all = append(all, o)
	}
	return all
}
