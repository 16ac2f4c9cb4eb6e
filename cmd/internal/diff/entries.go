package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// Kind is what became of an entry.
type Kind string

// The values of Kind.
const (
	Added   Kind = "added"
	Removed Kind = "removed"
	Renamed Kind = "renamed" // and nothing else
	Changed Kind = "changed"
)

// Entry is an entry that one of two schedules lacks, or that they have differently.
type Entry struct {
	Name        string  `json:"name"`
	Title       string  `json:"title"` // "event cup-final"
	Description string  `json:"description,omitempty"`
	Kind        Kind    `json:"change"`
	Moved       string  `json:"moved,omitempty"` // such as "moves 1h later"; "" where the entry does not move
	Like        string  `json:"like,omitempty"`  // the removed entry that an added one resembles, or the earlier name of a renamed one
	Fields      []Field `json:"fields"`

	But         []Field `json:"-"` // in which an added entry differs from the one that it resembles
	Occurrences []Range `json:"-"` // of an event, in either schedule, leads and ramps included; none for a window
}

// Entries compares the entries of two schedules, in the order of the later one and then those that it lacks, from an
// instant on. Times of events are in its zone.
func Entries(before, after *schedules.Schedule, from time.Time) []Entry {
	old, current := describe(before, from.Location()), describe(after, from.Location())
	all := []Entry{}
	for _, name := range after.Names() {
		title := after.Title(name)
		entry := Entry{Kind: Changed, Name: name, Title: title, Fields: differing(old[title], current[title])}
		if old[title] == nil {
			entry.Kind = Added
		}
		if len(entry.Fields) > 0 {
			all = append(all, entry)
		}
	}
	for _, name := range before.Names() {
		if title := before.Title(name); current[title] == nil {
			all = append(all, Entry{Kind: Removed, Name: name, Title: title, Fields: differing(old[title], nil)})
		}
	}
	for i := range all {
		name := all[i].Name
		all[i].Description = cmp.Or(after.Entry(name), before.Entry(name)).Description
		for _, schedule := range []*schedules.Schedule{before, after} {
			if event := schedule.Event(name); event != nil {
				all[i].Occurrences = append(all[i].Occurrences, Range{event.Span().Opens(), event.Span().Closes()})
			}
		}
		all[i].Moved = describeMove(name, before, after, from)
	}
	return matchRemoved(all, old, current)
}

// matchRemoved matches each added entry with the most similar removed one, and records only their differences: events must
// be at the same time, and differ in two fields at most. One that differs in nothing but its name is renamed.
//
// All removed entries are asked whether they are equal. How similar they are is asked of the first ones only, so that an
// edit of thousands of entries does not cost the comparison of each with each.
func matchRemoved(all []Entry, old, current map[string][]Field) []Entry {
	const most = 400
	renamed, equal, alike := make(map[string]bool), make(map[string][]*Entry), make(map[string][]*Entry)
	for i := range all {
		if removed := &all[i]; removed.Kind == Removed {
			same, like := keys(old[removed.Title])
			equal[same], alike[like] = append(equal[same], removed), append(alike[like], removed)
		}
	}
	for i := range all {
		added := &all[i]
		if added.Kind != Added {
			continue
		}
		same, like := keys(current[added.Title])
		if found := equal[same]; len(found) > 0 {
			added.Like, added.Kind, added.Fields = found[0].Name, Renamed, []Field{}
			equal[same], renamed[found[0].Name] = found[1:], true
			continue
		}
		for len(alike[like]) > 0 && renamed[alike[like][0].Name] {
			alike[like] = alike[like][1:]
		}
		for _, removed := range alike[like][:min(most, len(alike[like]))] {
			if !renamed[removed.Name] {
				added.compare(removed, differing(old[removed.Title], current[added.Title]))
			}
		}
	}
	return slices.DeleteFunc(all, func(e Entry) bool { return e.Kind == Removed && renamed[e.Name] })
}

// keys returns a key that is the same for equal entries, and one that is the same for those that may be similar: all windows,
// and events at one time.
func keys(fields []Field) (same, like string) {
	if fields[0].Name == "time" {
		like = fields[0].New
	}
	return fmt.Sprintf("%q", fields), like
}

// compare describes an added entry by its differences from a removed one, if no other is more similar.
func (e *Entry) compare(removed *Entry, but []Field) {
	if len(but) <= 2 && (e.Like == "" || len(but) < len(e.But)) {
		e.Like, e.But = removed.Name, but
	}
}

func (e Entry) outcome() string {
	switch {
	case e.Moved != "":
		return e.Moved
	case e.Kind == Renamed:
		return "renamed from " + e.Like + ", nothing else changes"
	case e.Like != "":
		return "added, like " + e.Like + " but for"
	default:
		return string(e.Kind)
	}
}

func (e Entry) summary() string {
	return text.Cut(strings.Join(strings.Fields(e.Description), " "), 120)
}

// describeMove returns how an event, or a window in another zone, moves from one schedule to another, and "" where it does
// not.
func describeMove(name string, before, after *schedules.Schedule, from time.Time) string {
	if old, current := before.Event(name), after.Event(name); old != nil && current != nil {
		return moveEvent(old, current)
	}
	if old, current := before.Window(name), after.Window(name); old != nil && current != nil && old.Location.String() != current.Location.String() {
		return moveWindow(old, current, from)
	}
	return ""
}

// moveWindow returns how much later or earlier a window starts by the clock of its other zone, in the year from an instant
// on.
func moveWindow(old, current *schedules.Window, from time.Time) string {
	var least, most time.Duration
	first := schedules.DateOf(from, current.Location)
	for date := first; date <= first+365; date++ {
		by := schedules.StartInstant(date, current.Start, current.Location).Sub(schedules.StartInstant(date, old.Start, old.Location))
		if date == first {
			least, most = by, by
		}
		least, most = min(least, by), max(most, by)
	}
	if most <= 0 {
		least, most = most, least // the shorter one first
	}
	by := delay(most)
	switch {
	case most == 0:
		by = "at the same time"
	case least == most:
	case least == 0:
		by = "up to " + by
	case least < 0 == (most < 0):
		by = schedules.FormatDuration(least.Abs()) + " to " + by
	default:
		by = delay(least) + " to " + by
	}
	return fmt.Sprintf("starts %s: %s in %s becomes %s in %s", by, old.Start, old.Location, current.Start, current.Location)
}

// moveEvent returns how an event moves: on the clock, and in elapsed time as well where a clock shift makes that another.
func moveEvent(old, current *schedules.Event) string {
	wall := func(t time.Time) time.Time { // as if there were no zones
		_, offset := t.In(current.Location).Zone()
		return t.Add(time.Duration(offset) * time.Second)
	}
	onClock := move(wall(current.Start).Sub(wall(old.Start)), wall(current.End).Sub(wall(old.End)))
	elapsed := move(current.Start.Sub(old.Start), current.End.Sub(old.End))
	switch {
	case onClock == elapsed:
		return onClock
	case onClock == "":
		return elapsed + " in elapsed time, at the same time on the clock"
	case elapsed == "":
		return onClock + " on the clock, at the same time"
	default:
		return onClock + " on the clock, " + elapsed + " in elapsed time"
	}
}

func move(start, end time.Duration) string {
	switch {
	case start == 0 && end == 0:
		return ""
	case start == end:
		return "moves " + delay(start)
	case start == 0:
		return "ends " + delay(end)
	case end == 0:
		return "starts " + delay(start)
	default:
		return "starts " + delay(start) + " and ends " + delay(end)
	}
}

func delay(d time.Duration) string {
	if d < 0 {
		return schedules.FormatDuration(-d) + " earlier"
	}
	return schedules.FormatDuration(d) + " later"
}
