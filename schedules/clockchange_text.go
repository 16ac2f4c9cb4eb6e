package schedules

import (
	"fmt"
	"strings"
	"time"
)

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
	text := fmt.Sprintf("on %s it %s: %s to %s", c.Date, what, c.when(c.From, c.Date), c.when(c.To, c.startDate()))
	if len(why) > 0 {
		text += " (" + strings.Join(why, ", ") + ")"
	}
	return text
}

// startDate returns the local date of the actual start, which is the day before if midnight is skipped.
func (c ClockChange) startDate() Date { return DateOf(c.From, c.From.Location()) }

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
	c := w.Clock
	if c > EndOfDay {
		c -= EndOfDay
	}
	if c%60 != 0 {
		return fmt.Sprintf("%02d:%02d:%02d", c/3600, c/60%60, c%60)
	}
	return fmt.Sprintf("%02d:%02d", c/3600, c/60%60)
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
