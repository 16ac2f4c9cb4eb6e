package forecast

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// Claims is what the open entries ask of an HPA over [From, To), the one that applies first.
type Claims struct {
	From, To time.Time
	All      []schedules.Decision
}

// Claims yields what the open entries ask of the HPA, in order and without gaps.
func (o *Outlook) Claims() iter.Seq[Claims] { return o.forecast.claims(o.Subject()) }

func (f *Forecast) claims(hpa schedules.HPA) iter.Seq[Claims] {
	return func(yield func(Claims) bool) {
		for from := f.From; from.Before(f.To) && f.limits.spend(1); {
			to := f.Schedule.At(hpa, from).Next
			if to.IsZero() || to.After(f.To) {
				to = f.To
			}
			if !yield(Claims{from, to, f.Schedule.Claims(hpa, from)}) {
				return
			}
			from = to
		}
	}
}

// Overlaps returns, for each pair of overlapping entries, the first overlap and one HPA affected by it.
func (f *Forecast) Overlaps() []Finding {
	subject := func(o *Outlook) (schedules.HPA, bool) { return o.Subject(), o.Refusal == "" && o.Len() > 0 }
	return f.overlaps(subject, false, func(o *Outlook, _ schedules.HPA, from time.Time, winner, loser schedules.Decision) Finding {
		return Finding{Overlap, loser.Because, o.HPA, from.In(loser.Since.Location()), overlap(f.Schedule, winner, loser)}
	})
}

// overlaps reports each pair of entries once, when both are open for the same HPA for the first time: the one that applies
// and any other, or all pairs. Of HPAs covered by the same entries only the first is examined. Ramps do not count: on them
// the other entry has the larger floor for a moment, with a number that nobody wrote.
func (f *Forecast) overlaps(subject func(*Outlook) (hpa schedules.HPA, counts bool), all bool,
	report func(o *Outlook, hpa schedules.HPA, from time.Time, first, second schedules.Decision) Finding,
) []Finding {
	var findings []Finding
	seen, reported := make(map[string]bool), make(map[string]bool)
	for i := range f.Outlooks {
		hpa, counts := subject(&f.Outlooks[i])
		names := f.Schedule.Covering(hpa)
		covering := strings.Join(names, " ")
		if !counts || len(names) < 2 || seen[covering] {
			continue
		}
		seen[covering] = true
		for claims := range f.claims(hpa) {
			for first, second := range pairs(claims.All, all) {
				pair := min(first.Because, second.Because) + " " + max(first.Because, second.Because)
				if !reported[pair] {
					reported[pair] = true
					findings = append(findings, report(&f.Outlooks[i], hpa, claims.From, first, second))
				}
			}
		}
	}
	return findings
}

// pairs yields the pairs of different entries that are not on a ramp: the first and any other, or all.
func pairs(claims []schedules.Decision, all bool) iter.Seq2[schedules.Decision, schedules.Decision] {
	claims = slices.DeleteFunc(claims, func(c schedules.Decision) bool { return c.Ramp != schedules.Steady })
	return func(yield func(a, b schedules.Decision) bool) {
		for i := 0; i < len(claims) && (all || i == 0); i++ {
			for _, other := range claims[i+1:] {
				if claims[i].Because != other.Because && !yield(claims[i], other) {
					return
				}
			}
		}
	}
}

func overlap(schedule *schedules.Schedule, winner, loser schedules.Decision) string {
	if winner.Floor == loser.Floor {
		return fmt.Sprintf("%s is open as well and asks for %d too; of equal floors the one that falls last applies, then the first by name",
			schedule.Title(winner.Because), winner.Floor)
	}
	return fmt.Sprintf("%s is open as well, and its floor %d applies instead of %d: the largest does",
		schedule.Title(winner.Because), winner.Floor, loser.Floor)
}

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
