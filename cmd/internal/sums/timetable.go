package sums

import (
	"maps"
	"slices"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// Timetable holds changes by instant, in nanoseconds since 1970, and those of an instant by HPA. A year of 1,000 HPAs can
// have millions.
type Timetable struct {
	Instants []int64
	At       map[int64][]Place
	Count    int
}

// Place is where a change is found: the number of the HPA, and the index of the stretch that begins with the change.
type Place struct{ HPA, Index int32 }

// NewTimetable returns the changes of HPAs. A ramp is one change, unless each of its steps is wanted.
func NewTimetable(outlooks []forecast.Outlook, steps bool) Timetable {
	t := Timetable{At: make(map[int64][]Place)}
	for i := range outlooks {
		o := &outlooks[i]
		add := func(at int64, index int) {
			t.At[at] = append(t.At[at], Place{int32(i), int32(index)})
			t.Count++
		}
		if !steps {
			for change := range o.Changes() {
				add(change.After.From.UnixNano(), change.Index)
			}
			continue
		}
		for index := 1; index < o.Len() && o.Refusal == ""; index++ {
			add(o.Instant(index), index)
		}
	}
	t.Instants = slices.Sorted(maps.Keys(t.At))
	return t
}
