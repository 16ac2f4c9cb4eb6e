package diff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// Report is all that is told of an edit.
type Report struct {
	Entries  []Entry
	Floors   []Floor
	HPAs     int  // how many were looked at
	Assumed  bool // they stand for what the schedules name, and their baselines are assumed
	Warnings []string
	From, To time.Time        // what was looked at, in the zone in which times are told
	Beyond   []Range          // where events that differ were looked at besides, and they alone
	Others   []*time.Location // the other zones of entries that differ
	Now      time.Time        // what ends before is marked as over; the zero time marks nothing
}

// Range is a stretch of time, [From, To).
type Range struct{ From, To time.Time }

// Compare compares two forecasts of the same HPAs over the same time.
func Compare(before, after *forecast.Forecast, zone *time.Location) Report {
	entries := Entries(before.Schedule, after.Schedule, after.From.In(zone))
	return Report{
		Entries: entries,
		Floors:  Floors(before, after, zone),
		HPAs:    len(after.Outlooks),
		From:    after.From.In(zone),
		To:      after.To.In(zone),
		Others:  others(entries, zone, before.Schedule, after.Schedule),
	}
}

// Extend adds what changes in forecasts over another range because of events that differ. Windows come again without end,
// and are looked at from From to To only.
func (r *Report) Extend(before, after *forecast.Forecast) {
	zone := r.From.Location()
	r.Beyond = append(r.Beyond, Range{after.From.In(zone), after.To.In(zone)})
	for _, floor := range Floors(before, after, zone) {
		if r.Differs(floor.Old) || r.Differs(floor.New) {
			r.Floors = append(r.Floors, floor)
		}
	}
	slices.SortStableFunc(r.Floors, func(a, b Floor) int { return a.From.Compare(b.From) })
}

// Differs says whether an event of this title differs.
func (r *Report) Differs(title string) bool {
	return slices.ContainsFunc(r.Entries, func(e Entry) bool { return e.Title == title && len(e.Occurrences) > 0 })
}

// Same says whether no floor changes.
func (r Report) Same() bool { return len(r.Floors) == 0 }

// others returns the zones of entries other than that in which times are told.
func others(entries []Entry, zone *time.Location, all ...*schedules.Schedule) []*time.Location {
	zones := make(map[string]*time.Location)
	for _, schedule := range all {
		for _, e := range entries {
			if entry := schedule.Entry(e.Name); entry != nil && entry.Location.String() != zone.String() {
				zones[entry.Location.String()] = entry.Location
			}
		}
	}
	some := make([]*time.Location, 0, len(zones))
	for _, name := range slices.Sorted(maps.Keys(zones)) {
		some = append(some, zones[name])
	}
	return some
}

// zones says in which zone times are told, and of which they are not.
func (r Report) zones() string {
	text := r.From.Location().String()
	if len(r.Others) > 0 {
		text += ", also of entries in " + joined(r.Others, (*time.Location).String)
	}
	return text
}

// assumption says what is not known of the HPAs. In a terminal its semicolons end lines.
const assumption = "The HorizontalPodAutoscalers are not known: each target of the schedules stands for one; " +
	"their baseline is assumed as 1, or as 100 where an entry asks for a percentage or a multiple of it; " +
	"give --hpas or --live for the real numbers."

// assumes says whether the reader has to know of the assumption.
func (r Report) assumes() bool { return r.Assumed && len(r.Entries) > 0 }

// why says which entries are the reason of a change.
func (f Floor) why() string {
	switch {
	case f.Old == "":
		return "raised by " + phase(f.New, f.NewRamp)
	case f.New == "":
		return "no longer raised by " + phase(f.Old, f.OldRamp)
	case f.Old == f.New && f.OldRamp == f.NewRamp:
		return phase(f.New, f.NewRamp) + " asks for another floor"
	case f.Old == f.New:
		return f.New + " " + stage(f.NewRamp) + " instead of " + stage(f.OldRamp)
	default:
		return phase(f.New, f.NewRamp) + " instead of " + phase(f.Old, f.OldRamp)
	}
}

// phase names an entry, and the ramp that it is in.
func phase(title string, ramp schedules.Ramp) string {
	if ramp == schedules.Steady {
		return title
	}
	return title + " (" + stage(ramp) + ")"
}

// stage names a part of an occurrence.
func stage(ramp schedules.Ramp) string {
	switch ramp {
	case schedules.Climbing:
		return "in its rampUp"
	case schedules.Descending:
		return "in its rampDown"
	default:
		return "at its full floor"
	}
}

// when says at what time the HPAs change, and how often.
func (f Floor) when() string {
	if f.Times == 1 {
		return Span(f.From, f.To)
	}
	begins, lasts := f.From.Format(withSeconds(clockLayout, f.From)), "for "+schedules.FormatDuration(f.To.Sub(f.From))
	if f.To.Sub(f.From) < 24*time.Hour {
		lasts = fmt.Sprintf("to %s (%s)", f.To.Format(withSeconds(clockLayout, f.To)), schedules.FormatDuration(f.To.Sub(f.From)))
	}
	pattern := patternOf(f.Dates)
	if !pattern.tells(f.Times) {
		return fmt.Sprintf("%s %s %s", begins, lasts, someOf(f.Dates))
	}
	return fmt.Sprintf("%s %s %s, %d times, %s", weekdays(pattern.days), begins, lasts, f.Times, pattern)
}

// inUTC says the same in UTC where that is one span; a local time that comes again has more than one in UTC.
func (f Floor) inUTC() string {
	if f.Times > 1 {
		return ""
	}
	return stretch(f.From.UTC(), f.To.UTC(), " to ")
}

// ends returns when the last occurrence of a change ends.
func (f Floor) ends() time.Time { return f.Last.Add(f.To.Sub(f.From)) }

// over says whether all of a change lies in the past.
func (r Report) over(f Floor) bool { return !f.ends().After(r.Now) }

// mark is how a change of an entry is marked.
func (k Kind) mark() string {
	switch k {
	case Added:
		return "+"
	case Removed:
		return "-"
	default:
		return "~"
	}
}

// what says what became of the entry.
func (e Entry) what() string {
	switch {
	case e.Moved != "":
		return e.Moved
	case e.Kind == Renamed:
		return "renamed from " + e.Like + ", nothing else changes"
	case e.Like != "" && len(e.But) == 0:
		return "added, like " + e.Like
	case e.Like != "":
		return "added, like " + e.Like + " but for"
	default:
		return string(e.Kind)
	}
}

// about returns the description of the entry in one line, shortened.
func (e Entry) about() string {
	return text.Cut(strings.Join(strings.Fields(e.Description), " "), 120)
}

// told returns the fields that are told of the entry, and whether both before and after.
func (e Entry) told() (fields []Field, both bool) {
	if e.Like != "" {
		return e.But, true
	}
	return e.Fields, e.Kind == Changed
}

func (f Field) before() string { return cmp.Or(f.Old, f.absent()) }
func (f Field) after() string  { return cmp.Or(f.New, f.absent()) }

// absent stands for a field that is not given: what that means.
func (f Field) absent() string {
	switch f.Name {
	case "days":
		return "every day"
	case "daysOfMonth", "months":
		return "all"
	case "suspend":
		return "false"
	default:
		return "none"
	}
}
