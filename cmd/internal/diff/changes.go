package diff

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// Change is a stretch of time over which spec.minReplicas of some HPAs differs. It recurs where it has the same effect at
// the same local time of several days.
type Change struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	Times int       `json:"times"`
	Last  time.Time `json:"last"`  // when the last occurrence begins; From if there is one
	Dates dates     `json:"dates"` // on which the occurrences begin
	cause
	HPAs []Effect `json:"horizontalPodAutoscalers"`

	Ongoing bool `json:"ongoing,omitempty"` // at the end of what is compared; To is no change then

	hpa   schedules.HPA // the first one
	opens time.Time     // the occurrence that a change is of that does not recur, or the earlier one of two
	ends  cause         // what its last step is, where its ramps are folded
}

// cause is which entries ask for the floors before and after the edit, "" for none, the ramps that they are on, and what
// events with a multiplier multiply.
type cause struct {
	Old        string         `json:"oldEntry"`
	New        string         `json:"newEntry"`
	OldRamp    schedules.Ramp `json:"oldRamp"`
	NewRamp    schedules.Ramp `json:"newRamp"`
	OldProduct string         `json:"oldProduct,omitempty"`
	NewProduct string         `json:"newProduct,omitempty"`
}

// Effect is what a change does to one HPA.
type Effect struct {
	Namespace string   `json:"namespace"`
	Name      string   `json:"name"`
	Baseline  int32    `json:"-"`
	Old       Replicas `json:"oldMinReplicas"`
	New       Replicas `json:"newMinReplicas"`
}

// Compare compares two forecasts of the same HPAs over the same time. Days and times of day are those of the zone.
func Compare(before, after *forecast.Forecast, zone *time.Location) []Change {
	type key struct {
		from, to int64
		cause    cause
	}
	found := make(map[key]*Change)
	for i := range before.Outlooks {
		hpa := before.Outlooks[i].Subject()
		for _, c := range compareHPA(&before.Outlooks[i], &after.Outlooks[i]) {
			c.OldProduct, c.NewProduct = product(before.Schedule, c.Old, hpa), product(after.Schedule, c.New, hpa)
			k := key{c.From.UnixNano(), c.To.UnixNano(), c.cause}
			if known := found[k]; known != nil {
				known.HPAs = append(known.HPAs, c.HPAs...)
				continue
			}
			c.hpa, c.Ongoing = hpa, c.To.Equal(after.To)
			c.From, c.To = c.From.In(zone), c.To.In(zone)
			c.Old, c.New = given(c.Old, before.Schedule.Title), given(c.New, after.Schedule.Title)
			found[k] = &c
		}
	}
	all := make([]Change, 0, len(found))
	for _, change := range found {
		all = append(all, *change)
	}
	slices.SortFunc(all, func(a, b Change) int {
		if order := cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)); order != 0 {
			return order
		}
		return strings.Compare(a.reason(), b.reason())
	})
	changes := recurring(all)
	for i := range changes {
		if c := &changes[i]; c.Times == 1 {
			c.opens = schedules.Earlier(c.opened(before.Schedule, c.Old), c.opened(after.Schedule, c.New))
		}
	}
	return changes
}

// opened returns when the occurrence of an entry opened that a change begins in, the zero time without an entry. It asks for
// the decision, which costs time linear in the schedule, only where occurrences of a window overlap.
func (c *Change) opened(schedule *schedules.Schedule, title string) time.Time {
	_, name, _ := strings.Cut(title, " ")
	if event := schedule.Event(name); event != nil {
		return event.Span().Opens()
	}
	window := schedule.Window(name)
	if window == nil {
		return time.Time{}
	}
	if open, _ := window.Spans(c.From); len(open) == 1 {
		return open[0].Opens()
	}
	return schedule.At(c.hpa, c.From).Since
}

// product names what an event multiplies for an HPA, and is empty for another entry.
func product(schedule *schedules.Schedule, name string, hpa schedules.HPA) string {
	event := schedule.Event(name)
	if event == nil || event.Multiplier == 0 {
		return ""
	}
	return fmt.Sprintf("%s × %s", event.Multiplier, schedule.Multiplied(event, hpa))
}

// recurring returns one change for all that have the same effect at the same time of different days.
func recurring(all []Change) []Change {
	changes := []Change{}
	for _, same := range groupBy(all, Change.recurrence) {
		c := same[0]
		c.Times, c.Last = len(same), same[len(same)-1].From
		for _, one := range same {
			c.Dates = append(c.Dates, schedules.DateOf(one.From, one.From.Location()))
		}
		changes = append(changes, c)
	}
	return slices.DeleteFunc(changes, func(c Change) bool { return c.Ongoing && joins(changes, c) })
}

// joins counts a change that goes on at the end of what is compared as another occurrence of one that recurs.
func joins(changes []Change, c Change) bool {
	for i := range changes {
		if known := &changes[i]; known.Times > 1 && known.cause == c.cause && schedules.ClockOf(known.From) == schedules.ClockOf(c.From) {
			known.Times, known.Last, known.Dates = known.Times+1, c.From, append(known.Dates, c.Dates...)
			return true
		}
	}
	return false
}

// recurrence is equal for changes that differ in nothing but their day. One that begins at a time that the clock shows twice
// on its day recurs with no other, as the time of day does not determine when that is.
func (c Change) recurrence() string {
	zone := c.From.Location()
	date := schedules.DateOf(c.From, zone)
	if !schedules.StartInstant(date, schedules.ClockOf(c.From), zone).Equal(schedules.EndInstant(date, schedules.ClockOf(c.From), zone)) {
		return fmt.Sprint(c.From, c.To, c.reason())
	}
	days := schedules.DateOf(c.To, zone) - date
	return fmt.Sprint(schedules.ClockOf(c.From), schedules.ClockOf(c.To), int(days), c.To.Sub(c.From), " ", c.reason(), c.HPAs)
}

// end returns when the last occurrence ends.
func (c Change) end() time.Time { return c.Last.Add(c.To.Sub(c.From)) }

func (c cause) reason() string {
	before, after := phase(c.Old, c.OldProduct, c.OldRamp), phase(c.New, c.NewProduct, c.NewRamp)
	switch {
	case c.Old == "":
		return "raised by " + after
	case c.New == "":
		return "no longer raised by " + before
	case before == after:
		return after + " asks for another floor"
	case c.Old == c.New && c.OldProduct == c.NewProduct:
		return c.New + " " + stage(c.NewRamp) + " instead of " + stage(c.OldRamp)
	default:
		return after + " instead of " + before
	}
}

// phase names an entry, what it multiplies, and the ramp that it is on.
func phase(title, product string, ramp schedules.Ramp) string {
	details := []string{product}
	if ramp != schedules.Steady {
		details = append(details, stage(ramp))
	}
	if detail := strings.TrimPrefix(strings.Join(details, ", "), ", "); detail != "" {
		return title + " (" + detail + ")"
	}
	return title
}

func stage(ramp schedules.Ramp) string {
	return map[schedules.Ramp]string{
		schedules.Climbing: "in its rampUp", schedules.Steady: "at its full floor", schedules.Descending: "in its rampDown",
	}[ramp]
}

// period returns when the change is in effect, and on which days it recurs.
func (c Change) period() string {
	if c.Times == 1 && c.Ongoing {
		return "from " + text.Dated(c.From) + " on, beyond what is compared"
	}
	if c.Times == 1 {
		return text.Span(c.From, c.To)
	}
	length := c.To.Sub(c.From)
	times := fmt.Sprintf("%s for %s", schedules.ClockOf(c.From), schedules.FormatDuration(length))
	if length < 24*time.Hour {
		times = fmt.Sprintf("%s to %s (%s)", schedules.ClockOf(c.From), schedules.ClockOf(c.To), schedules.FormatDuration(length))
	}
	pattern := c.Dates.pattern()
	if !pattern.fits(c.Times) {
		return times + " " + c.Dates.String()
	}
	days := "on " + weekdays(pattern.days)
	if len(pattern.days) == 7 {
		days = "every day"
	}
	return fmt.Sprintf("%s %s, %d times, %s", days, times, c.Times, pattern)
}

// utc returns the period in UTC, where that is one; a local time that recurs can have several.
func (c Change) utc() string {
	if c.Times > 1 || c.Ongoing {
		return ""
	}
	return text.Range(c.From.UTC(), c.To.UTC(), "to")
}

// compareHPA returns the changes of an HPA. It gets more throughout a change, or less, for the same cause, by names of entries.
func compareHPA(before, after *forecast.Outlook) []Change {
	var all []Change
	for old, current := range forecast.Differing(before, after) {
		next := Change{
			From: old.From, To: old.To, cause: cause{Old: old.Because, New: current.Because, OldRamp: old.Ramp, NewRamp: current.Ramp},
			HPAs: []Effect{{before.HPA.Namespace, before.HPA.Name, before.State.Baseline(), replicas(old, &before.State), replicas(current, &after.State)}},
		}
		next.ends = next.cause
		if len(all) == 0 || !all[len(all)-1].extend(next) {
			all = append(all, next)
		}
	}
	return all
}

func (c *Change) extend(next Change) bool {
	effect, more := &c.HPAs[0], next.HPAs[0]
	if !c.To.Equal(next.From) || effect.rises() != more.rises() ||
		!sameRamp(c.ends.Old, next.Old, c.ends.OldRamp, next.OldRamp) || !sameRamp(c.ends.New, next.New, c.ends.NewRamp, next.NewRamp) {
		return false
	}
	if c.cause != next.cause {
		c.cause = cause{Old: cmp.Or(c.Old, next.Old), New: cmp.Or(c.New, next.New)}
	}
	c.To, c.ends = next.To, next.cause
	effect.Old, effect.New = effect.Old.extended(more.Old), effect.New.extended(more.New)
	return true
}

// sameRamp reports whether two neighbouring stretches are of one entry with its ramps: of the same, or the baseline below
// the lowest step.
func sameRamp(entry, next string, ramp, nextRamp schedules.Ramp) bool {
	return entry == next || next == "" && ramp == schedules.Descending || entry == "" && nextRamp == schedules.Climbing
}

func (e Effect) rises() bool {
	if e.New.Most != e.Old.Most {
		return e.New.Most > e.Old.Most
	}
	return e.New.Least > e.Old.Least
}

// Replicas is minReplicas over a stretch of time: one number, or all from the first to the last of an entry with its ramps.
type Replicas struct {
	First, Last int32
	Least, Most int32
	Clamped     int32              // the largest floor that is clamped; 0 for none
	Ceiling     autoscaler.Ceiling // to which it is
}

func replicas(s forecast.Stretch, state *autoscaler.State) Replicas {
	r := Replicas{First: s.MinReplicas, Last: s.MinReplicas, Least: s.MinReplicas, Most: s.MinReplicas}
	if ceiling := state.Ceiling(); s.Floor > s.MinReplicas && s.MinReplicas == ceiling.Replicas {
		r.Clamped, r.Ceiling = s.Floor, ceiling
	}
	return r
}

// extended returns minReplicas over this stretch and the next, which is of the same ramp.
func (r Replicas) extended(next Replicas) Replicas {
	return Replicas{
		r.First, next.Last, min(r.Least, next.Least), max(r.Most, next.Most), max(r.Clamped, next.Clamped), cmp.Or(r.Ceiling, next.Ceiling),
	}
}

// String returns one number, or the first, the highest or lowest, and the last of ramps, and whether it is clamped.
func (r Replicas) String() string {
	numbers := []string{fmt.Sprint(r.First)}
	for _, extreme := range []int32{r.Most, r.Least} {
		if extreme > max(r.First, r.Last) || extreme < min(r.First, r.Last) {
			numbers = append(numbers, fmt.Sprint(extreme))
		}
	}
	if r.Least != r.Most {
		numbers = append(numbers, fmt.Sprint(r.Last))
	}
	replicas := strings.Join(numbers, "…")
	if r.Clamped > 0 {
		replicas += fmt.Sprintf(" (%s, clamped from %d)", r.Ceiling.Name(), r.Clamped)
	}
	return replicas
}

// MarshalJSON returns the smaller and the larger number of a ramp.
func (r Replicas) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Least   int32 `json:"least"`
		Most    int32 `json:"most"`
		Clamped int32 `json:"clampedFrom,omitempty"`

		By autoscaler.Limiter `json:"clampedBy,omitempty"`
	}{r.Least, r.Most, r.Clamped, r.Ceiling.By})
}

// groupBy returns the values of equal keys together, in the order of their first.
func groupBy[S ~[]T, K comparable, T any](all S, key func(T) K) []S {
	var groups []S
	index := make(map[K]int)
	for _, value := range all {
		k := key(value)
		i, known := index[k]
		if !known {
			i = len(groups)
			index[k], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], value)
	}
	return groups
}
