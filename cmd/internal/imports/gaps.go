package imports

import (
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/zones"
)

// noteGaps notes, at the end of each window, where another occurrence on one of its HPAs begins soon after it.
func (d *Draft) noteGaps() {
	type place struct{ zone, namespace, hpa string }
	starting := map[place][]*Entry{}
	each := func(e *Entry, do func(place)) {
		for _, t := range e.Targets {
			do(place{e.TimeZone, t.Namespace, t.Name})
		}
	}
	for _, e := range d.Windows {
		each(e, func(at place) { starting[at] = append(starting[at], e) })
	}
	for _, e := range d.Windows {
		noted := false
		each(e, func(at place) {
			for _, next := range starting[at] {
				if gap, soon := gapBetween(e, next); soon && !noted {
					noted = true
					e.note(onEnd, "%s after this end a window begins again, and minReplicas falls and rises in between; end it at %s if "+
						"that is not meant", schedules.FormatDuration(gap), endOfDay(next.start()))
				}
			}
		})
	}
}

func (e *Entry) start() time.Time {
	t, _ := time.Parse("15:04", e.Start)
	return t
}

// gapBetween returns how long after the end of a window another one begins, if that is soon.
func gapBetween(e, next *Entry) (time.Duration, bool) {
	length := e.Duration
	if end, err := time.Parse("15:04", e.End); err == nil {
		if length = end.Sub(e.start()); length <= 0 {
			length += 24 * time.Hour
		}
	}
	end := minuteOf(e.start()) + int(length.Minutes())
	start := minuteOf(next.start())
	days := 0 // from the date on which the one starts to that of the other
	for start+days*dayLength <= end {
		days++
	}
	gap := time.Duration(start+days*dayLength-end) * time.Minute
	meets := len(e.Dates.Days) == 0 || len(next.Dates.Days) == 0 || slices.ContainsFunc(e.Dates.Days, func(day int) bool {
		return slices.Contains(next.Dates.Days, (day+days)%7)
	})
	return gap, length > 0 && gap <= forecast.MaxGap && meets && !e.Suspend && !next.Suspend
}

// noteZones notes zones whose names mislead, each once.
func (d *Draft) noteZones() {
	var seen []string
	for _, e := range slices.Concat(d.Windows, d.Events) {
		if advice := zones.Fixed(e.TimeZone); advice != "" && !slices.Contains(seen, e.TimeZone) {
			seen = append(seen, e.TimeZone)
			d.Head = append(d.Head, advice)
		}
	}
}
