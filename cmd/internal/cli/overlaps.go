package cli

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// overlapsOfTargets returns, for each pair of entries of which one stands over the other, the first time that it does, as
// far as their targets alone can tell: stand-ins are covered by what covers any HPA of the same names and labels. Nothing
// is known of their baselines, so that each pair is compared with several.
func overlapsOfTargets(v *Preview) []forecast.Finding {
	var findings []forecast.Finding
	seen, told := make(map[string]bool), make(map[string]bool)
	for i := range v.Forecast.Outlooks {
		hpa := v.Forecast.Outlooks[i].HPA
		subject := schedules.HPA{Namespace: hpa.Namespace, Name: hpa.Name, Labels: hpa.Labels, Baseline: 1}
		names := v.Schedule.Covering(subject)
		if covering := strings.Join(names, " "); len(names) > 1 && !seen[covering] {
			seen[covering] = true
			for t := v.Forecast.From; !t.IsZero() && t.Before(v.Forecast.To); t = v.Schedule.At(subject, t).Next {
				findings = append(findings, overlapsAt(v.Schedule, subject, t, told)...)
			}
		}
	}
	return findings
}

// overlapsAt returns the overlaps at an instant of entries that are not on a ramp and have not been told of yet.
func overlapsAt(schedule *schedules.Schedule, subject schedules.HPA, t time.Time, told map[string]bool) []forecast.Finding {
	var findings []forecast.Finding
	claims := steady(schedule.Claims(subject, t))
	floors := sync.OnceValue(func() []map[string]int32 { return floorsAt(schedule, subject, t) })
	for i := range claims {
		for _, other := range claims[i+1:] {
			names := []string{claims[i].Because, other.Because}
			slices.Sort(names)
			pair := strings.Join(names, " ")
			if names[0] == names[1] || told[pair] {
				continue
			}
			told[pair] = true
			findings = append(findings, overlapOf(schedule, t, floors(), claims[i], other))
		}
	}
	return findings
}

// steady returns the claims that stand at their full floor.
func steady(claims []schedules.Decision) []schedules.Decision {
	return slices.DeleteFunc(claims, func(c schedules.Decision) bool { return c.Ramp != schedules.Steady })
}

// overlapOf compares what two entries ask at an instant of HPAs with one baseline and another.
func overlapOf(schedule *schedules.Schedule, t time.Time, floors []map[string]int32, a, b schedules.Decision) forecast.Finding {
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
	return forecast.Finding{Kind: forecast.Overlap, Entry: loser.Because, From: t, Message: message}
}

// floorsAt returns the full floors that the entries ask for at an instant, for one baseline after another.
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

// compare says whether the floor of a is larger than that of b with some baseline, and smaller with some; and whether
// neither depends on it.
func compare(floors []map[string]int32, a, b schedules.Decision) (larger, smaller, absolute bool) {
	absolute = true
	for _, floor := range floors {
		first, second := floor[a.Because], floor[b.Because]
		larger, smaller = larger || first > second, smaller || first < second
		absolute = absolute && first == a.Full && second == b.Full
	}
	return larger, smaller, absolute
}
