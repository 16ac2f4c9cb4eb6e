package changes

import (
	"cmp"
	"fmt"
	"time"

	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// Report is all that is told of an edit.
type Report struct {
	Entries  []Entry
	Floors   []Floor
	HPAs     int  // how many were looked at
	Assumed  bool // they stand for what the schedules name, and their baselines are assumed
	Warnings []string
	From, To time.Time // what was looked at, in the zone in which times are told
	Now      time.Time // what ends before is marked as over; the zero time marks nothing
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
	days := regularly(f.Dates)
	if days == "" {
		return fmt.Sprintf("%s %s %s", begins, lasts, someOf(f.Dates))
	}
	return fmt.Sprintf("%s %s %s, %d times, from %s to %s", days, begins, lasts, f.Times,
		f.From.Format(time.DateOnly), f.Last.Format(time.DateOnly))
}

// inUTC says the same in UTC where that is one span; a local time that comes again has more than one in UTC.
func (f Floor) inUTC() string {
	if f.Times > 1 {
		return ""
	}
	return stretch(f.From.UTC(), f.To.UTC())
}

// over says whether all of a change lies in the past.
func (r Report) over(f Floor) bool {
	end := f.To
	if f.Times > 1 {
		end = f.Last.Add(f.To.Sub(f.From))
	}
	return !end.After(r.Now)
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
		return e.Moved
	}
	return string(e.Kind)
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
