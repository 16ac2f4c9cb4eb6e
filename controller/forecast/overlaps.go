package forecast

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// Claims is what the open entries ask of an HPA over [From, To), the one that applies first. They hold until the next.
type Claims struct {
	From, To time.Time
	All      []schedules.Decision
}

// Claims yields what the open entries ask of the HPA, in order and without gaps.
func (o *Outlook) Claims() iter.Seq[Claims] { return o.forecast.claims(o.Subject()) }

func (f *Forecast) claims(hpa schedules.HPA) iter.Seq[Claims] {
	return func(yield func(Claims) bool) {
		for segment, claims := range f.Schedule.ClaimsOver(hpa, f.From, f.To) {
			if !f.limits.spend(1) || !yield(Claims{segment.From, segment.To, claims}) {
				return
			}
		}
	}
}

// overlaps reports each entry once whose floor does not apply while it is open, because another one is: the first time, and
// over which others it never does. Of HPAs covered by the same entries only the first is examined. Ramps do not count: on
// them the other entry has the larger floor for a moment, with a number that nobody wrote.
func (f *Forecast) overlaps(report func(Finding)) {
	all, seen := &overlapped{schedule: f.Schedule, first: make(map[string]*Finding), over: make(map[string][]string)}, make(map[string]bool)
	for i := range f.Outlooks {
		o := &f.Outlooks[i]
		hpa, counts := f.overlapping(o)
		names := f.Schedule.Covering(hpa)
		covering := strings.Join(names, " ")
		if !counts || len(names) < 2 || seen[covering] {
			continue
		}
		seen[covering] = true
		if f.Assumed {
			all.assumed(f, hpa)
			continue
		}
		for claims := range f.claims(hpa) {
			steady := all.steady(claims.All)
			for i := 1; i < len(steady); i++ {
				all.add(o.HPA, claims.From, steady[0], steady[i], overlap)
			}
		}
	}
	all.report(report)
}

// overlapping returns an HPA as the schedule knows it, and whether it counts. Of placeholders nothing is known but what their
// targets show.
func (f *Forecast) overlapping(o *Outlook) (hpa schedules.HPA, counts bool) {
	if !f.Assumed {
		return o.Subject(), o.Refusal == "" && o.Len() > 0
	}
	hpa = autoscaler.Subject(o.HPA)
	hpa.Baseline = baselines()[0]
	return hpa, true
}

// overlapped collects the overlaps, by the entry whose floor does not apply.
type overlapped struct {
	schedule *schedules.Schedule
	entries  []string
	first    map[string]*Finding
	over     map[string][]string // those that apply instead
	buffer   []schedules.Decision
}

// maxOver limits how many entries that apply instead of another are recorded.
const maxOver = 4

// steady returns the claims that are on no ramp, up to the next call.
func (a *overlapped) steady(claims []schedules.Decision) []schedules.Decision {
	a.buffer = a.buffer[:0]
	for _, c := range claims {
		if c.Ramp == schedules.Steady {
			a.buffer = append(a.buffer, c)
		}
	}
	return a.buffer
}

func (a *overlapped) add(hpa *autoscalingv2.HorizontalPodAutoscaler, from time.Time, winner, loser schedules.Decision,
	message func(*schedules.Schedule, schedules.Decision, schedules.Decision) string,
) {
	over := a.over[loser.Because]
	if winner.Because == loser.Because || len(over) == maxOver || slices.Contains(over, winner.Because) {
		return
	}
	a.over[loser.Because] = append(over, winner.Because)
	if a.first[loser.Because] == nil {
		a.entries = append(a.entries, loser.Because)
		a.first[loser.Because] = &Finding{
			Rule: Overlap, Entry: loser.Because, HPA: hpa, From: from.In(loser.Since.Location()), Message: message(a.schedule, winner, loser),
		}
	}
}

func (a *overlapped) report(report func(Finding)) {
	for _, name := range a.entries {
		found, others := a.first[name], a.over[name][1:]
		if len(others) > 0 {
			titles := make([]string, len(others))
			for i, other := range others {
				titles[i] = a.schedule.Title(other)
			}
			found.Message += "; at other times so does " + text.List(titles, ", ", 2)
		}
		report(*found)
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

// baselines returns those with which floors of placeholders are compared, as nothing is known of the real ones.
func baselines() []int32 { return []int32{1, 10, 100, 1000, 10_000} }

// assumed adds the overlaps that targets alone show.
func (a *overlapped) assumed(f *Forecast, hpa schedules.HPA) {
	var others []func() (schedules.Segment, []schedules.Decision, bool) // the same claims with other baselines, edge by edge
	if rated(f.Schedule) {
		for _, hpa.Baseline = range baselines()[1:] {
			next, stop := iter.Pull2(f.Schedule.ClaimsOver(hpa, f.From, f.To))
			defer stop()
			others = append(others, next)
		}
	}
	hpa.Baseline = baselines()[0]
	for claims := range f.claims(hpa) {
		all := [][]schedules.Decision{claims.All}
		for _, next := range others {
			_, same, _ := next()
			all = append(all, same)
		}
		a.compared(claims.From, all)
	}
}

// compared adds the overlaps of what is open at an instant, as it is with several baselines.
func (a *overlapped) compared(at time.Time, all [][]schedules.Decision) {
	steady := a.steady(all[0])
	var floors []map[string]int32
	for i := 1; i < len(steady); i++ {
		if steady[i].Because == steady[0].Because || len(a.over[steady[i].Because]) == maxOver {
			continue
		}
		if floors == nil {
			floors = floorsOf(all)
		}
		winner, loser, message := compare(a.schedule, floors, steady[0], steady[i])
		a.add(nil, at, winner, loser, func(*schedules.Schedule, schedules.Decision, schedules.Decision) string { return message })
	}
}

// floorsOf returns the full floor of each entry with each baseline.
func floorsOf(all [][]schedules.Decision) []map[string]int32 {
	floors := make([]map[string]int32, len(all))
	for i, claims := range all {
		floors[i] = make(map[string]int32)
		for _, claim := range claims {
			floors[i][claim.Because] = max(floors[i][claim.Because], claim.Full)
		}
	}
	return floors
}

// compare returns which of two open entries applies, as far as the floors with several baselines show, and the sentence for it.
func compare(schedule *schedules.Schedule, floors []map[string]int32, a, b schedules.Decision) (winner, loser schedules.Decision, message string) {
	larger, smaller, absolute := ordered(floors, a, b)
	winner, loser = a, b
	if smaller && !larger {
		winner, loser = b, a
	}
	message = schedule.Title(winner.Because) + " is open as well"
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
	return winner, loser, message
}

// ordered reports whether the floor of a is larger than that of b with some baseline, and smaller with another; and whether
// neither floor depends on the baseline.
func ordered(floors []map[string]int32, a, b schedules.Decision) (larger, smaller, absolute bool) {
	absolute = true
	for _, floor := range floors {
		first, second := floor[a.Because], floor[b.Because]
		larger, smaller = larger || first > second, smaller || first < second
		absolute = absolute && first == a.Full && second == b.Full
	}
	return larger, smaller, absolute
}
