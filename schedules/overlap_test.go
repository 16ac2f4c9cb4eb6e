package schedules_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/schedules"
)

func TestOverlaps(t *testing.T) {
	daily := func(name, start, end string, replicas int32) schedules.Window {
		return window(t, name, start, end, all(replicas))
	}
	suspended := daily("suspended", "09:00", "23:00", 50)
	suspended.Suspend = true
	long := daily("long", "20:00", "24:00", 5)
	long.Duration = 30 * time.Hour
	led := daily("led", "20:00", "21:00", 5)
	led.LeadTime = 24 * time.Hour
	ramped := daily("a-ramped", "10:00", "12:00", 12)
	ramped.RampDown = 100 * time.Minute

	tests := map[string]struct {
		windows []schedules.Window
		events  []schedules.Event
		want    []line
	}{
		"the largest floor wins while it stands": {
			windows: []schedules.Window{daily("low", "10:00", "14:00", 5), daily("high", "11:00", "13:00", 9)},
			want: []line{
				{"12-01 00:00:00", 0, "", ""},
				{"12-01 10:00:00", 5, "low", "12-01 14:00:00"},
				{"12-01 11:00:00", 9, "high", "12-01 13:00:00"},
				{"12-01 13:00:00", 5, "low", "12-01 14:00:00"},
				{"12-01 14:00:00", 0, "", ""},
			},
		},
		"of equal floors the one that ends last is named": {
			windows: []schedules.Window{daily("a", "10:00", "12:00", 5), daily("b", "11:00", "13:00", 5), daily("c", "11:00", "12:30", 5)},
			want: []line{
				{"12-01 00:00:00", 0, "", ""},
				{"12-01 10:00:00", 5, "a", "12-01 12:00:00"},
				{"12-01 11:00:00", 5, "b", "12-01 13:00:00"},
				{"12-01 13:00:00", 0, "", ""},
			},
		},
		"of equal floors and ends the first by name is named": {
			windows: []schedules.Window{daily("b", "10:00", "13:00", 5), daily("a", "11:00", "13:00", 5)},
			events:  []schedules.Event{event(t, "c", "2026-12-01T09:00:00Z", "2026-12-01T13:00:00Z", 0, all(5))},
			want: []line{
				{"12-01 00:00:00", 0, "", ""},
				{"12-01 09:00:00", 5, "c", "12-01 13:00:00"},
				{"12-01 10:00:00", 5, "b", "12-01 13:00:00"},
				{"12-01 11:00:00", 5, "a", "12-01 13:00:00"},
				{"12-01 13:00:00", 0, "", ""},
			},
		},
		"entries that meet leave no gap": {
			windows: []schedules.Window{daily("a", "10:00", "12:00", 5), daily("b", "12:00", "13:00", 5)},
			want: []line{
				{"12-01 00:00:00", 0, "", ""},
				{"12-01 10:00:00", 5, "a", "12-01 12:00:00"},
				{"12-01 12:00:00", 5, "b", "12-01 13:00:00"},
				{"12-01 13:00:00", 0, "", ""},
			},
		},
		"a suspended window is not there": {
			windows: []schedules.Window{suspended, daily("low", "10:00", "14:00", 5)},
			want: []line{
				{"12-01 00:00:00", 0, "", ""}, {"12-01 10:00:00", 5, "low", "12-01 14:00:00"}, {"12-01 14:00:00", 0, "", ""},
			},
		},
		"30 hours from 20:00 every day: at 20:00 the next one takes over": {
			windows: []schedules.Window{long},
			want: []line{
				{"12-01 00:00:00", 5, "long", "12-02 02:00:00"}, {"12-01 20:00:00", 5, "long", "12-03 02:00:00"},
			},
		},
		"a lead of a day: the next night's floor stands before this one's ends": {
			windows: []schedules.Window{led},
			want: []line{
				{"12-01 00:00:00", 5, "led", "12-01 21:00:00"}, {"12-01 20:00:00", 5, "led", "12-02 21:00:00"},
			},
		},
		"a floor that a ramp has come down to is named by what stands longer": {
			windows: []schedules.Window{ramped, daily("steady", "11:00", "12:25", 10)},
			want: []line{
				{"12-01 00:00:00", 0, "", ""},
				{"12-01 10:00:00", 12, "a-ramped", "12-01 12:00:00"},
				{"12-01 12:00:00", 11, "a-ramped", "12-01 12:10:00"},
				{"12-01 12:10:00", 10, "steady", "12-01 12:25:00"},
				{"12-01 12:25:00", 9, "a-ramped", "12-01 12:30:00"},
				{"12-01 12:30:00", 8, "a-ramped", "12-01 12:40:00"},
				{"12-01 12:40:00", 7, "a-ramped", "12-01 12:50:00"},
				{"12-01 12:50:00", 6, "a-ramped", "12-01 13:00:00"},
				{"12-01 13:00:00", 5, "a-ramped", "12-01 13:10:00"},
				{"12-01 13:10:00", 4, "a-ramped", "12-01 13:20:00"},
				{"12-01 13:20:00", 3, "a-ramped", "12-01 13:30:00"},
				{"12-01 13:30:00", 0, "", ""},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				got := lines(t, schedules.New(test.windows, test.events), hpa, "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z")
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				test.windows = slices.Clone(test.windows)
				slices.Reverse(test.windows)
			}
		})
	}
}

func TestAnEmptyScheduleAsksForNothing(t *testing.T) {
	schedule := schedules.New(nil, nil)
	if d := schedule.At(hpa, instant(t, "2026-12-01T00:00:00Z")); d != (schedules.Decision{}) {
		t.Errorf("got %+v, want nothing, for ever", d)
	}
	want := []line{{"12-01 00:00:00", 0, "", ""}}
	if diff := cmp.Diff(want, lines(t, schedule, hpa, "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := lines(t, schedule, hpa, "2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z"); got != nil {
		t.Errorf("a timeline of no length has segments: %v", got)
	}
}

func TestATimelineStopsWhenAsked(t *testing.T) {
	schedule := schedules.New([]schedules.Window{window(t, "w", "10:00", "12:00", all(5))}, nil)
	var seen int
	for range schedule.Timeline(hpa, instant(t, "2026-12-01T00:00:00Z"), instant(t, "2027-12-01T00:00:00Z")) {
		if seen++; seen == 3 {
			break
		}
	}
	if seen != 3 {
		t.Errorf("saw %d segments, want 3", seen)
	}
}

// An edge of another entry that changes nothing for this HPA ends no segment, and moves the segment's own next edge.
func TestASegmentsNextEdgeLiesNotBeforeItsEnd(t *testing.T) {
	schedule := schedules.New([]schedules.Window{
		window(t, "high", "08:00", "18:00", all(9)), window(t, "low", "10:00", "12:00", all(5)),
	}, nil)
	to := instant(t, "2026-12-01T17:00:00Z")
	segments := slices.Collect(schedule.Timeline(hpa, instant(t, "2026-12-01T09:00:00Z"), to))
	if len(segments) != 1 || !segments[0].To.Equal(to) || !segments[0].Next.Equal(instant(t, "2026-12-01T18:00:00Z")) {
		t.Errorf("got %+v, want one segment whose next edge is at 18:00", segments)
	}
}
