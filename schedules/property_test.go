package schedules_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// answer is what DESIGN promises of a decision, comparable.
type answer struct {
	Floor        int64
	Because      string
	Until, Since string
}

func text(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func answerOf(d schedules.Decision) answer {
	return answer{int64(d.Floor), d.Because, text(d.Until), text(d.Since)}
}

func (o *oracle) answer(t time.Time) answer {
	floor, because, until, since := o.at(t)
	return answer{floor, because, text(until), text(since)}
}

// drawInstants draws instants at which things may be wrong: on the edges of all steps, just before, and anywhere near.
func drawInstants(t *rapid.T, w *world, o *oracle) []time.Time {
	var edges []time.Time
	for _, s := range o.stretches(w.center) {
		if s.from.Sub(w.center).Abs() < 2*24*time.Hour {
			edges = append(edges, s.from)
		}
		if s.to.Sub(w.center).Abs() < 2*24*time.Hour {
			edges = append(edges, s.to)
		}
	}
	var all []time.Time
	for range 6 {
		minutes := rapid.IntRange(-3*24*60, 3*24*60).Draw(t, "minutes")
		all = append(all, w.center.Add(time.Duration(minutes)*time.Minute/8))
		if len(edges) > 0 {
			off := rapid.SampledFrom([]time.Duration{-time.Second, -1, 0, 1, time.Minute}).Draw(t, "off")
			all = append(all, rapid.SampledFrom(edges).Draw(t, "edge").Add(off))
		}
	}
	return all
}

func TestAtEqualsTheOracle(t *testing.T) {
	for name, ramps := range map[string]bool{"without ramps": false, "with ramps": true} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				w := drawWorld(t, ramps)
				o := newOracle(w.windows, w.events, w.hpa)
				schedule := w.schedule()
				for _, at := range drawInstants(t, w, o) {
					d := schedule.At(w.hpa, at)
					if diff := cmp.Diff(o.answer(at), answerOf(d)); diff != "" {
						t.Fatalf("At(%s) differs from the oracle (-want +got):\n%s", text(at), diff)
					}
					checkConstant(t, o, at, d)
				}
			})
		})
	}
}

// checkConstant checks with the oracle that a decision holds over [at, Next).
func checkConstant(t *rapid.T, o *oracle, at time.Time, d schedules.Decision) {
	last := d.Next.Add(-1)
	if d.Next.IsZero() {
		last = at.AddDate(30, 0, 0)
	} else if !d.Next.After(at) {
		t.Fatalf("At(%s).Next = %s, want a later instant", text(at), text(d.Next))
	}
	between := at.Add(time.Duration(rapid.Int64Range(0, int64(last.Sub(at))).Draw(t, "between")))
	want := answerOf(d)
	for _, later := range []time.Time{between, last} {
		if diff := cmp.Diff(want, o.answer(later)); diff != "" {
			t.Fatalf("At(%s) stands until %s, but not at %s (-want +got):\n%s", text(at), text(d.Next), text(later), diff)
		}
	}
}

func TestDecisionsAreConsistent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { consistent(t) })
}

// consistent checks what must hold of any decision, whatever the schedule.
func consistent(t *rapid.T) {
	w := drawWorld(t, true)
	schedule := w.schedule()
	for range 10 {
		at := w.center.Add(time.Duration(rapid.Int64Range(-4*day, 4*day).Draw(t, "off")) * time.Second)
		d := schedule.At(w.hpa, at)
		if open := d.Floor > 0; open != (d.Because != "") || open == d.Since.IsZero() || open == d.Until.IsZero() {
			t.Fatalf("floor, because, since and until do not agree: %+v", d)
		}
		if d.Floor > 0 && (d.Since.After(at) || !d.Until.After(at) || d.Next.IsZero()) {
			t.Fatalf("want since <= %s < until and a next edge: %+v", text(at), d)
		}
		if d.Floor > 0 && d.Next.After(d.Until) {
			t.Fatalf("the floor falls before the next edge: %+v", d)
		}
		if d.Floor > d.Full || (d.Floor == d.Full) != (d.Ramp == schedules.Steady) {
			t.Fatalf("floor, full floor and ramp do not agree: %+v", d)
		}
		if !d.Next.IsZero() && !d.Next.After(at) {
			t.Fatalf("next is not after %s: %+v", text(at), d)
		}
		checkAlone(t, w, at, d)
		checkShuffled(t, w, at, d)
	}
}

// checkAlone checks that the floor is the largest of what each entry asks for alone; the windows that an event
// multiplies stay with it, and they alone never ask for more.
func checkAlone(t *rapid.T, w *world, at time.Time, d schedules.Decision) {
	largest := schedules.New(w.windows, nil).At(w.hpa, at).Floor
	for i := range w.windows {
		largest = max(largest, schedules.New(w.windows[i:i+1], nil).At(w.hpa, at).Floor)
	}
	for i := range w.events {
		event := &w.events[i]
		alone := schedules.New(w.windows, w.events[i:i+1])
		largest = max(largest, alone.At(w.hpa, at).Floor)
		for _, claim := range alone.Claims(w.hpa, at) {
			multiplied := alone.Multiplied(event, w.hpa)
			if want := event.Multiplier.Of(multiplied.Amount); event.Multiplier > 0 && claim.Because == event.Name && claim.Full != want {
				t.Fatalf("the event asks for %d, and multiplies %+v, which is %d", claim.Full, multiplied, want)
			}
		}
	}
	if d.Floor != largest {
		t.Fatalf("At(%s).Floor = %d, but the largest that an entry asks for is %d", text(at), d.Floor, largest)
	}
}

func checkShuffled(t *rapid.T, w *world, at time.Time, d schedules.Decision) {
	windows, events := slices.Clone(w.windows), slices.Clone(w.events)
	slices.Reverse(windows)
	slices.Reverse(events)
	if len(windows) > 0 {
		windows = rapid.Permutation(windows).Draw(t, "order")
	}
	if got := schedules.New(windows, events).At(w.hpa, at); !sameInstants(got, d) {
		t.Fatalf("another order of the entries gives another decision:\n%+v\n%+v", d, got)
	}
}

// sameInstants reports whether two decisions are the same, in whatever zone Next is.
func sameInstants(a, b schedules.Decision) bool {
	next := a.Next.Equal(b.Next)
	a.Next, b.Next = time.Time{}, time.Time{}
	return next && a == b
}

func TestTimelineWalksAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { walk(t) })
}

// walk checks that a timeline has no gaps, that neighbours differ, and that it holds at every instant what At returns.
func walk(t *rapid.T) {
	w := drawWorld(t, true)
	schedule := w.schedule()
	from := w.center.Add(-time.Duration(rapid.Int64Range(0, 3*day).Draw(t, "before")) * time.Second)
	to := w.center.Add(time.Duration(rapid.Int64Range(1, 4*day).Draw(t, "after")) * time.Second)
	segments := slices.Collect(schedule.Timeline(w.hpa, from, to))
	if len(segments) == 0 || len(segments) > 2000 {
		t.Fatalf("%d segments from %s to %s", len(segments), text(from), text(to))
	}
	if first, last := segments[0], segments[len(segments)-1]; !first.From.Equal(from) || !last.To.Equal(to) {
		t.Fatalf("the timeline does not reach from %s to %s: %+v, %+v", text(from), text(to), first, last)
	}
	for i, s := range segments {
		if !s.From.Before(s.To) {
			t.Fatalf("an empty segment: %+v", s)
		}
		if !s.Next.IsZero() && s.Next.Before(s.To) {
			t.Fatalf("a segment outlasts its next edge: %+v", s)
		}
		if i > 0 && (!s.From.Equal(segments[i-1].To) || answerOf(s.Decision) == answerOf(segments[i-1].Decision) &&
			s.Ramp == segments[i-1].Ramp) {
			t.Fatalf("neighbours do not meet or do not differ: %+v, %+v", segments[i-1], s)
		}
		inside := s.From.Add(time.Duration(rapid.Int64Range(0, int64(s.To.Sub(s.From)-1)).Draw(t, "inside")))
		for _, at := range []time.Time{s.From, inside, s.To.Add(-1)} {
			if want, got := schedule.At(w.hpa, at), s.Decision; answerOf(want) != answerOf(got) || want.Ramp != got.Ramp {
				t.Fatalf("At(%s) and the timeline differ:\n%+v\n%+v", text(at), want, got)
			}
		}
	}
}

func TestALargerBaselineNeverLowersTheFloor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t, true)
		schedule := w.schedule()
		small := schedule.At(w.hpa, w.center)
		w.hpa.Baseline += rapid.Int32Range(1, 20).Draw(t, "more")
		if large := schedule.At(w.hpa, w.center); large.Floor < small.Floor {
			t.Fatalf("a larger baseline gives a smaller floor:\n%+v\n%+v", small, large)
		}
	})
}
