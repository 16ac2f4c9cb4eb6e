package changes

import (
	"cmp"
	"fmt"
	"time"

	"github.com/floorkeeper/floorkeeper/controller"
)

// Report is all that is told of an edit.
type Report struct {
	Entries  []Entry
	Floors   []Floor
	HPAs     int  // how many were looked at
	Assumed  bool // they stand for what the schedules name, and their baselines are assumed
	Warnings []string
	From, To time.Time // what was looked at, in the zone in which times are told
}

// Compare compares two forecasts of the same HPAs over the same time.
func Compare(before, after *controller.Forecast, zone *time.Location) Report {
	return Report{
		Entries: Entries(before.Schedule, after.Schedule, zone),
		Floors:  Floors(before, after, zone),
		HPAs:    len(after.Outlooks),
		From:    after.From.In(zone),
		To:      after.To.In(zone),
	}
}

// Same says whether no floor changes.
func (r Report) Same() bool { return len(r.Floors) == 0 }

// summary is the report in a sentence.
func (r Report) summary() string {
	touched := make(map[string]bool)
	for _, floor := range r.Floors {
		for _, hpa := range floor.HPAs {
			touched[hpa.Namespace+"/"+hpa.Name] = true
		}
	}
	over := fmt.Sprintf("from %s to %s", r.From.Format(dayLayout+" MST"), r.To.Format(dayLayout+" MST"))
	switch {
	case r.Same() && len(r.Entries) == 0:
		return "No floor changes " + over + "."
	case r.Same():
		return "Entries differ, but no floor changes " + over + "."
	case r.Assumed:
		return fmt.Sprintf("Floors change for %d of the %d targets that the schedules name, %s.", len(touched), r.HPAs, over)
	default:
		return fmt.Sprintf("Floors change for %d of %d HorizontalPodAutoscalers, %s.", len(touched), r.HPAs, over)
	}
}

// assumption says what is not known of the HPAs.
const assumption = "Nobody said which HorizontalPodAutoscalers there are, so each target stands for one, with a baseline of 1, or of 100 " +
	"where an entry asks for a percentage. Give --hpas or --live for the real ones."

// why says which entries are the reason of a change.
func (f Floor) why() string {
	switch {
	case f.Old == "":
		return "raised by " + f.New
	case f.New == "":
		return "no longer raised by " + f.Old
	case f.Old == f.New:
		return f.New + " asks for another floor"
	default:
		return f.New + " instead of " + f.Old
	}
}

// when says at what time the HPAs change, and how often.
func (f Floor) when() string {
	if f.Times == 1 {
		return Span(f.From, f.To)
	}
	begins, lasts := f.From.Format(withSeconds(clockLayout, f.From)), "for "+length(f.To.Sub(f.From))
	if f.To.Format(time.DateOnly) == f.From.Format(time.DateOnly) {
		lasts = fmt.Sprintf("to %s (%s)", f.To.Format(withSeconds(clockLayout, f.To)), length(f.To.Sub(f.From)))
	}
	return fmt.Sprintf("%s %s %s, %d times, from %s to %s", weekdays(f.Days), begins, lasts, f.Times,
		f.From.Format(time.DateOnly), f.Last.Format(time.DateOnly))
}

// inUTC says the same in UTC where that is one span; a local time that comes again has more than one in UTC.
func (f Floor) inUTC() string {
	if f.Times > 1 {
		return ""
	}
	return stretch(f.From.UTC(), f.To.UTC())
}

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
	if e.Moved != "" {
		return "moves " + e.Moved
	}
	return string(e.Kind)
}

// absent stands for a field that is not given.
const absent = "none"

func (f Field) before() string { return cmp.Or(f.Old, absent) }
func (f Field) after() string  { return cmp.Or(f.New, absent) }
