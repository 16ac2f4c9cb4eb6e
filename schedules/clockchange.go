package schedules

import (
	"fmt"
	"strings"
	"time"
)

// Wall is a date and a time of day as a wall clock shows them. Its Clock may exceed EndOfDay, on the days after.
type Wall struct {
	Date  Date
	Clock Clock
}

// Reading is how often a wall clock shows a time on a date.
type Reading int

// The values of Reading. A clock that goes forward skips times, one that goes back shows them twice.
const (
	Once Reading = iota
	Skipped
	Twice
)

// ClockChange is an occurrence of an entry that a shift of its zone affects, such as the begin of daylight saving time:
// its start or end is a wall-clock time that is skipped or shown twice, or it is longer or shorter than written. A
// duration is elapsed time, so a shift can affect only the start of such an entry.
type ClockChange struct {
	Entry      string
	Date       Date          // the local date on which the occurrence starts as written
	From, To   time.Time     // its start and end, leads and ramps aside, in the entry's zone
	Longer     time.Duration // how much longer it lasts than written; negative if it is shorter
	Start, End Reading       // End is Once where a duration is written
	StartWall  *Wall         // as written; nil where an offset is written
	EndWall    *Wall         // as written; nil where an offset or a duration is written
}

// ClockChanges returns the occurrences of unsuspended entries in [from, to) that a shift of their zone affects, by entry,
// windows first, then by date.
func (s *Schedule) ClockChanges(from, to time.Time) []ClockChange {
	var changes []ClockChange
	for i := range s.windows {
		if window := &s.windows[i]; !window.Suspend {
			changes = append(changes, window.ClockChanges(from, to)...)
		}
	}
	for i := range s.events {
		event := &s.events[i]
		if change, touched := event.ClockChange(); touched && !event.Suspend && change.within(from, to) {
			changes = append(changes, change)
		}
	}
	return changes
}

// ClockChanges returns the occurrences of the window in [from, to) that a shift of its zone affects, in order.
func (w *Window) ClockChanges(from, to time.Time) []ClockChange {
	var changes []ClockChange
	days := Date(w.length()/day) + 1
	done := DateOf(from, w.Location) - days - 1 // dates up to this one have been checked
	for _, shift := range Shifts(w.Location, from.Add(-w.length()-2*day), to.Add(2*day)) {
		around := DateOf(shift.At, w.Location)
		for date := max(done+1, around-days); date <= around+1; date++ {
			done = date
			if change, touched := w.clockChange(date); touched && change.within(from, to) {
				changes = append(changes, change)
			}
		}
	}
	return changes
}

// clockChange returns the occurrence that starts on the date, and whether there is one that a shift affects.
func (w *Window) clockChange(date Date) (ClockChange, bool) {
	if !w.startsOn(date) {
		return ClockChange{}, false
	}
	span := w.spanOn(date, &zone{loc: w.Location})
	change := ClockChange{
		Entry: w.Name, Date: date, From: span.From.Add(w.LeadTime), To: span.To, StartWall: &Wall{date, w.Start},
	}
	if w.Duration == 0 {
		change.EndWall = &Wall{date, w.endOffset()}
	}
	return change, change.examine(w.Location)
}

// ClockChange returns the occurrence of the event, and whether a shift of its zone affects it.
func (e *Event) ClockChange() (ClockChange, bool) {
	change := ClockChange{
		Entry: e.Name, Date: e.StartDate, From: e.Start.In(e.Location), To: e.End.In(e.Location),
		StartWall: e.StartWall, EndWall: e.EndWall,
	}
	return change, change.examine(e.Location)
}

// examine compares the occurrence with what is written and reports whether a shift affects it. If the shift itself skips
// the end, the end is the instant of the shift, as it would be without one.
func (c *ClockChange) examine(loc *time.Location) (touched bool) {
	if c.StartWall != nil && c.EndWall != nil {
		written := int(c.EndWall.Date-c.StartWall.Date)*secondsPerDay + int(c.EndWall.Clock-c.StartWall.Clock)
		c.Longer = c.To.Sub(c.From) - time.Duration(written)*time.Second
	}
	c.Start, c.End = c.StartWall.reading(loc), c.EndWall.reading(loc)
	_, before := c.To.Add(-1).Zone()
	_, after := c.To.Zone()
	harmless := c.End == Skipped && before != after
	return c.Longer != 0 || c.Start != Once || c.End != Once && !harmless
}

// Spanned reports whether the shift lies between start and end, and only makes the occurrence longer or shorter: neither its
// start nor its end, as written, is skipped or shown twice.
func (c *ClockChange) Spanned() bool { return c.Start == Once && c.End == Once }

// reading returns how often a clock in loc shows the time.
func (w *Wall) reading(loc *time.Location) Reading {
	if w == nil {
		return Once
	}
	earlier, later := readings(w.Date, w.Clock, loc)
	_, offset := time.Unix(earlier, 0).In(loc).Zone()
	switch {
	case earlier == later:
		return Once
	case earlier+int64(offset) == int64(w.Date)*secondsPerDay+int64(w.Clock):
		return Twice
	default:
		return Skipped
	}
}

func (c *ClockChange) within(from, to time.Time) bool {
	return from.Before(to) && c.To.After(from) && c.From.Before(to)
}

const day = 24 * time.Hour

// String returns a sentence: "on 2026-10-25 it lasts one hour longer than written: 01:30 CEST to 03:30 CET".
func (c ClockChange) String() string {
	what := "runs"
	switch {
	case c.Longer > 0:
		what = "lasts " + inWords(c.Longer) + " longer than written"
	case c.Longer < 0:
		what = "lasts " + inWords(-c.Longer) + " less than written"
	}
	var why []string
	for _, w := range []struct {
		wall    *Wall
		reading Reading
		twice   string
	}{{c.StartWall, c.Start, "it starts at the first"}, {c.EndWall, c.End, "it ends at the second"}} {
		switch w.reading {
		case Skipped:
			why = append(why, "there is no "+w.wall.clock())
		case Twice:
			why = append(why, w.wall.clock()+" comes twice and "+w.twice)
		}
	}
	started := DateOf(c.From, c.From.Location()) // the day before if midnight is skipped
	text := fmt.Sprintf("on %s it %s: %s to %s", c.Date, what, c.when(c.From, c.Date), c.when(c.To, started))
	if len(why) > 0 {
		text += " (" + strings.Join(why, ", ") + ")"
	}
	return text
}

// when returns the local time of an instant, with its date unless that is the expected one.
func (c ClockChange) when(t time.Time, expected Date) string {
	layout := "15:04 MST"
	if t.Second() != 0 {
		layout = "15:04:05 MST"
	}
	if date := DateOf(t, t.Location()); date != expected {
		return t.Format(layout) + " on " + date.String()
	}
	return t.Format(layout)
}

// clock returns the time as written; the end of a day is 24:00.
func (w *Wall) clock() string {
	if w.Clock > EndOfDay {
		return (w.Clock - EndOfDay).String()
	}
	return w.Clock.String()
}

func inWords(d time.Duration) string {
	switch {
	case d == time.Hour:
		return "one hour"
	case d%time.Hour == 0:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	default:
		return d.String()
	}
}
