package forecast

import (
	"fmt"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// TargetOverlaps returns the first overlap of each pair of overlapping entries, as far as their targets alone show:
// the HPAs are placeholders, covered by what covers any HPA of the same names and labels. Nothing is known of their
// baselines, so that each pair is compared with several.
func (f *Forecast) TargetOverlaps() []Finding {
	subject := func(o *Outlook) (schedules.HPA, bool) {
		hpa := autoscaler.Subject(o.HPA)
		hpa.Baseline = 1
		return hpa, true
	}
	var floors []map[string]int32 // of one HPA at one instant
	var of string
	return f.overlaps(subject, true, func(_ *Outlook, hpa schedules.HPA, from time.Time, a, b schedules.Decision) Finding {
		if key := fmt.Sprint(hpa.Namespace, " ", hpa.Name, " ", from.UnixNano()); key != of {
			of, floors = key, floorsAt(f.Schedule, hpa, from)
		}
		return overlapOf(f.Schedule, from, floors, a, b)
	})
}

func overlapOf(schedule *schedules.Schedule, t time.Time, floors []map[string]int32, a, b schedules.Decision) Finding {
	larger, smaller, absolute := compare(floors, a, b)
	winner, loser := a, b
	if smaller && !larger {
		winner, loser = b, a
	}
	message := schedule.Title(winner.Because) + " is open as well"
	switch {
	case larger && smaller:
		message += "; which of the two floors applies, the larger one, depends on the baseline: give --hpas or --live"
	case !larger && !smaller:
		message += " and asks for the same floor"
	case absolute:
		message += fmt.Sprintf(", and its floor %d applies instead of %d: the largest does", winner.Full, loser.Full)
	default:
		message += " and applies instead: its floor is the larger one with every baseline"
	}
	return Finding{Kind: Overlap, Entry: loser.Because, From: t, Message: message}
}

// floorsAt returns the full floor of each entry at an instant, for several baselines.
func floorsAt(schedule *schedules.Schedule, subject schedules.HPA, t time.Time) []map[string]int32 {
	var all []map[string]int32
	for _, subject.Baseline = range []int32{1, 10, 100, 1000, 10_000} {
		floors := make(map[string]int32)
		for _, claim := range schedule.Claims(subject, t) {
			floors[claim.Because] = max(floors[claim.Because], claim.Full)
		}
		all = append(all, floors)
	}
	return all
}

// compare reports whether the floor of a is larger than that of b with some baseline, and smaller with another; and whether
// neither floor depends on the baseline.
func compare(floors []map[string]int32, a, b schedules.Decision) (larger, smaller, absolute bool) {
	absolute = true
	for _, floor := range floors {
		first, second := floor[a.Because], floor[b.Because]
		larger, smaller = larger || first > second, smaller || first < second
		absolute = absolute && first == a.Full && second == b.Full
	}
	return larger, smaller, absolute
}
