package plan

import (
	"iter"
	"slices"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// timetable holds changes by time, those of an instant by HPA. A year of 1,000 HPAs can have millions.
type timetable struct {
	instants []int64 // in nanoseconds since 1970
	starts   []int32 // where those of each instant begin in places; one more than there are instants
	places   []place
}

// place is where a change is found: the number of the HPA, and the change's index there.
type place struct{ hpa, index int32 }

// arrange sorts the changes of HPAs, which all yields by index and instant. It counts instead of comparing, because the
// instants of a fleet are few.
func arrange(outlooks []forecast.Outlook, all func(*forecast.Outlook) iter.Seq2[int, int64]) timetable {
	var t timetable
	counts := make(map[int64]int32)
	for i := range outlooks {
		for _, at := range all(&outlooks[i]) {
			counts[at]++
		}
	}
	for at := range counts {
		t.instants = append(t.instants, at)
	}
	slices.Sort(t.instants)
	t.starts = make([]int32, 0, len(t.instants)+1)
	next := int32(0)
	for _, at := range t.instants {
		t.starts = append(t.starts, next)
		next, counts[at] = next+counts[at], next
	}
	t.starts = append(t.starts, next)
	t.places = make([]place, next)
	for i := range outlooks {
		for index, at := range all(&outlooks[i]) {
			t.places[counts[at]] = place{int32(i), int32(index)}
			counts[at]++
		}
	}
	return t
}

// at returns the changes of the i-th instant.
func (t *timetable) at(i int) []place { return t.places[t.starts[i]:t.starts[i+1]] }

// eachStep yields every change of an HPA. One that no entry may cover has none, whatever the schedule asks.
func eachStep(o *forecast.Outlook) iter.Seq2[int, int64] {
	return func(yield func(int, int64) bool) {
		for k := 1; k < o.Len() && o.Refusal == ""; k++ {
			if !yield(k, o.Instant(k)) {
				return
			}
		}
	}
}

// eachChange yields the changes of an HPA, a ramp as one.
func eachChange(o *forecast.Outlook) iter.Seq2[int, int64] {
	return func(yield func(int, int64) bool) {
		for change := range o.Changes() {
			if !yield(change.Index, change.After.From.UnixNano()) {
				return
			}
		}
	}
}
