package diff

import (
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// Kind says what became of an entry.
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
	Kind        Kind
	Name        string
	Title       string // "event cup-final"
	Description string
	Fields      []Field
	// Moved says how the entry moves, such as "moves 1h later"; "" where it does not.
	Moved string
	// Like is the name of a removed entry that an added one takes after, and But are the fields in which they differ.
	// It is the earlier name of a renamed one.
	Like string
	But  []Field
	// Occurrences are those of an event, in either schedule, leads and ramps included; none for a window.
	Occurrences []Range
}

// Entries compares the entries of two schedules, in the order of the later one and then those that it lacks, from an
// instant on. Times of events are told in its zone.
func Entries(before, after *schedules.Schedule, from time.Time) []Entry {
	old, current := described(before, from.Location()), described(after, from.Location())
	var all []Entry
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
		all[i].Description = description(all[i].Name, after, before)
		all[i].Occurrences = occurrences(all[i].Name, before, after)
		all[i].Moved = moved(all[i].Name, before, after, from)
	}
	return related(all, old, current)
}

// description returns the description of an entry in the first schedule that has the entry.
func description(name string, all ...*schedules.Schedule) string {
	for _, schedule := range all {
		if entry := schedule.Entry(name); entry != nil {
			return entry.Description
		}
	}
	return ""
}

// occurrences returns the times that an event takes in schedules, leads and ramps included.
func occurrences(name string, all ...*schedules.Schedule) []Range {
	var some []Range
	for _, schedule := range all {
		if event := schedule.Event(name); event != nil {
			some = append(some, Range{event.Span().Opens(), event.Span().Closes()})
		}
	}
	return some
}

// differing returns the fields in which two descriptions differ, which are of the same kind if both are given.
func differing(before, after []Field) []Field {
	var all []Field
	for i := range max(len(before), len(after)) {
		field := Field{}
		if i < len(before) {
			field.Name, field.Old = before[i].Name, before[i].New
		}
		if i < len(after) {
			field.Name, field.New = after[i].Name, after[i].New
		}
		if field.Old != field.New {
			all = append(all, field)
		}
	}
	return all
}
