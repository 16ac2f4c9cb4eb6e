package page

import (
	"fmt"
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

// tally counts changes: those of minReplicas, and those at which it stays.
type tally struct{ changes, stays int }

func (t tally) all() int { return t.changes + t.stays }

// String says how many there are.
func (t tally) String() string {
	sentence := text.GroupedCount(t.changes, "change") + " of minReplicas"
	if t.stays > 0 {
		sentence += fmt.Sprintf(", and %s that it stays as it is", text.GroupedCount(t.stays, "time"))
	}
	return sentence
}

// changes returns the first changes of all HPAs in order of time, and how many there are altogether.
func (d *Document) changes(most int) (first []forecast.Change, total tally) {
	if d.Forecast == nil {
		return nil, total
	}
	var beyond time.Time // changes from here on are certainly not among the first
	for i := range d.Forecast.Outlooks {
		for c := range d.Forecast.Outlooks[i].Changes() {
			switch {
			case c.Moves():
				total.changes++
			case c.Before.Floor != c.End.Floor || c.Before.Because != c.End.Because:
				total.stays++
			default:
				continue
			}
			if beyond.IsZero() || c.After.From.Before(beyond) {
				first = append(first, c)
			}
		}
		if len(first) > 4*most {
			first = earliest(first, most)
			beyond = first[most-1].After.From.Add(1)
		}
	}
	return earliest(first, most), total
}

// earliest returns the first changes in order of time, those of an instant in order of the HPAs.
func earliest(all []forecast.Change, most int) []forecast.Change {
	slices.SortStableFunc(all, func(a, b forecast.Change) int { return a.After.From.Compare(b.After.From) })
	return all[:min(len(all), most)]
}

// reason says which entry makes the change, and what becomes of the one before.
func (d *Document) reason(c *forecast.Change) string {
	return text.Line(c.ShortReason(d.Forecast.Schedule))
}
