package year

import (
	"slices"
	"sort"
	"time"

	"github.com/floorkeeper/floorkeeper/zones"
)

// oracle computes what a plan asks for an HPA, by brute force: it learns minute by minute what a wall clock shows, tries every
// date of the year, and keeps every step of every occurrence in a list. It shares nothing with the product.
type oracle struct {
	plan     *plan
	from, to int64 // dates between which entries may start
	walls    map[string]*wall
	known    map[*entry][]occurrence
}

// occurrence is one span of an entry.
type occurrence struct{ start, end time.Time }

// wall holds the offset of a zone from UTC, in seconds, for each minute of the oracle's time.
type wall struct {
	loc     *time.Location
	begin   int64
	offsets []int32
}

// margin is in days: nothing that starts farther away from an instant is open at it.
const margin = 12

func newOracle(from, to time.Time) *oracle {
	return &oracle{
		from: from.Unix()/day - margin, to: to.Unix()/day + margin,
		walls: map[string]*wall{}, known: map[*entry][]occurrence{},
	}
}

func (o *oracle) wall(zone string) *wall {
	if w := o.walls[zone]; w != nil {
		return w
	}
	loc, err := zones.Load(zone)
	if err != nil {
		panic(err) // the zones are written in this package
	}
	w := &wall{loc: loc, begin: (o.from - 2) * day}
	for unix := w.begin; unix < (o.to+3)*day; unix += 60 {
		_, offset := time.Unix(unix, 0).In(loc).Zone()
		w.offsets = append(w.offsets, int32(offset))
	}
	o.walls[zone] = w
	return w
}

func (w *wall) offset(unix int64) int64 { return int64(w.offsets[(unix-w.begin)/60]) }

// readings returns the earlier and the later instant at which the wall clock shows a time, which is given as the Unix
// time at which a clock in UTC shows it.
func (w *wall) readings(shown int64) (earlier, later int64) {
	var found []int64
	first := shown - 16*60*60
	before := w.offset(first)
	for unix := first; unix <= shown+16*60*60; unix += 60 {
		offset := w.offset(unix)
		if unix+offset == shown {
			found = append(found, unix)
		}
		if len(found) == 0 && unix-60+before < shown && unix+offset > shown { // skipped just now
			return shown - offset, shown - before
		}
		before = offset
	}
	return found[0], found[len(found)-1]
}

// occurrences returns all of the entry, in order of their start.
func (o *oracle) occurrences(e *entry) []occurrence {
	if all, ok := o.known[e]; ok {
		return all
	}
	var all []occurrence
	if e.isEvent() {
		all = append(all, o.occurrence(e, e.date))
	} else {
		for date := o.from; date <= o.to; date++ {
			if e.startsOn(date) {
				all = append(all, o.occurrence(e, date))
			}
		}
	}
	o.known[e] = all
	return all
}

func (o *oracle) occurrence(e *entry, date int64) occurrence {
	w := o.wall(e.zone)
	if e.offset {
		w = o.wall("UTC")
	}
	start, _ := w.readings(date*day + e.start)
	if e.duration > 0 {
		return occurrence{time.Unix(start, 0), time.Unix(start, 0).Add(e.duration)}
	}
	shown := date*day + e.end
	if e.isEvent() {
		shown = e.toDate*day + e.end
	} else if e.end <= e.start {
		shown += day
	}
	_, end := w.readings(shown)
	return occurrence{time.Unix(start, 0), time.Unix(end, 0)}
}

// startsOn reports whether the conditions of a window admit the date.
func (e *entry) startsOn(date int64) bool {
	t := time.Unix(date*day, 0).UTC()
	for _, except := range e.except {
		if except[0] <= date && date <= except[1] {
			return false
		}
	}
	if len(e.daysOfMonth) > 0 && !slices.ContainsFunc(e.daysOfMonth, func(n int) bool {
		beyond := func(days int) bool { return t.AddDate(0, 0, days).Month() != t.Month() }
		return n == t.Day() || n < 0 && beyond(-n) && !beyond(-n-1)
	}) {
		return false
	}
	return e.inSeason(date) && (len(e.days) == 0 || slices.Contains(e.days, t.Weekday()))
}

func (e *entry) inSeason(date int64) bool {
	return (e.first == 0 || date >= e.first) && (e.last == 0 || date <= e.last) &&
		(len(e.months) == 0 || slices.Contains(e.months, time.Unix(date*day, 0).UTC().Month()))
}

// subject is an HPA as the oracle knows it.
type subject struct {
	namespace, name, tier string
	baseline              int64
}

// asks returns the largest amount of the entry's targets that select the HPA.
func (e *entry) asks(s subject) (amount int64, selected bool) {
	for _, t := range e.targets {
		if t.namespace != "" && t.namespace != s.namespace || t.name != "" && t.name != s.name ||
			len(t.tiers) > 0 && !slices.Contains(t.tiers, s.tier) || t.untiered && s.tier != "" {
			continue
		}
		selected = true
		amount = max(amount, t.replicas, times(t.ratio, s.baseline))
	}
	return amount, selected
}

// amount returns what the entry asks for, and whether it covers the HPA.
func (o *oracle) amount(e *entry, s subject) (amount int64, covered bool) {
	amount, covered = e.asks(s)
	if e.multiplier == 0 {
		return amount, covered
	}
	w := o.wall(e.zone)
	start := o.occurrences(e)[0].start.Unix()
	date := (start + w.offset(start)) / day
	var starting, season []int64
	for _, window := range o.plan.entries {
		given, selected := window.asks(s)
		if window.isEvent() || window.suspend || !selected || !window.inSeason(date) {
			continue
		}
		season = append(season, given)
		if window.startsOn(date) {
			starting = append(starting, given)
		}
	}
	prescale := s.baseline
	if len(starting) > 0 {
		prescale = slices.Max(starting)
	} else if len(season) > 0 {
		prescale = slices.Max(season)
	}
	return times(e.multiplier, prescale), covered && len(e.targets) > 0 || len(season) > 0 && len(e.targets) == 0
}

// times returns thousandths of n, rounded up.
func times(thousandths, n int64) int64 {
	product := thousandths * n
	whole := product / 1000
	if product%1000 > 0 {
		whole++
	}
	return min(whole, 999_999)
}

// answer is what the plan asks of an HPA at an instant; without an entry, its floor is 0.
type answer struct {
	floor        int64
	because      string
	since, until time.Time
	ramp         bool
}

// stretch is one step of one occurrence.
type stretch struct {
	from, to time.Time
	amount   int64
}

func (s stretch) contains(t time.Time) bool { return !t.Before(s.from) && t.Before(s.to) }

// steps returns the ten steps of an occurrence; the last one is the full floor.
func (e *entry) steps(x occurrence, baseline, full int64) (all [10]stretch) {
	for i := range all {
		rest := time.Duration(9 - i)
		all[i] = stretch{x.start.Add(-e.lead - e.up/10*rest), x.end.Add(e.down / 10 * rest), full}
		if full > baseline {
			climbed := (full - baseline) * int64(i+1)
			all[i].amount = baseline + climbed/10
			if climbed%10 > 0 {
				all[i].amount++
			}
		}
	}
	return all
}

// at answers for an instant.
func (o *oracle) at(s subject, t time.Time) (best answer) {
	for _, e := range o.plan.entries {
		if e.suspend {
			continue
		}
		full, covered := o.amount(e, s)
		if !covered || full == 0 {
			continue
		}
		for _, x := range near(o.occurrences(e), t) {
			best = best.or(e.answer(e.steps(x, s.baseline, full), t, o.wall(e.zone).loc))
		}
	}
	return best
}

// near returns the occurrences that may be open at the instant.
func near(all []occurrence, t time.Time) []occurrence {
	i := sort.Search(len(all), func(i int) bool { return !all[i].start.Before(t.AddDate(0, 0, -margin)) })
	j := sort.Search(len(all), func(j int) bool { return all[j].start.After(t.AddDate(0, 0, margin)) })
	return all[i:j]
}

// answer is what one occurrence asks for.
func (e *entry) answer(steps [10]stretch, t time.Time, loc *time.Location) answer {
	a := answer{because: e.name, since: steps[0].from.In(loc)}
	for _, s := range steps {
		if s.contains(t) {
			a.floor = max(a.floor, s.amount)
		}
	}
	if a.floor == 0 {
		return answer{}
	}
	full := steps[9]
	a.ramp = a.floor != full.amount
	lasting := a.floor // until its own end, or that of the full floor which is still to come
	if t.Before(full.to) {
		lasting = full.amount
	}
	for _, s := range steps {
		if s.amount == lasting && s.to.After(a.until) {
			a.until = s.to.In(loc)
		}
	}
	return a
}

// or returns the larger floor; among equals the one that falls last, then the first by name, then the first that began.
func (a answer) or(b answer) answer {
	switch {
	case a.floor != b.floor:
		if a.floor > b.floor {
			return a
		}
	case !a.until.Equal(b.until):
		if a.until.After(b.until) {
			return a
		}
	case a.because != b.because:
		if a.because < b.because {
			return a
		}
	case a.since.Before(b.since):
		return a
	}
	return b
}

// edge returns the first instant after t at which any step of any entry begins or ends, and the end of time without one.
func (o *oracle) edge(t, end time.Time) time.Time {
	next := end
	for _, e := range o.plan.entries {
		for _, x := range near(o.occurrences(e), t) {
			for _, s := range e.steps(x, 0, 0) {
				for _, edge := range []time.Time{s.from, s.to} {
					if edge.After(t) && edge.Before(next) {
						next = edge
					}
				}
			}
		}
		all := o.occurrences(e) // beyond what is near
		if i := sort.Search(len(all), func(i int) bool { return all[i].start.After(t.AddDate(0, 0, margin)) }); i < len(all) {
			if opens := e.steps(all[i], 0, 0)[0].from; opens.After(t) && opens.Before(next) {
				next = opens
			}
		}
	}
	return next
}
