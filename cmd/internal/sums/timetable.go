package sums

import (
	"iter"
	"slices"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// Timetable holds changes by time, those of an instant by HPA. A year of 1,000 HPAs can have millions.
type Timetable struct {
	Instants []int64 // in nanoseconds since 1970
	starts   []int32 // where those of each instant begin in places; one more than there are instants
	Places   []Place
}

// Place is where a change is found: the number of the HPA, and the change's index there.
type Place struct{ HPA, Index int32 }

// Arrange sorts the changes of HPAs, which all yields by index and instant. It counts instead of comparing, because the
// instants of a fleet are few.
func Arrange(outlooks []forecast.Outlook, all func(*forecast.Outlook) iter.Seq2[int, int64]) Timetable {
	var t Timetable
	counts := make(map[int64]int32)
	for i := range outlooks {
		for _, at := range all(&outlooks[i]) {
			counts[at]++
		}
	}
	for at := range counts {
		t.Instants = append(t.Instants, at)
	}
	slices.Sort(t.Instants)
	t.starts = make([]int32, 0, len(t.Instants)+1)
	next := int32(0)
	for _, at := range t.Instants {
		t.starts = append(t.starts, next)
		next, counts[at] = next+counts[at], next
	}
	t.starts = append(t.starts, next)
	t.Places = make([]Place, next)
	for i := range outlooks {
		for index, at := range all(&outlooks[i]) {
			t.Places[counts[at]] = Place{int32(i), int32(index)}
			counts[at]++
		}
	}
	return t
}

// At returns the changes of the i-th instant.
func (t *Timetable) At(i int) []Place { return t.Places[t.starts[i]:t.starts[i+1]] }

// EachStep yields every change of an HPA. One that no entry may cover has none, whatever the schedule asks.
func EachStep(o *forecast.Outlook) iter.Seq2[int, int64] {
	return func(yield func(int, int64) bool) {
		for k := 1; k < o.Len() && o.Refusal == ""; k++ {
			if !yield(k, o.Instant(k)) {
				return
			}
		}
	}
}

// EachChange yields the changes of an HPA, a ramp as one.
func EachChange(o *forecast.Outlook) iter.Seq2[int, int64] {
	return func(yield func(int, int64) bool) {
		for change := range o.Changes() {
			if !yield(change.Index, change.After.From.UnixNano()) {
				return
			}
		}
	}
}
