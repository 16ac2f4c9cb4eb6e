package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/controller"
)

// change is a step of one HPA from one stretch to the next.
type change struct {
	outlook       int
	before, after controller.Stretch
}

// day is a local date of the table of changes.
type day struct {
	Name string
	Note string // that it has not 24 hours
	Rows []line
}

// line is one line of that table.
type line struct {
	Machine, Local, UTC string
	HPA                 string
	From, To            int32
	Rises, Falls        bool
	Floor               int32
	Reason              string
	Notes               []string
	Alarm               bool
	Within              bool // a step in the middle of a ramp
}

// changes returns the first changes of all HPAs in order of time, and how many there are altogether.
func (d *Document) changes(most int) (first []change, total int) {
	if d.Forecast == nil {
		return nil, 0
	}
	var beyond time.Time // changes from here on are certainly not among the first
	for i := range d.Forecast.Outlooks {
		var before controller.Stretch
		for s := range d.Forecast.Outlooks[i].Stretches() {
			if before.To.Equal(s.From) && differ(before, s) {
				total++
				if beyond.IsZero() || s.From.Before(beyond) {
					first = append(first, change{i, before, s})
				}
			}
			before = s
		}
		if len(first) > 4*most {
			first = earliest(first, most)
			beyond = first[most-1].after.From.Add(1)
		}
	}
	return earliest(first, most), total
}

// differ says whether two stretches differ in what people want to read of.
func differ(a, b controller.Stretch) bool {
	return a.MinReplicas != b.MinReplicas || a.Floor != b.Floor || a.Because != b.Because
}

func earliest(all []change, most int) []change {
	slices.SortStableFunc(all, func(a, b change) int {
		return cmp.Or(a.after.From.Compare(b.after.From), a.outlook-b.outlook)
	})
	return all[:min(len(all), most)]
}

// days returns the rows of the table, by local date.
func (d *Document) days(changes []change) []day {
	var all []day
	for _, c := range changes {
		at := d.at(c.after.From)
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
	o := &d.Forecast.Outlooks[c.outlook]
	r := line{
		Machine: at.UTC().Format(machine), Local: exact(at, clockLayout) + at.Format(" MST"), UTC: exact(at.UTC(), utcLayout),
		HPA: nameOf(o.HPA), From: c.before.MinReplicas, To: c.after.MinReplicas, Floor: c.after.Floor,
		Rises: c.after.MinReplicas > c.before.MinReplicas, Falls: c.after.MinReplicas < c.before.MinReplicas,
		Reason: d.reason(c), Within: c.after.Ramp != "" && c.before.Ramp == c.after.Ramp,
	}
	switch {
	case o.Refusal != "":
		r.Notes, r.Alarm = append(r.Notes, "gets no floor: "+plain(o.Refusal)), true
	case c.after.Floor > c.after.MinReplicas:
		r.Notes, r.Alarm = append(r.Notes, fmt.Sprintf("clamped to maxReplicas %d", o.State.MaxReplicas)), true
	case c.after.Floor > 0 && c.after.Floor < c.after.MinReplicas:
		r.Notes = append(r.Notes, "the baseline is above the floor")
	}
	return r
}

// reason says which entry makes the change, and what becomes of the one before.
func (d *Document) reason(c change) string {
	schedule := d.Forecast.Schedule
	before, after := c.before.Because, c.after.Because
	switch {
	case c.after.Floor == 0:
		return plain(schedule.Title(before)) + " ends"
	case c.after.Ramp != "":
		return plain(schedule.Title(after)) + ", " + strings.ToLower(string(c.after.Ramp))
	case c.before.Floor > 0 && before != after && c.after.Floor > c.before.Floor:
		return plain(schedule.Title(after)) + ", over " + plain(schedule.Title(before))
	default:
		return plain(schedule.Title(after))
	}
}
