package diff

import (
	"slices"
	"strings"
)

// related tells each added entry by what it differs in from the removed one that is most like it, if there is such a one.
// One that differs in nothing but its name is renamed. The fields of all entries are given by title.
func related(all []Entry, old, current map[string][]Field) []Entry {
	renamed := make(map[string]bool)
	for i := range all {
		added := &all[i]
		for j := range all {
			if removed := &all[j]; !renamed[removed.Name] {
				added.compare(removed, differing(old[removed.Title], current[added.Title]))
			}
		}
		if added.Like != "" && len(added.But) == 0 {
			added.Kind, added.Fields = Renamed, nil
			renamed[added.Like] = true
		}
	}
	return slices.DeleteFunc(all, func(e Entry) bool { return e.Kind == Removed && renamed[e.Name] })
}

// compare notes the removed entry if an added one takes after it, and after none more that was compared before.
func (e *Entry) compare(removed *Entry, but []Field) {
	if e.Kind == Added && removed.Kind == Removed && alike(e, removed, but) && (e.Like == "" || len(but) < len(e.But)) {
		e.Like, e.But = removed.Name, but
	}
}

// alike says whether two entries that differ in these fields are so much alike that one is best told by the other: events
// at the same time, windows in all but two respects.
func alike(added, removed *Entry, but []Field) bool {
	return added.kind() == removed.kind() && len(but) <= 2 && !slices.ContainsFunc(but, func(f Field) bool { return f.Name == "time" })
}

// kind is what an entry is: a window or an event.
func (e *Entry) kind() string { return strings.TrimSuffix(e.Title, " "+e.Name) }
