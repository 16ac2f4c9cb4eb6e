package schedules_test

import (
	"math/big"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// The oracle answers what At answers by brute force: it walks the calendar minute by minute to learn what a wall clock
// shows, tries every date near by, and adds with whole numbers of any size. It uses the types of package schedules and
// none of its functions. It takes offsets to be whole minutes, which they are everywhere from 1973 on.

const (
	minute = int64(60)
	day    = 24 * 60 * minute
	// Farther than this from an instant, no date's span contains it: a week's duration, a day each of lead, ramp up,
	// ramp down and shift.
	reach = 12
)

// wall remembers, per day of Unix time, the offset from UTC at each minute, in seconds.
type wall struct {
	loc  *time.Location
	days map[int64][]int64
}

func (w *wall) offset(unix int64) int64 {
	d := (unix - mod(unix, day)) / day
	offsets, ok := w.days[d]
	if !ok {
		for m := range day / minute {
			_, offset := time.Unix(d*day+m*minute, 0).In(w.loc).Zone()
			offsets = append(offsets, int64(offset))
		}
		w.days[d] = offsets
	}
	return offsets[mod(unix, day)/minute]
}

// readings returns the earlier and the later instant that a wall-clock time can mean; it is given as the Unix time at
// which a clock in UTC shows it.
func (w *wall) readings(shown int64) (earlier, later int64) {
	var found []int64
	first := shown - 26*60*minute
	before := w.offset(first)
	for unix := first; unix <= shown+26*60*minute; unix += minute {
		offset := w.offset(unix)
		if unix+offset == shown {
			found = append(found, unix)
		}
		if len(found) == 0 && unix-minute+before < shown && unix+offset > shown { // skipped just now
			return shown - offset, shown - before
		}
		before = offset
	}
	return found[0], found[len(found)-1]
}

// stretch is a time, [from, to), over which an entry asks for an amount: one step of one occurrence.
type stretch struct {
	from, to, opens time.Time // opens is when the lowest step of the same occurrence does
	amount          int64
	name            string
	full            bool
}

type oracle struct {
	windows []schedules.Window
	events  []schedules.Event
	hpa     schedules.HPA
	walls   map[*time.Location]*wall
}

func newOracle(windows []schedules.Window, events []schedules.Event, hpa schedules.HPA) *oracle {
	return &oracle{windows, events, hpa, map[*time.Location]*wall{}}
}

func (o *oracle) wall(loc *time.Location) *wall {
	if o.walls[loc] == nil {
		o.walls[loc] = &wall{loc, map[int64][]int64{}}
	}
	return o.walls[loc]
}

// at returns the floor at t, the entries that may be named for it (only one, but for ties that DESIGN does not decide),
// the first instant at which the floor may fall and the occurrence's first instant.
func (o *oracle) at(t time.Time) (floor int64, because string, until, since time.Time) {
	all := o.stretches(t)
	open := slices.DeleteFunc(slices.Clone(all), func(s stretch) bool { return t.Before(s.from) || !t.Before(s.to) })
	for _, s := range open {
		floor = max(floor, s.amount)
	}
	if floor == 0 {
		return 0, "", time.Time{}, time.Time{}
	}
	for _, s := range open {
		if s.amount != floor {
			continue
		}
		falls := o.falls(all, s, t)
		order := falls.Compare(until)
		if order > 0 || order == 0 && s.name < because || order == 0 && s.name == because && s.opens.Before(since) {
			because, until, since = s.name, falls, s.opens
		}
	}
	return floor, because, until, since
}

// falls returns when the occurrence whose open step is s asks for less than at t or, while it climbs, than its
// full floor.
func (o *oracle) falls(all []stretch, s stretch, t time.Time) time.Time {
	amount, end := s.amount, s.to
	var steps []stretch
	for _, other := range all {
		if other.name == s.name && other.opens.Equal(s.opens) {
			steps = append(steps, other)
		}
	}
	for _, other := range steps {
		if other.full && t.Before(other.to) {
			amount, end = other.amount, other.to
		}
	}
	for _, other := range steps {
		if other.amount == amount && other.to.After(end) {
			end = other.to
		}
	}
	return end
}

func (o *oracle) stretches(t time.Time) []stretch {
	var all []stretch
	for i := range o.windows {
		w := &o.windows[i]
		amount, selected := o.asks(&w.Entry)
		if w.Suspend || !selected {
			continue
		}
		today := t.Unix() - mod(t.Unix(), day)
		for midnight := today - reach*day; midnight <= today+reach*day; midnight += day {
			if o.startsOn(w, midnight) {
				from, to := o.occurrence(w, midnight)
				all = append(all, o.steps(&w.Entry, from, to, amount)...)
			}
		}
	}
	for i := range o.events {
		e := &o.events[i]
		if amount, covered := o.asksEvent(e); covered && !e.Suspend {
			all = append(all, o.steps(&e.Entry, e.Start, e.End, amount)...)
		}
	}
	return all
}

func (o *oracle) steps(e *schedules.Entry, start, end time.Time, full int64) []stretch {
	const count = 10
	baseline := int64(o.hpa.Baseline)
	from := start.Add(-e.LeadTime)
	opens := from.Add(-e.RampUp / count * (count - 1))
	var all []stretch
	for k := int64(1); k <= count; k++ {
		left := time.Duration(count - k)
		amount := full
		if full > baseline {
			amount = baseline + ceil(big.NewRat(k*(full-baseline), count))
		}
		all = append(all, stretch{
			from: from.Add(-e.RampUp / count * left), to: end.Add(e.RampDown / count * left),
			opens: opens, amount: amount, name: e.Name, full: k == count,
		})
	}
	return all
}

func (o *oracle) occurrence(w *schedules.Window, midnight int64) (start, end time.Time) {
	clock := o.wall(w.Location)
	from, _ := clock.readings(midnight + int64(w.Start))
	if w.Duration > 0 {
		return time.Unix(from, 0), time.Unix(from, 0).Add(w.Duration)
	}
	shown := midnight + int64(w.End)
	if w.End <= w.Start {
		shown += day
	}
	_, to := clock.readings(shown)
	return time.Unix(from, 0), time.Unix(to, 0)
}

func (o *oracle) startsOn(w *schedules.Window, midnight int64) bool {
	date := time.Unix(midnight, 0).UTC()
	if !inSeason(w, date) || len(w.Days) > 0 && !slices.Contains(w.Days, date.Weekday()) {
		return false
	}
	for _, except := range w.ExceptDates {
		if !date.Before(utc(except.First)) && !date.After(utc(except.Last)) {
			return false
		}
	}
	only := w.OnlyDates == nil
	for _, r := range w.OnlyDates {
		only = only || !date.Before(utc(r.First)) && !date.After(utc(r.Last))
	}
	if !only {
		return false
	}
	for _, n := range w.DaysOfMonth {
		beyond := func(days int) bool { return date.AddDate(0, 0, days).Month() != date.Month() }
		if n == date.Day() || n < 0 && beyond(-n) && !beyond(-n-1) {
			return true
		}
	}
	return len(w.DaysOfMonth) == 0
}

func inSeason(w *schedules.Window, date time.Time) bool {
	return (w.FirstDate == nil || !date.Before(utc(*w.FirstDate))) &&
		(w.LastDate == nil || !date.After(utc(*w.LastDate))) &&
		(len(w.Months) == 0 || slices.Contains(w.Months, date.Month()))
}

// asks returns the largest amount of the entry's targets that select the HPA.
func (o *oracle) asks(e *schedules.Entry) (amount int64, selected bool) {
	for _, target := range e.Targets {
		if target.Namespace != "" && target.Namespace != o.hpa.Namespace ||
			target.Name != "" && target.Name != o.hpa.Name ||
			target.Selector != nil && !target.Selector.Matches(labels.Set(o.hpa.Labels)) {
			continue
		}
		selected = true
		amount = max(amount, int64(target.Amount.Replicas))
		if target.Amount.Ratio != 0 {
			amount = max(amount, times(target.Amount.Ratio, int64(o.hpa.Baseline)))
		}
	}
	return amount, selected
}

func (o *oracle) asksEvent(e *schedules.Event) (amount int64, covered bool) {
	if e.Multiplier == 0 {
		return o.asks(&e.Entry)
	}
	var onTheDate, inTheSeason []int64
	for i := range o.windows {
		w := &o.windows[i]
		given, selected := o.asks(&w.Entry)
		if !selected || w.Suspend {
			continue
		}
		if o.startsOn(w, utc(e.StartDate).Unix()) {
			onTheDate = append(onTheDate, given)
		}
		if inSeason(w, utc(e.StartDate)) {
			inTheSeason = append(inTheSeason, given)
		}
	}
	_, covered = o.asks(&e.Entry)
	if len(e.Targets) == 0 {
		covered = len(inTheSeason) > 0
	}
	for _, amounts := range [][]int64{onTheDate, inTheSeason, {int64(o.hpa.Baseline)}} {
		if len(amounts) > 0 {
			return times(e.Multiplier, slices.Max(amounts)), covered
		}
	}
	panic("there is a baseline")
}

// times returns ratio x n, rounded up, and at most the largest legal floor.
func times(ratio schedules.Ratio, n int64) int64 {
	return min(ceil(new(big.Rat).Mul(big.NewRat(int64(ratio), 1000), big.NewRat(n, 1))), 999_999)
}

func ceil(r *big.Rat) int64 {
	quotient, remainder := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	return quotient.Int64() + int64(remainder.Sign())
}

func utc(d schedules.Date) time.Time { return time.Unix(int64(d)*day, 0).UTC() }

func mod(a, b int64) int64 { return (a%b + b) % b }
