package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

// change is what happens to an HPA at an instant. A ramp is one, told at the first step that changes minReplicas.
type change struct {
	*forecast.Outlook
	row       int              // of the outlook in the forecast
	told, end int              // the stretches from the one that is told up to, exclusively, the one after the change
	after     forecast.Stretch // the last of them
}

// before returns the stretch that the change ends, and first the one that it begins.
func (c change) before() forecast.Stretch { return c.Stretch(c.told - 1) }

func (c change) first() forecast.Stretch { return c.Stretch(c.told) }

// stays says that minReplicas is what it was.
func (c change) stays() bool { return c.before().MinReplicas == c.after.MinReplicas }

// changes yields what happens to an HPA, in order. Nothing happens to one that no entry may cover.
func changes(row int, o *forecast.Outlook, yield func(change)) {
	for k := 1; k < o.Len() && o.Refusal == ""; {
		c := change{Outlook: o, row: row, told: k, end: k + 1}
		for c.end < o.Len() && o.Continues(c.end) {
			c.end++
		}
		k, c.after = c.end, o.Stretch(c.end-1)
		for i := c.told; i < c.end; i++ {
			if o.Stretch(i).MinReplicas != o.Stretch(i-1).MinReplicas {
				c.told = i
				break
			}
		}
		if before := c.before(); !c.stays() || before.Floor != c.after.Floor || before.Because != c.after.Because {
			yield(c)
		}
	}
}

// tally counts changes: those of minReplicas, and those at which it stays.
type tally struct{ changes, stays int }

func (t tally) all() int { return t.changes + t.stays }

// String says how many there are.
func (t tally) String() string {
	text := counted(t.changes, "change") + " of minReplicas"
	if t.stays > 0 {
		text += fmt.Sprintf(", and %s that it stays as it is", counted(t.stays, "time"))
	}
	return text
}

// changes returns the first changes of all HPAs in order of time, and how many there are altogether.
func (d *Document) changes(most int) (first []change, total tally) {
	if d.Forecast == nil {
		return nil, total
	}
	var beyond time.Time // changes from here on are certainly not among the first
	for i := range d.Forecast.Outlooks {
		changes(i, &d.Forecast.Outlooks[i], func(c change) {
			if c.stays() {
				total.stays++
			} else {
				total.changes++
			}
			if beyond.IsZero() || c.first().From.Before(beyond) {
				first = append(first, c)
			}
		})
		if len(first) > 4*most {
			first = earliest(first, most)
			beyond = first[most-1].first().From.Add(1)
		}
	}
	return earliest(first, most), total
}

func earliest(all []change, most int) []change {
	slices.SortStableFunc(all, func(a, b change) int {
		return cmp.Or(a.first().From.Compare(b.first().From), a.row-b.row)
	})
	return all[:min(len(all), most)]
}

// reason says which entry makes the change, and what becomes of the one before.
func (d *Document) reason(c change) string {
	before, first := c.before(), c.first()
	was, is := text.Line(d.Forecast.Schedule.Title(before.Because)), text.Line(d.Forecast.Schedule.Title(first.Because))
	switch {
	case first.Floor == 0:
		return was + " ends"
	case before.Floor == 0 || before.Because == first.Because:
		return is + Course(first.Ramp)
	case first.Floor < before.Floor:
		return was + " ends, " + is + " applies" + Course(first.Ramp)
	default:
		return is + ", over " + was + Course(first.Ramp)
	}
}
