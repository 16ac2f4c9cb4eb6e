package diff

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// Floor is a stretch of time over which spec.minReplicas of some HPAs will differ, with the first and the last of its
// occurrences where it comes again at the same local time with the same effect.
type Floor struct {
	From, To time.Time
	Last     time.Time // when the last occurrence begins; From if there is one
	Times    int
	Dates    []schedules.Date // on which the occurrences begin
	Old, New string           // the titles of the entries that ask for the floor before and after; "" for none
	OldRamp  schedules.Ramp
	NewRamp  schedules.Ramp
	HPAs     []Effect
	since    time.Time // when the occurrence opened that the change is of, the earlier one of two
}

// Effect is what a change does to one HPA.
type Effect struct {
	Namespace, Name string
	Baseline        int32
	Old, New        Replicas
}

// rise says whether an HPA gets more than before.
func (e Effect) rise() bool {
	return cmp.Or(cmp.Compare(e.New.most(), e.Old.most()), cmp.Compare(e.New.least(), e.Old.least())) > 0
}

// Floors compares two forecasts of the same HPAs over the same time. Days and times of day are those of the zone.
func Floors(before, after *forecast.Forecast, zone *time.Location) []Floor {
	type key struct {
		from, to int64
		old, new side
	}
	found := make(map[key]*Floor)
	for i := range before.Outlooks {
		o, n := &before.Outlooks[i], &after.Outlooks[i]
		for _, r := range runs(o, n) {
			k := key{r.from.UnixNano(), r.to.UnixNano(), r.old, r.new}
			if found[k] == nil {
				found[k] = &Floor{
					From: r.from.In(zone), To: r.to.In(zone),
					Old: title(before, r.old.entry), New: title(after, r.new.entry), OldRamp: r.old.ramp, NewRamp: r.new.ramp,
					since: earlier(opened(before.Schedule, r.old.entry, r.from), opened(after.Schedule, r.new.entry, r.from)),
				}
			}
			effect := Effect{o.HPA.Namespace, o.HPA.Name, o.State.Baseline(), r.before, r.after}
			found[k].HPAs = append(found[k].HPAs, effect)
		}
	}
	var all []Floor
	for _, floor := range found {
		all = append(all, *floor)
	}
	slices.SortFunc(all, func(a, b Floor) int {
		return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To), strings.Compare(a.why(), b.why()))
	})
	return recurring(all)
}

func title(f *forecast.Forecast, entry string) string {
	if entry == "" {
		return ""
	}
	return f.Schedule.Title(entry)
}

// recurring makes one of all that have the same effect at the same time of different days.
func recurring(all []Floor) []Floor {
	index := make(map[string]int)
	var some []Floor
	for _, floor := range all {
		k := floor.likeness()
		i, ok := index[k]
		if !ok {
			i = len(some)
			index[k] = i
			some = append(some, floor)
		}
		same := &some[i]
		same.Last = floor.From
		same.Times++
		same.Dates = append(same.Dates, schedules.DateOf(floor.From, floor.From.Location()))
	}
	return some
}

// likeness is equal for changes that differ in nothing but their day. One that begins at a time that the clock shows twice
// on its day is like no other, as the time of day does not say when that is.
func (f Floor) likeness() string {
	zone := f.From.Location()
	if comesTwice(f.From) {
		return fmt.Sprint(f.From, f.why(), f.To)
	}
	days := schedules.DateOf(f.To, zone) - schedules.DateOf(f.From, zone)
	return fmt.Sprint(f.From.Format(time.TimeOnly), f.To.Format(time.TimeOnly), int(days), f.To.Sub(f.From), " ", f.why(), f.HPAs)
}

// comesTwice says whether the clock shows the time of an instant twice on its day.
func comesTwice(t time.Time) bool {
	zone := t.Location()
	day, clock := schedules.DateOf(t, zone), schedules.Clock(t.Hour()*3600+t.Minute()*60+t.Second())
	return !schedules.StartInstant(day, clock, zone).Equal(schedules.EndInstant(day, clock, zone))
}

// side is why an HPA has the minReplicas that it has, before or after.
type side struct {
	entry string
	ramp  schedules.Ramp
}

// run is a stretch of time over which one HPA gets more throughout, or less, for the same reasons.
type run struct {
	from, to      time.Time
	old, new      side
	before, after Replicas
}

// runs returns where two outlooks of an HPA differ in minReplicas.
func runs(before, after *forecast.Outlook) []run {
	var all []run
	for pair := range pairs(before, after) {
		if pair.old.MinReplicas == pair.new.MinReplicas {
			continue
		}
		next := run{
			pair.from, pair.to,
			side{pair.old.Because, pair.old.Ramp},
			side{pair.new.Because, pair.new.Ramp},
			replicas(pair.old, &before.State), replicas(pair.new, &after.State),
		}
		if len(all) == 0 || !all[len(all)-1].extend(next) {
			all = append(all, next)
		}
	}
	return all
}

// extend adds the next run to this one if it continues it.
func (r *run) extend(next run) bool {
	if !r.to.Equal(next.from) || r.old != next.old || r.new != next.new || r.rises() != next.rises() {
		return false
	}
	r.to = next.to
	r.before, r.after = r.before.with(next.before), r.after.with(next.after)
	return true
}

func (r *run) rises() bool { return Effect{Old: r.before, New: r.after}.rise() }

// pair is a stretch of time over which nothing changes in either of two outlooks.
type pair struct {
	from, to time.Time
	old, new forecast.Stretch
}

// pairs yields the stretches of two outlooks over the same time, cut at the edges of both.
func pairs(before, after *forecast.Outlook) iter.Seq[pair] {
	return func(yield func(pair) bool) {
		next, stop := iter.Pull(after.Stretches())
		defer stop()
		current, ok := next()
		for stretch := range before.Stretches() {
			for ok && current.From.Before(stretch.To) {
				p := pair{later(stretch.From, current.From), earlier(stretch.To, current.To), stretch, current}
				if !yield(p) {
					return
				}
				if current.To.After(stretch.To) {
					break
				}
				current, ok = next()
			}
		}
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
