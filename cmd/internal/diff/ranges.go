package diff

import (
	"slices"
	"time"
)

// ranges returns the range to look at, and further ones for the events that differ and take place outside of it, unless
// the user said where to look. Most edits concern an event, and it may be further away than a year, or over. It is looked
// at by itself: a mistyped year must not have a century looked at.
func (o *options) ranges(main Range, entries []Entry) (Range, []Range) {
	if o.From != "" || o.Flags.Changed("for") {
		return main, nil
	}
	const margin = time.Hour
	all := []Range{main}
	for _, entry := range entries {
		for _, occurrence := range entry.Occurrences {
			all = append(all, Range{
				From: occurrence.From.Add(-margin).In(main.From.Location()),
				To:   occurrence.To.Add(margin).In(main.From.Location()),
			})
		}
	}
	all = merged(all)
	i := slices.IndexFunc(all, func(r Range) bool { return !r.To.Before(main.To) })
	main = all[i]
	return main, slices.Delete(all, i, i+1)
}

// merged returns ranges in their order, and one for those that overlap.
func merged(all []Range) []Range {
	slices.SortFunc(all, func(a, b Range) int { return a.From.Compare(b.From) })
	some := all[:1]
	for _, next := range all[1:] {
		last := &some[len(some)-1]
		switch {
		case next.From.After(last.To):
			some = append(some, next)
		case next.To.After(last.To):
			last.To = next.To
		}
	}
	return some
}
